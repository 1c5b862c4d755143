import { partsOf } from '../model/id.ts'
import type { Change } from '../model/plan.ts'
import { aboutOnHost } from './describe-create-host.ts'
import { itemText } from './describe-items.ts'
import { printable, shortDigests, shorten } from './printable.ts'

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const GENERATION = /^(.+)_([0-9a-f]{12})$/

/** `generation 0123456789ab of db`: of what is immutable, and has a new name for each content. */
export function generationWords({ id }: Pick<Change, 'id'>): string | undefined {
  const { kind, name } = partsOf(id)
  const [, of, generation] = GENERATION.exec(name) ?? []
  return (kind === 'Secret' || kind === 'Config') && of ? `generation ${generation} of ${of}` : undefined
}

const LONGEST = 160

/** The few things of a new resource that people look for: what runs, how often, what it opens and what it keeps. */
export function aboutCreate(change: Change & { readonly action: 'create' | 'replace' }): readonly string[] {
  const { spec, kind } = change.to
  if (!isFields(spec)) return []
  if (kind === 'RuleFile') return aboutRules(spec)
  const runs = isFields(spec.service) ? spec.service : spec
  if (typeof runs.image !== 'string') return kind === 'Network' ? aboutNetwork(spec) : aboutOnHost(kind, spec)
  const lines = [
    `image: ${pinned(runs.image, runs.pin)}`,
    ...(kind === 'Job' ? [] : [countOf(runs)]),
    ...wordsOf('command', [...textsOf(runs.entrypoint), ...textsOf(runs.command)]),
    ...listOf('ports', runs.ports),
    ...listOf('mounts', runs.mounts),
    ...(spec.irreversible === true ? ['irreversible: past it there is no way back'] : []),
  ]
  return lines.map((line) => shorten(printable(shortDigests(line)), LONGEST))
}

/** What it alerts of and what it records, by name. */
function aboutRules({ groups }: Fields): readonly string[] {
  const rules = (Array.isArray(groups) ? groups : []).flatMap((group: unknown) =>
    isFields(group) && Array.isArray(group.rules) ? group.rules.filter(isFields) : [],
  )
  const named = (type: string) => rules.filter((rule) => rule.type === type).map(({ name }) => String(name))
  const lines = [`alerts: ${named('alert').join(', ')}`, `records: ${named('record').join(', ')}`]
  return lines.filter((line) => !line.endsWith(': ')).map((line) => shorten(printable(line), LONGEST))
}

const pinned = (image: string, pin: unknown): string =>
  isFields(pin) && typeof pin.digest === 'string' && !image.includes('@') ? `${image}@${pin.digest}` : image

const countOf = ({ mode, replicas, completions }: Fields): string =>
  mode === 'replicated' || mode === undefined
    ? `replicas: ${String(replicas ?? 1)}`
    : `mode: ${String(mode)}${completions === undefined ? '' : `, ${String(completions)} completions`}`

const textsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : [])

const wordsOf = (name: string, words: readonly string[]): readonly string[] =>
  words.length === 0 ? [] : [`${name}: ${JSON.stringify(words)}`]

function listOf(name: string, list: unknown): readonly string[] {
  if (!Array.isArray(list) || list.length === 0) return []
  return [`${name}: ${list.map((item) => itemText(`/${name}`, item) ?? JSON.stringify(item)).join(', ')}`]
}

function aboutNetwork({ driver, attachable, internal }: Fields): readonly string[] {
  const traits = [attachable === true && 'attachable', internal === true && 'internal'].filter((trait) => trait)
  return [`driver: ${[String(driver), ...traits].join(', ')}`]
}
