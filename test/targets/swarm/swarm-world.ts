import { createHmac } from 'node:crypto'
import { KINDS } from '../../../src/kinds/registry.ts'
import { createRealClock } from '../../../src/lib/real-clock.ts'
import type { Clock } from '../../../src/model/clock.ts'
import { digestOf } from '../../../src/model/digest.ts'
import { makeId, type ResourceId } from '../../../src/model/id.ts'
import type { Address, Kind, NormalizeContext } from '../../../src/model/kind.ts'
import type { LiveState, Observed } from '../../../src/model/live.ts'
import { type Change, changesOf, type Plan } from '../../../src/model/plan.ts'
import { defaultHandling, type Handling, type Recorded, type Wanted } from '../../../src/model/resource.ts'
import { Sensitive } from '../../../src/model/sensitive.ts'
import type { Step, StepNote, Target } from '../../../src/model/target.ts'
import { makePlan, type PlanInput } from '../../../src/plan/make-plan.ts'
import { createSwarmTarget, type SwarmTargetOptions } from '../../../src/targets/swarm/swarm-target.ts'
import { recordedOf } from '../../support/changes.ts'

export const TARGET = 'prod'
export const INSTALL = 'test'

/** A document, as a test writes it. */
export interface Written {
  readonly kind: string
  readonly name: string
  readonly [field: string]: unknown
}

export interface WantedOptions {
  readonly app?: string
  readonly handling?: Partial<Handling>
  readonly after?: readonly ResourceId[]
  /** Documents that it may refer to. */
  readonly known?: readonly Wanted[]
  /** The content of every secret that it has. */
  readonly secret?: string
}

export const idOf = (kind: string, name: string): ResourceId => makeId({ target: TARGET, kind, name })

/** A document made into what the engine wants, by the real kinds. */
export function wantedOf(written: Written, options: WantedOptions = {}): Wanted {
  const { kind: kindName, ...fields } = written
  const kind = KINDS.get(kindName) as Kind
  const { name, spec } = kind.normalize(fields, contextOf(written, options))
  const handling = { ...defaultHandling, stableForMs: 0, ...options.handling }
  return {
    id: idOf(kindName, name ?? written.name),
    kind: kindName,
    spec,
    digest: digestOf(spec),
    app: options.app ?? 'web',
    after: options.after ?? [],
    handling,
    origin: { path: 'apps/web/web.yaml', line: 1, column: 1 },
  }
}

function contextOf(written: Written, { app = 'web', known = [], secret = 'hush' }: WantedOptions): NormalizeContext {
  const mac = (parts: readonly (string | Uint8Array)[]) => {
    const hmac = createHmac('sha256', 'key of the tests')
    for (const part of parts) hmac.update(part).update('\0')
    return hmac.digest('hex')
  }
  return {
    app,
    target: TARGET,
    address: `${TARGET}/${written.kind}/${written.name}` as Address,
    file: () => Buffer.from(secret),
    opaque: () => ({ secret, mac: mac([TARGET, written.name, secret]) }),
    mac,
    refer: (kind, name) => {
      const found = known.find((one) => one.kind === kind && [liveName(one), documentName(one)].includes(name))
      return found && { liveName: liveName(found), external: false }
    },
    warn: () => {},
  }
}

const liveName = ({ id }: Wanted): string => decodeURIComponent(id.split('/')[2] ?? '')
const documentName = (wanted: Wanted): string => liveName(wanted).replace(/_[0-9a-f]{12}$/, '')

interface Marked {
  readonly id: ResourceId
  readonly step: Step
  readonly note: StepNote
}

export interface SwarmWorld {
  readonly target: Target
  /** Every mark, in order. */
  readonly marks: readonly Marked[]
  observe(...wanted: readonly Wanted[]): Promise<LiveState>
  one(wanted: Wanted): Promise<Observed>
  /** Observes, plans against the record that this world keeps, and applies; returns the plan. */
  reconcile(wanted: readonly Wanted[], app?: string): Promise<Plan>
  apply(...changes: readonly Change[]): Promise<readonly Marked[]>
  /** Asks once a quarter of a second until the health is as the test wants it. */
  until(
    wanted: Wanted,
    what: (observed: Observed & { state: 'present' }) => boolean,
  ): Promise<Observed & { state: 'present' }>
  readonly record: Map<ResourceId, Recorded>
}

