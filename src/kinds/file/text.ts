import { positionOf } from './json-edit.ts'
import { JsonMistake, readJson } from './json-text.ts'

/** Undefined where it is not text that can be shown. */
export function textOf(base64: string): string | undefined {
  const text = Buffer.from(base64, 'base64').toString('utf8')
  return text.includes('\uFFFD') || text.includes('\0') ? undefined : text
}

/** A JSON object, or why it is none, with the place: nothing can be merged into that. An empty file is an empty object. */
export function jsonOf(base64: string | undefined): { readonly value: object } | { readonly why: string } {
  const text = base64 === undefined ? undefined : textOf(base64)
  if (text === undefined) return { why: base64 === undefined ? 'it is too large to be read' : 'it is no text' }
  if (text.trim() === '') return { value: {} }
  try {
    const { type, start } = readJson(text)
    if (type === 'object') return { value: JSON.parse(text) }
    return { why: `${positionOf(text, start)}: the file holds no object` }
  } catch (error) {
    if (!(error instanceof JsonMistake)) throw error
    return { why: `${positionOf(text, error.offset)}: ${error.message}` }
  }
}
