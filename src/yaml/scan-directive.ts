import { isBreakOrEnd, isSpaceOrEnd } from './characters.ts'
import { readUri } from './scan-properties.ts'
import { COMMENT_AT_MOST, type TextReader } from './text-reader.ts'
import type { Directive } from './token.ts'
import { YamlError } from './yaml-error.ts'

const VERSION = /%YAML[ \t]+(\d{1,2}\.\d{1,2})(?!\d)/y
const TAG = /%TAG[ \t]+(!(?:[0-9A-Za-z_-]*!)?)[ \t]+/y

/** `%YAML 1.1` or `%TAG ! prefix`, and the rest of its line. */
export function scanDirective(reader: TextReader): Directive {
  const from = reader.at
  const directive = readVersion(reader) ?? readTagDirective(reader)
  if (!directive) {
    throw new YamlError(from, "this %directive is not known; a text that begins with '%' needs quotes")
  }
  reader.take(COMMENT_AT_MOST)
  if (!isBreakOrEnd(reader.peek())) throw new YamlError(reader.at, 'behind a %directive stands nothing else')
  if (reader.peek() !== '') reader.readBreak()
  return directive
}

function readVersion(reader: TextReader): Directive | undefined {
  const written = reader.take(VERSION)
  if (written === '') return undefined
  const [, version = ''] = written.split(/[ \t]+/)
  return { version: version.split('.').map(Number).join('.') }
}

function readTagDirective(reader: TextReader): Directive | undefined {
  const written = reader.take(TAG)
  if (written === '') return undefined
  const prefix = readUri(reader)
  if (prefix === '' || !isSpaceOrEnd(reader.peek())) throw new YamlError(reader.at, 'a %TAG has a prefix')
  return { handle: written.split(/[ \t]+/)[1] ?? '', prefix }
}
