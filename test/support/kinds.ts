import { sameValue } from '../../src/model/digest.ts'
import type { ImagePart, ImagePin, Kind, Kinds } from '../../src/model/kind.ts'
import type { Effect, FieldDiff } from '../../src/model/live.ts'

/** Specs of the kinds that the engine's own tests use: small, and with every trait that the engine knows. */
export interface ThingSpec {
  /** A change restarts it. */
  readonly value: number
  /** A change restarts nothing. */
  readonly label?: string
  /** A change replaces it. */
  readonly mode?: string
  readonly port?: string
  /** A change gives it another volume. */
  readonly volume?: string
  readonly image?: string
  /** A tag, which the registry of the world knows the meaning of; `pin` is what it meant. */
  readonly tag?: string
  readonly pin?: ImagePin
  readonly resting?: boolean
  readonly triggers?: Readonly<Record<string, string>>
}

interface Field {
  readonly name: string
  readonly effect: Effect
}

const FIELDS: readonly Field[] = [
  { name: 'value', effect: 'restart' },
  { name: 'label', effect: 'none' },
  { name: 'mode', effect: 'replace' },
  { name: 'port', effect: 'restart' },
  { name: 'volume', effect: 'restart' },
  { name: 'image', effect: 'restart' },
  { name: 'resting', effect: 'none' },
]

type Fields = Readonly<Record<string, unknown>>

function compareFields(spec: unknown, live: unknown): readonly FieldDiff[] {
  const a = spec as Fields
  const b = live as Fields
  return FIELDS.filter(({ name }) => !sameValue(a[name] ?? null, b[name] ?? null)).map(({ name, effect }) => ({
    path: `/${name}`,
    from: b[name],
    to: a[name],
    effect,
    ...(name === 'volume' && b[name] !== undefined ? { data: `its data stays in volume ${String(b[name])}` } : {}),
  }))
}

function compareTriggers(spec: unknown, live: unknown): readonly FieldDiff[] {
  const wanted = (spec as ThingSpec | TaskSpec).triggers ?? {}
  const had = (live as ThingSpec | TaskSpec).triggers ?? {}
  return Object.keys(wanted)
    .filter((name) => wanted[name] !== had[name])
    .map((name) => ({ path: `/triggers/${name}`, from: had[name], to: wanted[name], effect: 'restart' }))
}

const image: ImagePart<unknown, unknown> = {
  written: (spec) => (spec as ThingSpec).tag,
  pinned: (spec) => (spec as ThingSpec).pin,
  pin: (spec, pin) => ({ ...(spec as ThingSpec), pin }),
  ofLive: (spec, live) =>
    (spec as ThingSpec).tag === (live as ThingSpec).tag ? (live as ThingSpec | undefined)?.pin : undefined,
}

function compareImage(spec: unknown, live: unknown): readonly FieldDiff[] {
  const written = (value: unknown) => ({ tag: (value as ThingSpec).tag, digest: (value as ThingSpec).pin?.digest })
  const [to, from] = [written(spec), written(live)]
  return sameValue(to, from) ? [] : [{ path: '/image/tag', from, to, effect: 'restart' }]
}

const normalize: Kind['normalize'] = () => {
  throw new Error('these tests make their resources themselves')
}

const thing: Kind = {
  name: 'Thing',
  normalize,
  rank: 10,
  names: 'thing',
  compare: (spec, live) => [...compareFields(spec, live), ...compareImage(spec, live), ...compareTriggers(spec, live)],
  image,
  suspend: (spec) => ({ ...(spec as ThingSpec), resting: true }),
  trigger: (spec, name, token) => {
    const known = spec as ThingSpec
    return { ...known, triggers: { ...known.triggers, [name]: token } }
  },
  hasData: (spec) => (spec as ThingSpec).volume !== undefined,
  ports: (spec) => {
    const { port } = spec as ThingSpec
    return port === undefined ? [] : [port]
  },
}

/** Inert, and not to be stamped once it exists, like a network. */
const net: Kind = {
  name: 'Net',
  normalize,
  rank: 0,
  inert: true,
  stampless: true,
  compare: compareFields,
  suspend: () => undefined,
}

/** Generations, like a secret: `name_hash`. */
const gen: Kind = {
  name: 'Gen',
  normalize,
  rank: 0,
  inert: true,
  compare: () => [],
  suspend: () => undefined,
  generationOf: (live) => live.slice(0, live.lastIndexOf('_')),
}

export interface TaskSpec {
  readonly runKey: string
  readonly irreversible?: boolean
  readonly triggers?: Readonly<Record<string, string>>
}

/** Runs to its end, like a job. Its live half is the spec that it ran for. */
const task: Kind = {
  name: 'Task',
  normalize,
  rank: 10,
  names: 'thing',
  job: true,
  stampless: true,
  compare: (spec, live) =>
    (spec as TaskSpec).runKey === (live as TaskSpec).runKey
      ? compareTriggers(spec, live)
      : [{ path: '/run', from: (live as TaskSpec).runKey, to: (spec as TaskSpec).runKey, effect: 'restart' }],
  suspend: () => undefined,
  irreversible: (spec) => (spec as TaskSpec).irreversible ?? false,
  trigger: (spec, name, token) => {
    const known = spec as TaskSpec
    return { ...known, triggers: { ...known.triggers, [name]: token } }
  },
}

export const testKinds: Kinds = new Map([thing, net, gen, task].map((kind) => [kind.name, kind]))
