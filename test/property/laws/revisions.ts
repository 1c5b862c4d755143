import fc from 'fast-check'
import type { DriftPolicy, Handling } from '../../../src/model/resource.ts'
import { gen, net, task, thing, type Written, type WrittenApp } from '../../support/fleet.ts'

/** One resource of the pool as a revision declares it; the pool's names stay, so that revisions edit, move and remove. */
interface Choice {
  readonly app: AppName
  /** Things: 100 and more crash at once, 200 and more while they bake. */
  readonly value: number
  readonly label: string | undefined
  readonly mode: string | undefined
  readonly port: string | undefined
  /** Jobs: another one is another run. */
  readonly runKey: string
  /** Generations: the content. */
  readonly content: string
  /** Bit by bit, whether it comes after the earlier ones of its app. */
  readonly after: number
  readonly drift: DriftPolicy
  readonly prune: Handling['prune']
  readonly onFirstFailure: Handling['onFirstFailure']
  readonly bakes: boolean
  readonly keep: number
}

type AppName = 'one' | 'two' | 'three'
export type Revision = Readonly<Record<PoolName, Choice | undefined>>
type PoolName = (typeof POOL)[number]

/** In an order that `after` may follow. */
export const POOL = ['Net/n', 'Net/m', 'Gen/g', 'Task/j', 'Thing/a', 'Thing/b', 'Thing/c', 'Thing/d'] as const

export interface RevisionOptions {
  /** Values that things may have. */
  readonly values?: readonly number[]
  readonly runKeys?: readonly string[]
  readonly drift?: readonly DriftPolicy[]
  readonly prune?: readonly Handling['prune'][]
  /** False: nothing wants a port. */
  readonly ports?: boolean
}

export const GOOD = [1, 2, 3]
const CRASHES = 100
export const FAILS_LATER = 200
export const WITH_BAD = [...GOOD, CRASHES, FAILS_LATER]

export function revisionArb(options: RevisionOptions = {}): fc.Arbitrary<Revision> {
  const choice: fc.Arbitrary<Choice> = fc.record({
    app: fc.constantFrom('one', 'two', 'three'),
    value: fc.constantFrom(...(options.values ?? GOOD)),
    label: fc.constantFrom(undefined, 'x', 'y'),
    mode: fc.constantFrom(undefined, undefined, 'global'),
    port: fc.constantFrom(undefined, undefined, options.ports === false ? undefined : '80'),
    runKey: fc.constantFrom(...(options.runKeys ?? ['k0'])),
    content: fc.constantFrom('x', 'y', 'z'),
    after: fc.nat(15),
    drift: fc.constantFrom(...(options.drift ?? (['safe', 'heal', 'report', 'ignore'] as const))),
    prune: fc.constantFrom(...(options.prune ?? (['allow'] as const))),
    onFirstFailure: fc.constantFrom('stay', 'remove'),
    bakes: fc.boolean(),
    keep: fc.nat(2),
  })
  const maybe = fc.option(choice, { nil: undefined, freq: 3 })
  const entries = Object.fromEntries(POOL.map((name) => [name, maybe]))
  return fc.record(entries).map((chosen) => withUniquePorts(chosen as Revision))
}

/**
 * A port is handed on within one app, by things that never move: between apps, and against the order of `after`, it takes
 * two revisions, and who is refused depends on who comes first.
 */
function withUniquePorts(revision: Revision): Revision {
  const taken = new Set<string>()
  const placed = withHome(revision)
  const entries = POOL.map((name) => {
    const choice = placed[name]
    if (choice?.port === undefined) return [name, choice]
    const waitedFor = POOL.some((other) => {
      const later = placed[other]
      return later?.app === choice.app && afterOf(other, later, placed).includes(name)
    })
    const free = HAVE_PORTS.has(name) && !waitedFor && !taken.has(choice.port)
    if (free) taken.add(choice.port)
    return [name, free ? choice : { ...choice, port: undefined }]
  })
  return Object.fromEntries(entries) as Revision
}

const HAVE_PORTS: ReadonlySet<string> = new Set(['Thing/c', 'Thing/d'])

const withHome = (revision: Revision): Revision =>
  Object.fromEntries(
    POOL.map((name) => {
      const choice = revision[name]
      return [name, choice && HAVE_PORTS.has(name) ? { ...choice, app: 'one' } : choice]
    }),
  ) as Revision

