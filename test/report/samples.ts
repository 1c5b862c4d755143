import type { Digest } from '../../src/model/digest.ts'
import { makeId, partsOf, type ResourceId } from '../../src/model/id.ts'
import type { FieldDiff } from '../../src/model/live.ts'
import type { AppOutcome, AppPlan, FleetOutcome, FleetPlan } from '../../src/model/outcome.ts'
import type { Change, Plan } from '../../src/model/plan.ts'
import { defaultHandling, type Recorded, type Wanted } from '../../src/model/resource.ts'

export const REVISION = '1a2b3c4d5e6f'.padEnd(40, '0')

export const id = (kind: string, name: string): ResourceId => makeId({ target: 'prod', kind, name })

const SPECS: Readonly<Record<string, unknown>> = {
  Service: { image: 'web:2', replicas: 2, mode: 'replicated' },
  Network: { driver: 'overlay', attachable: false },
}

export function wanted(of: ResourceId): Wanted {
  return {
    id: of,
    kind: partsOf(of).kind,
    spec: SPECS[partsOf(of).kind] ?? {},
    digest: 'd' as Digest,
    app: 'hello',
    after: [],
    handling: defaultHandling,
    origin: { path: 'apps/hello/hello.yaml', line: 1, column: 1 },
  }
}

const recorded = (of: ResourceId): Recorded => ({ ...wanted(of), format: 1, state: 'owned' })

export const image: FieldDiff = { path: '/image', from: 'web:1', to: 'web:2', effect: 'restart' }
export const secret: FieldDiff = { path: '/env/KEY', from: 'a1', to: 'b2', opaque: true, effect: 'restart' }

export const create = (of: ResourceId): Change => ({
  action: 'create',
  id: of,
  cause: 'revision',
  diffs: [],
  to: wanted(of),
})

export const update = (of: ResourceId, diffs: readonly FieldDiff[], cause: Change['cause'] = 'revision'): Change => ({
  action: 'update',
  id: of,
  cause,
  diffs,
  from: recorded(of),
  to: wanted(of),
})

export const prune = (of: ResourceId): Change => ({
  action: 'prune',
  id: of,
  cause: 'revision',
  diffs: [],
  from: recorded(of),
})

export function plan(rest: Partial<Plan> = {}): Plan {
  return { app: 'hello', goal: 'desired', revision: REVISION, stages: [], settled: [], held: [], forget: [], ...rest }
}

export const appPlan = (of: Partial<Plan>, rest: Partial<AppPlan> = {}): AppPlan => {
  const made = plan(of)
  return { app: made.app, plan: made, guards: [], unfit: [], ...rest }
}

export const fleetPlan = (apps: readonly AppPlan[], rest: Partial<FleetPlan> = {}): FleetPlan => ({
  revision: REVISION,
  stale: false,
  apps,
  problems: [],
  orphans: [],
  orphanedTargets: [],
  ...rest,
})

export const outcome = (rest: Partial<AppOutcome> = {}): AppOutcome => ({
  app: 'hello',
  revision: REVISION,
  outcome: 'unchanged',
  steps: [],
  diagnosis: [],
  guards: [],
  ...rest,
})

export const fleetOutcome = (apps: readonly AppOutcome[], rest: Partial<FleetOutcome> = {}): FleetOutcome => ({
  revision: REVISION,
  stale: false,
  apps,
  problems: [],
  ...rest,
})

/** Rendered lines as one text, for comparing with a template literal that starts on its own line. */
export const text = (lines: readonly string[]): string => `\n${lines.join('\n')}\n`
