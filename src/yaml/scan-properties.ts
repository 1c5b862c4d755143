import { isSpaceOrEnd } from './characters.ts'
import type { TextReader } from './text-reader.ts'
import type { Tag } from './token.ts'
import { YamlError } from './yaml-error.ts'

const NAME = /[0-9A-Za-z_-]*/y

/** `&name` or `*name`. */
export function scanAnchor(reader: TextReader): string {
  const from = reader.at
  reader.skip()
  const name = reader.take(NAME)
  if (name === '' || !(isSpaceOrEnd(reader.peek()) || '?:,]}%@`'.includes(reader.peek()))) {
    throw new YamlError(from, ANCHOR_REFUSED)
  }
  return name
}

const ANCHOR_REFUSED =
  'an anchor or alias has a name of letters, digits, - and _; a text that begins with & or * needs quotes'

const HANDLE = /!(?:[0-9A-Za-z_-]*!)?/y
const URI = /(?:[0-9A-Za-z_;/?:@&=+$,.!~*'()[\]-]|%[0-9a-fA-F]{2})*/y

/** `!name`, `!!name`, `!handle!name`, `!<name>`. */
export function scanTag(reader: TextReader): Tag {
  const from = reader.at
  const tag = reader.peek(1) === '<' ? verbatim(reader) : shorthand(reader)
  if (!isSpaceOrEnd(reader.peek())) {
    throw new YamlError(from, "a tag ends with a space; a text that begins with '!' needs quotes")
  }
  return tag
}

function verbatim(reader: TextReader): Tag {
  const from = reader.at
  reader.skip(2)
  const suffix = readUri(reader)
  if (suffix === '' || reader.peek() !== '>') throw new YamlError(from, "a tag '!<…>' is not closed")
  reader.skip()
  return { handle: '', suffix }
}

function shorthand(reader: TextReader): Tag {
  const from = reader.at
  const handle = reader.take(HANDLE)
  const suffix = readUri(reader)
  if (handle.length > 1 && suffix === '') throw new YamlError(from, `behind '${handle}' the name of a tag is missing`)
  return handle === '!' && suffix === '' ? { handle: '', suffix: '!' } : { handle, suffix }
}

/** Of a tag, or of what a %TAG stands for. */
export function readUri(reader: TextReader): string {
  const written = reader.take(URI)
  if (reader.peek() === '%') throw new YamlError(reader.at, "behind '%' stand two hexadecimal digits")
  try {
    return decodeURIComponent(written)
  } catch {
    throw new YamlError(reader.at, 'the tag is not UTF-8')
  }
}
