import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readUnitFile, refusalOfUnit } from '../../../src/kinds/unit/check-unit.ts'
import { oneOf, type Random, randomOf } from '../seeded.ts'
import { mutated } from './mutations.ts'
import { type Draft, type Said, startSystemd } from './systemd.ts'

interface Case extends Draft {
  readonly from: string
}

export interface Compared {
  readonly files: number
  readonly mutations: number
  /** What the host target refuses is what `systemd-analyze verify` complains of, and nothing else. */
  readonly agree: number
  /** Refused by both for the same lines. */
  readonly complaints: number
  readonly refused: number
  /** Complaints, and those that the file alone gave away, without a host. */
  readonly said: number
  readonly offline: number
  /** Complaints that only a host can have: a program or a unit that it lacks, an order that goes in circles. */
  readonly ofTheHost: number
  /** What we say, and systemd says nothing of: a comment behind a value. */
  readonly stricter: number
  readonly differences: readonly Difference[]
}

interface Difference {
  readonly name: string
  readonly kind: 'verdict' | 'false alarm' | 'not found offline'
  readonly text: string
  readonly lines: readonly string[]
}

const UNITS = /\.(service|socket|timer|path|target|mount|automount|swap|slice)$/

export interface Asked {
  readonly seed: number
  readonly each: number
  /** Some of the files; all, where it is left out. */
  readonly files?: number
}

/** Every unit file of the folders and `each` seeded mutations of it. */
export async function compareUnits(folders: readonly string[], { seed, each, files }: Asked): Promise<Compared> {
  const random = randomOf(seed)
  const all = folders.flatMap(unitsOf)
  const written = files === undefined ? all : Array.from({ length: files }, () => oneOf(all, random))
  const cases = written.flatMap((draft) => [draft, ...mutationsOf(draft, each, random)])
  const systemd = startSystemd()
  try {
    const judged = await twoAtOnce(cases, async (one) => judge(one, await systemd.ask(one)))
    return { files: written.length, mutations: cases.length - written.length, ...totals(judged) }
  } finally {
    systemd.close()
  }
}

function unitsOf(folder: string): readonly Case[] {
  return readdirSync(folder)
    .filter((name) => UNITS.test(name) && lstatSync(join(folder, name)).isFile())
    .sort()
    .map((name) => ({ name, from: name, text: readFileSync(join(folder, name), 'utf8') }))
    .filter(({ text }) => text !== '')
}

const mutationsOf = ({ name, text }: Case, each: number, random: Random): readonly Case[] =>
  Array.from({ length: each }, (_, turn) => {
    const { text: changed, by } = mutated(text, turn, random)
    return { name, text: changed, from: `${name}, mutation ${turn} (${by.join(', ')})` }
  })

async function twoAtOnce<T, R>(items: readonly T[], of: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = []
  const left = [...items.entries()]
  const work = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) results[next[0]] = await of(next[1])
  }
  await Promise.all([work(), work()])
  return results
}

type Judged = Omit<Compared, 'files' | 'mutations'>

function judge(one: Case, { byHand, byApply }: Said): Judged {
  const about = byHand.filter((line) => names(line, one.name) && !CIRCLE.test(line))
  const refusedFor = byApply.filter((line) => !CIRCLE.test(line))
  const { lines, stricter } = offlineOf(one)
  const offline = about.filter((line) => lines.includes(line))
  const missed = about.filter((line) => !lines.includes(line) && !OF_THE_HOST.test(line) && !FOLLOWS.test(line))
  const invented = lines.filter((line) => !about.includes(line))
  const same = sortedText(about) === sortedText(refusedFor)
  const difference = (kind: Difference['kind'], found: readonly string[]): readonly Difference[] =>
    found.length === 0 ? [] : [{ name: one.from, kind, text: one.text, lines: found }]
  return {
    agree: (about.length === 0) === (refusedFor.length === 0) ? 1 : 0,
    refused: about.length > 0 ? 1 : 0,
    complaints: about.length > 0 && same ? 1 : 0,
    said: offline.length + missed.length,
    offline: offline.length,
    ofTheHost: about.filter((line) => OF_THE_HOST.test(line)).length,
    stricter,
    differences: [
      ...(same ? [] : difference('verdict', ['by hand:', ...about, 'by apply:', ...refusedFor])),
      ...difference('false alarm', invented),
      ...difference('not found offline', missed),
    ],
  }
}

const sortedText = (lines: readonly string[]): string => [...new Set(lines)].sort().join('\n')

const OF_THE_HOST =
  /: Command .* is not executable: |: Failed to create .*: |not loaded, socket cannot be started|Dependency .* dropped/

/** An order that goes in circles is said of one unit or of another on the circle, as it happens, and not the same twice. */
const CIRCLE = /cycle|Found dependency on|deleted to break|Transaction/

/** What systemd says once more of what it said before. */
const FOLLOWS = /^Unit .* (has a bad unit file setting|failed to load properly)|Unit configuration has fatal error/

/** A line names the unit, or an instance of it where it is a template. */
function names(line: string, unit: string): boolean {
  const [prefix = '', rest] = unit.split('@.')
  const words = line.split(/[^\w@:.\\-]+/).map((word) => word.replace(/^\.+/, ''))
  const is = (word: string) =>
    rest === undefined ? word === unit : word.startsWith(`${prefix}@`) && word.endsWith(`.${rest}`)
  return words.some((word) => is(word) || is(word.replace(/(:\d*)+:?$/, '')) || is(word.replace(/\.d$|\.$/, '')))
}

/** What the reader of a pull request is told, in the form of `systemd-analyze verify`; a comment in a value apart. */
function offlineOf({ name, text }: Draft): { readonly lines: readonly string[]; readonly stricter: number } {
  const { complaints, assignments } = readUnitFile(text, typeOf(name))
  const ours = complaints.filter(({ message }) => / is part of the value: /.test(message))
  const lines = complaints
    .filter((complaint) => !ours.includes(complaint))
    .map(({ line, message }) => `HERE/${name}:${line}: ${message}`)
  const refusal = complaints.some(({ fatal }) => fatal) ? undefined : refusalOfUnit(typeOf(name), assignments)
  const said = refusal === undefined ? [] : [`${name.replace('@.', '@i.')}: ${refusal}`]
  return { lines: [...new Set([...lines, ...said])], stricter: ours.length }
}

function totals(judged: readonly Judged[]): Judged {
  const sum = (key: Exclude<keyof Judged, 'differences'>) => judged.reduce((all, one) => all + one[key], 0)
  return {
    agree: sum('agree'),
    refused: sum('refused'),
    complaints: sum('complaints'),
    said: sum('said'),
    offline: sum('offline'),
    ofTheHost: sum('ofTheHost'),
    stricter: sum('stricter'),
    differences: judged.flatMap(({ differences }) => differences),
  }
}

export function lineOf(found: Compared): string {
  const { files, mutations, agree, complaints, refused, offline, said, ofTheHost, stricter } = found
  const falseAlarms = found.differences.filter(({ kind }) => kind === 'false alarm').length
  return [
    `files=${files} mutations=${mutations} agree=${agree}/${files + mutations} complaints=${complaints}/${refused}`,
    `offline=${offline}/${said} falseAlarms=${falseAlarms} ofTheHost=${ofTheHost} stricter=${stricter}`,
  ].join(' ')
}

const typeOf = (name: string): string => name.slice(name.lastIndexOf('.') + 1)
