import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { randomOf } from '../seeded.ts'
import { mutated } from './mutations.ts'
import { askSupervisord, type Configuration, judge, type Verdict } from './supervisord.ts'

interface Case extends Required<Configuration> {
  readonly name: string
}

export interface Compared {
  readonly files: number
  readonly mutations: number
  /** Accepted by both, or refused by both. */
  readonly agree: number
  /** Refused by both, in the same words, and of what supervisord refused in words. */
  readonly complaints: number
  readonly refused: number
  /** Accepted by both, and the same programs, settings and warnings were read from it. */
  readonly reads: number
  readonly accepted: number
  /** supervisord itself dies of it with a traceback: there are no words to have in common; we refuse. */
  readonly crashes: number
  /** Whether Python finds a plugin is for the host to say. */
  readonly ofTheHost: number
  readonly differences: readonly {
    readonly name: string
    readonly main: string
    readonly ours: unknown
    readonly theirs: unknown
  }[]
}

const OF_THE_HOST = /cannot be resolved within|EntryPoint|^\('Invalid module|^Parse error/

/** Every configuration of a folder and `each` seeded mutations of it, half of them as an included file. */
export function comparePrograms(
  folders: readonly string[],
  { seed, each }: { readonly seed: number; readonly each: number },
): Compared {
  const written = folders.flatMap((folder) => configurationsOf(folder))
  const random = randomOf(seed)
  const cases = written.flatMap(({ name, main, files }): readonly Case[] => [
    { name, main, files },
    ...Array.from({ length: each }, (_, turn): Case => {
      const { text, by } = mutated(main, turn, random)
      const from = `${name}, mutation ${turn} (${by.join(', ')})`
      return { name: from, main: text, files }
    }),
    ...Array.from({ length: Math.ceil(each / 4) }, (_, turn): Case => {
      const { text, by } = mutated(withoutOwnSection(main), turn, random)
      const from = `${name}, included, mutation ${turn} (${by.join(', ')})`
      return {
        name: from,
        main: INCLUDING,
        files: { 'conf.d/a.conf': text, 'conf.d/b.conf': '[program:b]\ncommand=b\n' },
      }
    }),
  ])
  return compared(cases, written.length)
}

const INCLUDING = '[supervisord]\nenvironment=A="of all"\n[include]\nfiles=conf.d/a.conf conf.d/b.conf none.conf\n'

const withoutOwnSection = (text: string): string =>
  text.replace(/^\[supervisord\][^\n]*\n/gm, '[program:was]\ncommand=x\n')

/** With what they include, where the folder has it. */
function configurationsOf(folder: string): readonly Case[] {
  const read = (name: string) => readFileSync(join(folder, name), 'utf8')
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.conf'))
    .sort()
  const included = names.includes('included.conf') ? { 'example/included.conf': read('included.conf') } : {}
  return names.map((name) => ({ name, main: read(name), files: name === 'include.conf' ? included : {} }))
}

function compared(cases: readonly Case[], files: number): Compared {
  const verdicts = askSupervisord(cases)
  const found = { agree: 0, complaints: 0, refused: 0, reads: 0, accepted: 0, crashes: 0, ofTheHost: 0 }
  const differences: Compared['differences'][number][] = []
  for (const [index, one] of cases.entries()) {
    const theirs = verdicts[index]
    if (theirs === undefined) throw new Error(`supervisord said nothing of ${one.name}`)
    const ours = judge(one)
    const same = compare(ours, theirs)
    for (const key of same.counts) found[key]++
    if (!same.equal) differences.push({ name: one.name, main: one.main, ours, theirs })
  }
  return { files, mutations: cases.length - files, ...found, differences }
}

type Counted = 'agree' | 'complaints' | 'refused' | 'reads' | 'accepted' | 'crashes' | 'ofTheHost'

function compare(
  ours: Verdict,
  theirs: Verdict | { readonly crash: string },
): { readonly counts: readonly Counted[]; readonly equal: boolean } {
  const refused = 'error' in ours
  if ('crash' in theirs) return { counts: refused ? ['agree', 'crashes'] : ['crashes'], equal: refused }
  if ('error' in theirs) {
    if (OF_THE_HOST.test(theirs.error)) return { counts: ['agree', 'ofTheHost'], equal: true }
    const equal = refused && ours.error === theirs.error
    return {
      counts: ['refused', ...(refused ? (['agree'] as const) : []), ...(equal ? (['complaints'] as const) : [])],
      equal,
    }
  }
  const equal = JSON.stringify(sorted(ours)) === JSON.stringify(sorted(theirs))
  return {
    counts: ['accepted', ...(refused ? [] : (['agree'] as const)), ...(equal ? (['reads'] as const) : [])],
    equal,
  }
}

/** Keys in one order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  )
}

export function lineOf({
  files,
  mutations,
  agree,
  complaints,
  refused,
  reads,
  accepted,
  crashes,
  ofTheHost,
}: Compared): string {
  const all = files + mutations
  return [
    `files=${files} mutations=${mutations} agree=${agree}/${all} complaints=${complaints}/${refused}`,
    `reads=${reads}/${accepted} crashes=${crashes} ofTheHost=${ofTheHost}`,
  ].join(' ')
}