/** The fleet that a revision declares; `order` turns its documents round without changing what they say. */
export function fleetOf(revision: Revision, order: (names: readonly string[]) => readonly string[] = (names) => names) {
  const apps = new Map<string, Written[]>()
  for (const name of order(POOL) as readonly PoolName[]) {
    const choice = revision[name]
    if (choice) apps.set(choice.app, [...(apps.get(choice.app) ?? []), written(name, choice, revision)])
  }
  const entries = order([...apps.keys()]).map((app): [string, WrittenApp] => [app, { resources: apps.get(app) ?? [] }])
  return Object.fromEntries(entries)
}

function written(name: PoolName, choice: Choice, revision: Revision): Written {
  const [kind = '', short = ''] = name.split('/')
  const { drift, prune, onFirstFailure, keep } = choice
  const bakes = choice.bakes || choice.value >= FAILS_LATER
  const keeper = { drift, prune, onFirstFailure, keep, stableForMs: 0, bakeMs: bakes ? BAKE_MS : 0 }
  const extra = { after: afterOf(name, choice, revision), keeper }
  if (kind === 'Net') return net(short, labelled(choice), extra)
  if (kind === 'Gen') return gen(short, choice.content, extra)
  if (kind === 'Task') return task(short, choice.runKey, extra)
  const { value, mode, port } = choice
  const spec = { value, ...labelled(choice), ...(mode ? { mode } : {}), ...(port ? { port } : {}) }
  return thing(short, spec, extra)
}

export const BAKE_MS = 60_000

const labelled = ({ label }: Choice) => (label === undefined ? {} : { label })

function afterOf(name: PoolName, choice: Choice, revision: Revision): readonly string[] {
  const earlier = POOL.slice(0, POOL.indexOf(name)).filter((other) => revision[other]?.app === choice.app)
  const content = revision['Gen/g']?.content ?? ''
  return earlier
    .filter((_other, index) => ((choice.after >> index) & 1) === 1)
    .map((other) => (other === 'Gen/g' ? `Gen/${gen('g', content).name}` : other))
}

/** One line per resource, for people who read a counterexample. */
export function describeRevision(revision: Revision): string {
  const lines = POOL.flatMap((name) => {
    const choice = revision[name]
    if (!choice) return []
    const { app, ...rest } = choice
    const said = relevant(name, rest).map(([key, value]) => `${key}=${String(value)}`)
    const after = afterOf(name, choice, revision)
    return [`    ${app}: ${name} ${said.join(' ')}${after.length > 0 ? ` after ${after.join(', ')}` : ''}`]
  })
  return lines.length === 0 ? '    (nothing)' : lines.join('\n')
}

const ABOUT: Readonly<Record<string, readonly string[]>> = {
  Net: ['label', 'drift', 'prune', 'onFirstFailure'],
  Gen: ['content', 'keep', 'prune', 'onFirstFailure'],
  Task: ['runKey', 'prune', 'onFirstFailure', 'bakes'],
  Thing: ['value', 'label', 'mode', 'port', 'drift', 'prune', 'onFirstFailure', 'bakes'],
}
const DEFAULTS: readonly unknown[] = [undefined, 'allow', 'stay', false]

function relevant(name: string, rest: Omit<Choice, 'app'>): readonly (readonly [string, unknown])[] {
  const about = ABOUT[name.split('/')[0] ?? ''] ?? []
  return Object.entries(rest).filter(([key, value]) => about.includes(key) && !DEFAULTS.includes(value))
}

/** A case whose counterexample reads as a story. */
export function told<T extends object>(arb: fc.Arbitrary<T>, tell: (value: T) => string): fc.Arbitrary<T> {
  return arb.map((value) => {
    Object.defineProperty(value, fc.toStringMethod, { value: () => `\n${tell(value)}\n`, enumerable: false })
    return value
  })
}

export const tellRevisions = (revisions: readonly Revision[]): string =>
  revisions.map((revision, index) => `  revision ${index + 1}\n${describeRevision(revision)}`).join('\n')

/** Good ones and bad ones, one after another. */
export const manyRevisions = told(
  fc.array(revisionArb({ values: [...GOOD, ...GOOD, ...WITH_BAD], runKeys: ['k0', 'k1'] }), {
    minLength: 2,
    maxLength: 4,
  }),
  tellRevisions,
)
