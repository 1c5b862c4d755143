import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { checkRuleFile } from '../../../src/promql/check-rule-file.ts'
import { randomOf } from '../seeded.ts'
import { mutated } from './mutations.ts'
import { askPromtool, type Said } from './promtool.ts'

interface Case {
  readonly name: string
  readonly text: string
}

export interface Difference extends Case {
  readonly ours: Said
  readonly theirs: Said
}

export interface Compared {
  readonly files: number
  readonly mutations: number
  /** Accepted by both with the same number of rules, or refused by both. */
  readonly agree: number
  /** Refused by promtool. */
  readonly bad: number
  readonly differences: readonly Difference[]
}

export interface Wanted {
  readonly seed: number
  /** Mutations, of all files together. */
  readonly mutations: number
}

/** Every rule file (*.yml, *.yaml, *.rules) below a folder, and seeded mutations of them, beside what promtool says. */
export async function compareRules(folder: string, { seed, mutations }: Wanted): Promise<Compared> {
  const files = ruleFilesOf(folder)
  const random = randomOf(seed)
  const cases = [
    ...files,
    ...Array.from({ length: files.length === 0 ? 0 : mutations }, (_, turn) => {
      const file = files[turn % files.length] ?? { name: '', text: '' }
      const { text, by } = mutated(file.text, random)
      return { name: `${file.name}, mutation ${turn} (${by.join(', ')})`, text }
    }),
  ]
  const said = await askPromtool(cases.map(({ text }) => text))
  const all = cases.map((one, index): Difference => ({ ...one, ours: judge(one.text), theirs: said[index] ?? NOTHING }))
  const differences = all.filter(({ ours, theirs }) => !isSame(ours, theirs))
  const bad = all.filter(({ theirs }) => !theirs.accepted).length
  return {
    files: files.length,
    mutations: cases.length - files.length,
    agree: all.length - differences.length,
    bad,
    differences,
  }
}

export function ruleFilesOf(folder: string): readonly Case[] {
  return (
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(?:ya?ml|rules)$/.test(name))
      // A folder may be called so, and a link may lead nowhere.
      .filter((name) => existsSync(join(folder, name)) && statSync(join(folder, name)).isFile())
      .sort()
      .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }))
  )
}

const NOTHING: Said = { accepted: false, rules: 0, complaints: ['nothing'] }

/** Rules of which promtool told no number are as many as we think. */
const isSame = (ours: Said, theirs: Said): boolean =>
  ours.accepted === theirs.accepted && (!ours.accepted || theirs.rules < 0 || ours.rules === theirs.rules)

/** What we say of a rule file, as promtool would: warnings refuse nothing. */
export function judge(text: string): Said {
  const { groups, problems } = checkRuleFile({ text, path: 'rules.yml' })
  const errors = problems.filter(({ severity }) => severity === 'error')
  return {
    accepted: errors.length === 0,
    rules: groups.reduce((sum, { rules }) => sum + rules.length, 0),
    complaints: errors.map(({ position, message }) => `${position.line}:${position.column} ${message}`),
  }
}

export const lineOf = ({ files, mutations, bad, agree }: Compared): string =>
  `files=${files} mutations=${mutations} bad=${Math.round((100 * bad) / Math.max(1, files + mutations))}%\nagree=${agree}/${files + mutations}`
