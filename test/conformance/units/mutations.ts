import { KNOWN_KEYS } from '../../../src/kinds/unit/known-keys.ts'
import { oneOf, type Random } from '../seeded.ts'
import { VALUES } from './values.ts'

type Mutation = (lines: string[], random: Random) => void

const at = (lines: readonly string[], random: Random): number => random(lines.length + 1)

const indexes = (lines: readonly string[], pattern: RegExp): readonly number[] =>
  lines.flatMap((line, index) => (pattern.test(line) ? [index] : []))

const assignments = (lines: readonly string[]): readonly number[] => [...indexes(lines, /^[A-Za-z]+=/), 0]

const headers = (lines: readonly string[]): readonly number[] => [...indexes(lines, /^\[.*\]$/), 0]

const keyOf = (line = ''): string => /^[^=]*/.exec(line)?.[0] ?? ''

/** The option of another name, or of the section's others, with what somebody might write. */
function anotherOption(lines: string[], random: Random): void {
  const header = oneOf(headers(lines), random)
  const known = [...(KNOWN_KEYS.get(/^\[(.*)\]$/.exec(lines[header] ?? '')?.[1] ?? '') ?? ['Nothing'])]
  lines.splice(header + 1, 0, `${oneOf(known, random)}=${oneOf(VALUES, random)}`)
}

const COMMANDS = [
  'true',
  'rel/path',
  '/bin/true "open',
  '-/bin/true',
  '@/bin/true',
  '/bin/true ; /bin/false',
  '/bin/true ;',
  '+!/bin/true',
  '/bin/tru\\e',
  '/bin/true \\q',
  '/bin/true $X %n',
  '/bin/',
  '"/bin/true" x',
  '',
  '!!-:/bin/true',
  '/nowhere/at/all',
  '-',
]

/** By name, so that a difference says what it came from. */
const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'another value': (lines, random) => {
    const index = oneOf(assignments(lines), random)
    lines[index] = `${keyOf(lines[index])}=${oneOf(VALUES, random)}`
  },
  'another option': anotherOption,
  'a key misspelt': (lines, random) => {
    const index = oneOf(assignments(lines), random)
    const line = lines[index] ?? ''
    const from = random(Math.max(line.indexOf('='), 1))
    lines[index] = `${line.slice(0, from)}${line.slice(from + 1)}`
  },
  'a line less': (lines, random) => void lines.splice(oneOf(assignments(lines), random), 1),
  'a section header less': (lines, random) => void lines.splice(oneOf(headers(lines), random), 1),
  'a section misspelt': (lines, random) => {
    const index = oneOf(headers(lines), random)
    lines[index] = (lines[index] ?? '').replace(/[a-z]/, '')
  },
  'a section not closed': (lines, random) => {
    const index = oneOf(headers(lines), random)
    lines[index] = (lines[index] ?? '').replace(']', '')
  },
  'another section': (lines, random) => {
    const index = at(lines, random)
    lines.splice(index, 0, `[${oneOf(['Unit', 'Service', 'Install', 'Timer', 'Socket', 'X-Ours', 'Nothing'], random)}]`)
  },
  'no equals sign': (lines, random) => {
    const index = oneOf(assignments(lines), random)
    lines[index] = (lines[index] ?? '').replace('=', random(2) === 0 ? '' : ' ')
  },
  'a line twice': (lines, random) => {
    const index = oneOf(assignments(lines), random)
    lines.splice(index, 0, lines[index] ?? '')
  },
  'a comment behind': (lines, random) => {
    const index = oneOf(assignments(lines), random)
    lines[index] = `${lines[index] ?? ''}  # as it was`
  },
  'goes on': (lines, random) => {
    const index = oneOf(assignments(lines), random)
    lines[index] = `${lines[index] ?? ''} \\`
  },
  'another command': (lines, random) => {
    const section = indexes(lines, /^\[Service\]$/)[0]
    if (section === undefined) return anotherOption(lines, random)
    const key = oneOf(['ExecStart', 'ExecStartPre', 'ExecStop', 'ExecReload'], random)
    lines.splice(section + 1, 0, `${key}=${oneOf(COMMANDS, random)}`)
  },
  'cut off': (lines, random) => {
    const index = at(lines, random)
    const line = lines[index] ?? ''
    lines.splice(index, 1, line.slice(0, random(line.length + 1)))
  },
}

export interface Mutated {
  readonly text: string
  readonly by: readonly string[]
}

/** One to three mutations of the text; values and options come most often. */
export function mutated(text: string, turn: number, random: Random): Mutated {
  const names = Object.keys(MUTATIONS)
  const first = turn % 3 === 0 ? 'another value' : turn % 3 === 1 ? 'another option' : oneOf(names, random)
  const by = [first, ...Array.from({ length: random(3) }, () => oneOf(names, random))]
  const lines = text.split('\n')
  for (const name of by) MUTATIONS[name]?.(lines, random)
  // An empty file masks its unit.
  return { text: lines.join('\n') || 'X=1', by }
}