export const neverAborted = new AbortController().signal

export interface SwarmWorldOptions extends Partial<SwarmTargetOptions> {
  readonly endpoint: string
}

/** A target on a real or recorded Swarm, and as much of an engine as its tests need. */
export function createSwarmWorld({ endpoint, ...options }: SwarmWorldOptions): SwarmWorld {
  const clock: Clock = options.clock ?? createRealClock()
  const target = createSwarmTarget({
    config: { name: TARGET, endpoints: [{ url: endpoint }], registries: [] },
    install: INSTALL,
    credentials: {
      endpoint: () => ({}),
      registry: (name) => {
        throw new Error(`no credential ${name}`)
      },
    },
    clock,
    ...options,
  })
  const record = new Map<ResourceId, Recorded>()
  const marks: Marked[] = []

  const apply = async (...changes: readonly Change[]): Promise<readonly Marked[]> => {
    const mine: Marked[] = []
    await target.apply(
      { changes, gates: [], pauseMs: 0 },
      {
        signal: neverAborted,
        reveal: async (secret) => new Sensitive(secret),
        guard: async () => {},
        record: [...record.values()],
        mark: (id, step, note = {}) => {
          mine.push({ id, step, note })
          marks.push({ id, step, note })
        },
      },
    )
    for (const change of changes) {
      if (mine.findLast((mark) => mark.id === change.id)?.step === 'applied') remember(record, change)
    }
    return mine
  }
  const observe = (...wanted: readonly Wanted[]) => target.observe(wanted, { signal: neverAborted })
  const one = async (wanted: Wanted): Promise<Observed> =>
    (await observe(wanted)).of.get(wanted.id) ?? { state: 'unknown', reason: 'not looked at' }
  return {
    target,
    marks,
    record,
    observe,
    one,
    apply,
    reconcile: async (wanted, app = 'web') => {
      const live = await target.observe([...wanted, ...record.values()], { signal: neverAborted })
      const plan = makePlan(planInput(app, wanted, { live, record }))
      for (const stage of plan.stages) await apply(...stage.changes)
      return plan
    },
    until: async (wanted, what) => {
      for (let left = 240; ; left -= 1) {
        const seen = await one(wanted)
        if (seen.state === 'present' && what(seen)) return seen
        if (left === 0) throw new Error(`${wanted.id} never came to be so: ${JSON.stringify(seen)}`)
        await clock.sleep(250)
      }
    },
  }
}

function planInput(
  app: string,
  wanted: readonly Wanted[],
  { live, record }: { readonly live: LiveState; readonly record: ReadonlyMap<ResourceId, Recorded> },
): PlanInput {
  return {
    app,
    goal: 'desired',
    revision: '0'.repeat(40),
    wanted,
    frozen: new Map(),
    record: [...record.values()],
    live,
    kinds: KINDS,
    desired: new Set(wanted.map(({ id }) => id)),
    lastGood: [],
    gates: [],
  }
}

function remember(record: Map<ResourceId, Recorded>, change: Change): void {
  if (change.action === 'prune') {
    record.delete(change.id)
    return
  }
  record.set(change.id, recordedOf(change.to))
  if (change.action === 'replace') for (const freed of change.frees) if (freed !== change.id) record.delete(freed)
}

export const actionsOf = (plan: Plan): readonly string[] =>
  changesOf(plan).map((change) => `${change.action} ${change.id.slice(TARGET.length + 1)}`)

/** The same, with its tag resolved to a digest, as planning does. */
export async function pinned(wanted: Wanted, target: Target): Promise<Wanted> {
  const image = KINDS.get(wanted.kind)?.image
  const written = image?.written(wanted.spec)
  if (!image || written === undefined) return wanted
  return { ...wanted, spec: image.pin(wanted.spec, await target.resolveImage(written, { signal: neverAborted })) }
}
