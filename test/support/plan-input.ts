import { digestOf } from '../../src/model/digest.ts'
import type { ResourceId } from '../../src/model/id.ts'
import type { Health, Observed, Owner } from '../../src/model/live.ts'
import type { Recorded, Wanted } from '../../src/model/resource.ts'
import { SPEC_FORMAT } from '../../src/model/resource.ts'
import type { PlanInput } from '../../src/plan/make-plan.ts'
import { desiredOf, type Written } from './fleet.ts'
import { testKinds } from './kinds.ts'

/** A resource as the plan gets it. */
export function wantedIn(app: string, written: Written): Wanted {
  const [wanted] = desiredOf({ [app]: [written] }).apps.get(app)?.wanted ?? []
  if (!wanted) throw new Error('nothing was written')
  return wanted
}

export function recordedAs(wanted: Wanted, overrides: Partial<Recorded> = {}): Recorded {
  const { id, kind, spec, digest, app, handling } = wanted
  return { id, kind, spec, digest, app, handling, format: SPEC_FORMAT, state: 'owned', ...overrides }
}

/** Live as it would be after it was applied. */
export function liveAs(wanted: Wanted, overrides: { owner?: Owner; spec?: unknown; health?: Health } = {}): Observed {
  return {
    state: 'present',
    live: overrides.spec ?? wanted.spec,
    owner: overrides.owner ?? { who: 'us', app: wanted.app, digest: wanted.digest },
    health: overrides.health ?? { status: 'healthy' },
    version: '1',
  }
}

export const ABSENT: Observed = { state: 'absent' }
export const UNKNOWN: Observed = { state: 'unknown', reason: 'it does not answer' }

export interface Situation {
  readonly app?: string
  readonly wanted?: readonly Wanted[]
  readonly record?: readonly Recorded[]
  readonly live?: Readonly<Record<string, Observed>>
}

/** What `makePlan` gets, with everything that a test does not speak of at its plainest. */
export function planInput(situation: Situation, overrides: Partial<PlanInput> = {}): PlanInput {
  const wanted = situation.wanted ?? []
  const of = new Map(Object.entries(situation.live ?? {}).map(([id, observed]) => [id as ResourceId, observed]))
  return {
    app: situation.app ?? 'web',
    goal: 'desired',
    revision: 'r2',
    wanted,
    frozen: new Map(),
    record: situation.record ?? [],
    live: { at: new Date(0), of, facts: new Map() },
    kinds: testKinds,
    desired: new Set(wanted.map((one) => one.id)),
    lastGood: [],
    gates: [],
    ...overrides,
  }
}

export const otherDigest = digestOf('something else')
