import type { TextReader } from './text-reader.ts'
import { YamlError } from './yaml-error.ts'

const SIMPLE: Readonly<Record<string, string>> = {
  ...{ '0': '\0', a: '\x07', b: '\b', t: '\t', '\t': '\t', n: '\n', v: '\v', f: '\f', r: '\r', e: '\x1b', ' ': ' ' },
  ...{ '"': '"', "'": "'", '\\': '\\', N: '\u0085', _: '\u00a0', L: '\u2028', P: '\u2029' },
}
const CODE = /x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}/y

/** An escape in double quotes; passes over it. yaml.v3 knows no `\/`. */
export function readEscape(reader: TextReader): string {
  const from = reader.at
  const letter = reader.peek(1)
  const simple = SIMPLE[letter]
  reader.skip()
  if (simple !== undefined) {
    reader.skip()
    return simple
  }
  const code = reader.take(CODE)
  const value = Number.parseInt(code.slice(1), 16)
  if (code === '') {
    throw new YamlError(from, `the escape '\\${letter}' is not known in double quotes; a backslash is '\\\\'`)
  }
  if (value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) {
    throw new YamlError(from, `'\\${code}' stands for no character`)
  }
  return String.fromCodePoint(value)
}
