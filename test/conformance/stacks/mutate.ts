// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is what people write

/** Draws whole numbers below a limit; the same seed draws the same (mulberry32). */
export type Draw = (limit: number) => number

export function drawing(seed: number): Draw {
  let state = seed >>> 0
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit)
  }
}

export interface Mutation {
  readonly kind: string
  /** From 1: the line of the original that it is about. */
  readonly line: number
  readonly text: string
}

type Lines = readonly string[]
type Mutate = (lines: Lines, at: number, draw: Draw) => Lines

const KEY = /^(\s*(?:- )?)([^\s#:'"][^:#]*|"[^"]*"):(?: (.*))?$/

const indentOf = (line: string): number => line.length - line.trimStart().length

/** A line, and everything that is further to the right below it. */
function blockEnd(lines: Lines, at: number): number {
  let end = at + 1
  while (
    end < lines.length &&
    ((lines[end] ?? '').trim() === '' || indentOf(lines[end] ?? '') > indentOf(lines[at] ?? ''))
  )
    end++
  return end
}

const replaced = (lines: Lines, at: number, ...by: string[]): Lines => [
  ...lines.slice(0, at),
  ...by,
  ...lines.slice(at + 1),
]

/** The value of a `key: value`, or of an item. */
function withValue(line: string, value: string): string {
  const [, before = '', key = ''] = KEY.exec(line) ?? []
  return key === '' ? line.replace(/^(\s*- ).*$/, (_, dash: string) => `${dash}${value}`) : `${before}${key}: ${value}`
}

const pick = (draw: Draw, of: readonly string[]): string => of[draw(of.length)] ?? ''

const WRONG_TYPES = [
  '[a, b]',
  '{a: b}',
  'true',
  '12',
  '1.5',
  '',
  '-1',
  '[]',
  '{}',
  '2001-01-01',
  '"12"',
  '[[a]]',
  '[1, 2]',
  'yes',
  '~',
]

const BAD_VALUES = [
  '"${"',
  '$',
  '${A:?needed}',
  '${A:-b}',
  '"unterminated',
  "'",
  '*nowhere',
  '@at',
  '`tick`',
  '%percent',
  '!!int x',
  '!tag x',
  'a: b',
  '[open',
  '{open',
  'x]',
  '"80:80:80:80"',
  '99999999999999999999',
  '1h',
  '1d',
  '0x1F',
  '0o17',
  '017',
  '-',
  '- x',
  '? x',
  ': x',
  '|',
  '>',
  '&anchor',
  '"\\q"',
  'a #b',
  'a#b',
  'on',
  '5 apples',
  '"${A:+b}"',
  '1e400',
  '.nan',
  "'it''s'",
  '"a" b',
  '=',
  '<<',
]

const UNKNOWN_KEYS = [
  'unknown_key: x',
  'x-known: x',
  'extends: x',
  'mem_limit: 1g',
  'name: x',
  'Image: x',
  '5: x',
  '"quoted": x',
  '<<: {a: b}',
  'version: "3"',
  'privileged: yes',
  'init: true',
  'ports: []',
]

const MUTATIONS: Readonly<Record<string, Mutate>> = {
  'removed key': (lines, at) => [...lines.slice(0, at), ...lines.slice(blockEnd(lines, at))],
  'removed line': (lines, at) => replaced(lines, at),
  'doubled line': (lines, at) => replaced(lines, at, lines[at] ?? '', lines[at] ?? ''),
  'wrong type': (lines, at, draw) => replaced(lines, at, withValue(lines[at] ?? '', pick(draw, WRONG_TYPES))),
  'bad value': (lines, at, draw) => replaced(lines, at, withValue(lines[at] ?? '', pick(draw, BAD_VALUES))),
  'bad indent': (lines, at, draw) => {
    const line = lines[at] ?? ''
    const changed = [
      ` ${line}`,
      line.replace(/^ /, ''),
      `\t${line}`,
      line.replace(/^ {2}/, '\t'),
      `  ${line}`,
      line.replace(/^ {2}/, ''),
      line.trimStart(),
    ]
    return replaced(lines, at, pick(draw, changed))
  },
  'unknown key': (lines, at, draw) => {
    const line = lines[at] ?? ''
    return replaced(lines, at, `${' '.repeat(indentOf(line))}${pick(draw, UNKNOWN_KEYS)}`, line)
  },
  cut: (lines, at, draw) => {
    const line = lines[at] ?? ''
    return replaced(lines, at, line.slice(0, draw(line.length + 1)))
  },
}

/** One small mistake somewhere in a stack file. */
export function mutate(text: string, draw: Draw): Mutation {
  const lines = text.split('\n')
  const written = lines.flatMap((line, index) => (/^\s*(#|$)/.test(line) ? [] : [index]))
  const at = written[draw(written.length)] ?? 0
  const kind = pick(draw, Object.keys(MUTATIONS))
  const mutated = MUTATIONS[kind]?.(lines, at, draw) ?? lines
  return { kind, line: at + 1, text: mutated.join('\n') }
}
