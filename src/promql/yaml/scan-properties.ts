import { isBlank, isBreakOrEnd, isSpaceOrEnd, NotYaml, type Reader } from './reader.ts'

const NAME = /[0-9A-Za-z_-]*/y

/** `&name` or `*name`. */
export function scanAnchor(reader: Reader): string {
  const from = reader.at
  reader.skip()
  const name = reader.match(NAME)
  reader.skip(name.length)
  if (name === '' || !(isSpaceOrEnd(reader.peek()) || '?:,]}%@`'.includes(reader.peek()))) {
    throw new NotYaml(from, 'an anchor or alias has a name of letters, digits, - and _')
  }
  return name
}

/** A tag: the handle says what the suffix is of; both in one where the handle is empty. */
export interface Tag {
  readonly handle: string
  readonly suffix: string
}

const HANDLE = /!(?:[0-9A-Za-z_-]*!)?/y
const URI = /(?:[0-9A-Za-z_;/?:@&=+$,.!~*'()[\]-]|%[0-9a-fA-F]{2})*/y

export function scanTag(reader: Reader): Tag {
  const from = reader.at
  const tag = reader.peek(1) === '<' ? verbatim(reader) : shorthand(reader)
  if (!isSpaceOrEnd(reader.peek())) throw new NotYaml(from, 'a tag ends with a space')
  return tag
}

function verbatim(reader: Reader): Tag {
  const from = reader.at
  reader.skip(2)
  const suffix = uri(reader)
  if (suffix === '' || reader.peek() !== '>') throw new NotYaml(from, "a tag '!<…>' is not closed")
  reader.skip()
  return { handle: '', suffix }
}

function shorthand(reader: Reader): Tag {
  const from = reader.at
  const handle = reader.match(HANDLE)
  reader.skip(handle.length)
  const suffix = uri(reader)
  if (handle.length > 1 && suffix === '') throw new NotYaml(from, `behind '${handle}' the name of a tag is missing`)
  return handle === '!' && suffix === '' ? { handle: '', suffix: '!' } : { handle, suffix }
}

function uri(reader: Reader): string {
  const written = reader.match(URI)
  reader.skip(written.length)
  if (reader.peek() === '%') throw new NotYaml(reader.at, "behind '%' stand two hexadecimal digits")
  try {
    return decodeURIComponent(written)
  } catch {
    throw new NotYaml(reader.at, 'the tag is not UTF-8')
  }
}

export type Directive = { readonly version: string } | { readonly handle: string; readonly prefix: string }

const VERSION = /%YAML[ \t]+(\d{1,2}\.\d{1,2})(?!\d)/y
const TAG = /%TAG[ \t]+(!(?:[0-9A-Za-z_-]*!)?)[ \t]+/y

/** `%YAML 1.1` or `%TAG ! prefix`, and the rest of its line. */
export function scanDirective(reader: Reader): Directive {
  const from = reader.at
  const directive = version(reader) ?? tagDirective(reader)
  if (!directive) throw new NotYaml(from, 'this %directive is not known')
  while (isBlank(reader.peek())) reader.skip()
  if (reader.peek() === '#') while (!isBreakOrEnd(reader.peek())) reader.skip()
  if (!isBreakOrEnd(reader.peek())) throw new NotYaml(reader.at, 'behind a %directive stands nothing else')
  if (reader.peek() !== '') reader.skipLine()
  return directive
}

function version(reader: Reader): Directive | undefined {
  const written = reader.match(VERSION)
  reader.skip(written.length)
  return written === ''
    ? undefined
    : {
        version: written
          .replace(/^%YAML[ \t]+/, '')
          .split('.')
          .map(Number)
          .join('.'),
      }
}

function tagDirective(reader: Reader): Directive | undefined {
  const written = reader.match(TAG)
  if (written === '') return undefined
  reader.skip(written.length)
  const prefix = uri(reader)
  if (prefix === '' || !isSpaceOrEnd(reader.peek())) throw new NotYaml(reader.at, 'a %TAG has a prefix')
  return { handle: written.split(/[ \t]+/)[1] ?? '', prefix }
}
