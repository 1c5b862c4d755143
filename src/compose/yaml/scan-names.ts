import { isBlank, isBlankOrBreak, isBreak, isBreakOrEnd, REST_OF_LINE, type TextReader } from './text-reader.ts'
import { type Token, YamlError } from './token.ts'

const WORD = /[0-9A-Za-z_-]+/y
const BLANKS = /[ \t]+/y
const URI = /(?:[0-9A-Za-z_\-;/?:@&=+$,.!~*'()[\]]|%[0-9a-fA-F]{2})+/y
const HANDLE = /![0-9A-Za-z_-]*!?/y

/** `&name` or `*name`. */
export function scanAnchor(reader: TextReader, type: 'anchor' | 'alias'): Token {
  const start = reader.at
  const sign = reader.peek()
  reader.skip()
  const name = reader.take(WORD)
  const next = reader.peek()
  if (name === '' || !(isBlankOrBreak(next) || '?:,]}%@`'.includes(next))) {
    throw new YamlError(
      start,
      `'${sign}' begins a name of letters, digits, _ and -; a text that begins so needs quotes`,
    )
  }
  return { type, name, start, end: reader.at }
}

/** `!name`, `!!name`, `!handle!name`, `!<name>`. */
export function scanTag(reader: TextReader): Token {
  const start = reader.at
  const { handle, suffix } = readTag(reader)
  if (!isBlankOrBreak(reader.peek())) {
    throw new YamlError(start, "a tag (!name) ends with a space; a text that begins with '!' needs quotes")
  }
  return { type: 'tag', handle, suffix, start, end: reader.at }
}

function readTag(reader: TextReader): { readonly handle: string; readonly suffix: string } {
  const start = reader.at
  if (reader.peek(1) === '<') {
    reader.skip(2)
    const suffix = reader.take(URI)
    if (suffix === '' || reader.peek() !== '>') throw new YamlError(start, "'!<' is not followed by a tag and '>'")
    reader.skip()
    return { handle: '', suffix }
  }
  const handle = reader.take(HANDLE)
  const rest = reader.take(URI)
  if (handle.length > 1 && handle.endsWith('!')) {
    if (rest === '') throw new YamlError(start, `the tag '${handle}' has no name`)
    return { handle, suffix: decoded(rest) }
  }
  const suffix = decoded(handle.slice(1) + rest)
  return suffix === '' ? { handle: '', suffix: '!' } : { handle: '!', suffix }
}

function decoded(uri: string): string {
  try {
    return decodeURIComponent(uri)
  } catch {
    return uri
  }
}

/** `%YAML 1.1` or `%TAG !x! prefix`. */
export function scanDirective(reader: TextReader): Token {
  const start = reader.at
  reader.skip()
  const name = reader.take(WORD)
  const words = wordsOfLine(reader)
  const [first = '', second = ''] = words
  const version = /^[0-9]{1,2}\.[0-9]{1,2}$/
  if (isBreak(reader.peek())) reader.readBreak()
  const end = reader.at
  if (name === 'YAML' && words.length === 1 && version.test(first))
    return { type: 'version', version: first, start, end }
  const handle = /^!(?:[0-9A-Za-z_-]*!)?$/
  if (name === 'TAG' && words.length === 2 && handle.test(first)) {
    return { type: 'tag-directive', handle: first, prefix: second, start, end }
  }
  throw new YamlError(start, "a line that begins with '%' is a directive, and this one is not known; quote a text")
}

function wordsOfLine(reader: TextReader): readonly string[] {
  const words: string[] = []
  while (reader.take(BLANKS) !== '' && !isBreakOrEnd(reader.peek()) && reader.peek() !== '#') {
    const start = reader.at
    while (!isBlank(reader.peek()) && !isBreakOrEnd(reader.peek())) reader.skip()
    words.push(reader.text.slice(start, reader.at))
  }
  reader.take(REST_OF_LINE)
  return words
}
