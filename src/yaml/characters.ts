import { Buffer } from 'node:buffer'

export const isBlank = (character: string): boolean => character === ' ' || character === '\t'

/** Of YAML 1.1. */
export const isBreak = (character: string): boolean =>
  character === '\n' || character === '\r' || character === '\u0085' || character === '\u2028' || character === '\u2029'

/** The end of the text counts, as in libyaml. */
export const isBreakOrEnd = (character: string): boolean => character === '' || isBreak(character)

export const isSpaceOrEnd = (character: string): boolean => isBlank(character) || isBreakOrEnd(character)

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const REFUSED = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]|\p{Surrogate}/u

const CHUNK_BYTES = 512
const LOOK_AHEAD = 4

/** A character that YAML does not know. */
export interface RefusedCharacter {
  readonly index: number
  /** Where yaml.v3 comes to see it. */
  readonly seenFrom: number
}

/** The first character that YAML does not know. */
export function refusedCharacter(text: string): RefusedCharacter | undefined {
  const found = REFUSED.exec(text)
  return found ? { index: found.index, seenFrom: beginOfChunk(text, found.index) } : undefined
}

/** yaml.v3 looks at characters a chunk at a time: one behind the first document may never be seen. */
function beginOfChunk(text: string, index: number): number {
  const before = Buffer.from(text.slice(0, index))
  const begin = Math.floor(before.length / CHUNK_BYTES) * CHUNK_BYTES
  return before.subarray(0, begin).toString('utf8').length - LOOK_AHEAD
}
