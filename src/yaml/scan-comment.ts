import { isBreak } from './characters.ts'
import { REST_OF_LINE, type TextReader } from './text-reader.ts'

const COMMENTS = /[^\r\n\u0085\u2028\u2029]*(?:[ \t\r\n\u0085\u2028\u2029]{1,510}#[^\r\n\u0085\u2028\u2029]*)*/y
const BLANKS = /[ \t]{0,511}/y

/** This comment and those below it: yaml.v3 takes them together, whatever is before each. */
export function skipComments(reader: TextReader): void {
  const end = reader.at + reader.match(COMMENTS).length
  while (reader.at < end) {
    if (isBreak(reader.peek())) reader.readBreak()
    else reader.take(REST_OF_LINE)
  }
}

/** A comment behind something on its line: yaml.v3 looks for it with each token, where libyaml would find a tab. */
export function skipLineComment(reader: TextReader): void {
  if (reader.isBehindBreak()) return
  const blanks = reader.match(BLANKS)
  if (reader.peek(blanks.length) === '#') reader.take(REST_OF_LINE)
}
