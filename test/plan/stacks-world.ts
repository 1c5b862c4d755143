import { createRender } from '../../src/engine/render.ts'
import { KINDS } from '../../src/kinds/registry.ts'
import type { Desired } from '../../src/model/desired.ts'
import type { ResourceId } from '../../src/model/id.ts'
import type { Observed } from '../../src/model/live.ts'
import { changesOf, type Goal, type Plan } from '../../src/model/plan.ts'
import { formatProblem } from '../../src/model/problem.ts'
import type { Wanted } from '../../src/model/resource.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import { makePlan } from '../../src/plan/make-plan.ts'
import { createMemorySource, type MemoryFiles } from '../../src/source/memory.ts'
import { recordedAs } from '../support/plan-input.ts'

const render = createRender({ key: new Sensitive(Buffer.alloc(32, 7)), secrets: new Map() })

const BASE: MemoryFiles = {
  'swarmkeeper.yaml': 'kind: Fleet\nversion: 1\n',
  'targets/prod.yaml': 'kind: Swarm\nname: prod\nendpoints: ["unix:///var/run/docker.sock"]\n',
}

async function desiredOf(files: MemoryFiles): Promise<Desired> {
  const { signal } = new AbortController()
  const source = createMemorySource({ ...BASE, ...files })
  return render(await source.read(await source.resolve({ signal }), { signal }))
}

/** Errors of a repository, as people read them. */
export async function errorsOf(files: MemoryFiles): Promise<readonly string[]> {
  const { problems } = await desiredOf(files)
  return problems.filter(({ severity }) => severity === 'error').map(formatProblem)
}

/** What a repository of stacks and documents declares; every error is thrown. */
export async function declared(files: MemoryFiles): Promise<Desired> {
  const errors = await errorsOf(files)
  if (errors.length > 0) throw new Error(errors.join('\n'))
  return desiredOf(files)
}

const wantedOf = (desired: Desired): readonly Wanted[] => [...desired.apps.values()].flatMap((app) => app.wanted)

/** Live as it was applied, on node-3. */
function liveOf(before: readonly Wanted[], after: readonly Wanted[]): ReadonlyMap<ResourceId, Observed> {
  const present = before.map(({ id, kind, spec, app, digest }): readonly [ResourceId, Observed] => {
    const live = KINDS.get(kind)?.asApplied?.(spec) ?? spec
    const health = { status: 'healthy', instance: '1' } as const
    return [id, { state: 'present', live, owner: { who: 'us', app, digest }, health, version: '1', on: ['node-3'] }]
  })
  return new Map([...after.map(({ id }): readonly [ResourceId, Observed] => [id, { state: 'absent' }]), ...present])
}

/** The plan of every app from one revision, applied, to the next; or back to one that was good. */
export async function plansBetween(
  before: MemoryFiles,
  after: MemoryFiles,
  goal: Goal = 'desired',
): Promise<ReadonlyMap<string, Plan>> {
  const [old, next] = [await declared(before), await declared(after)]
  const everyone = wantedOf(next)
  const record = wantedOf(old).map((wanted) => recordedAs(wanted))
  return new Map(
    [...new Set([...old.apps.keys(), ...next.apps.keys()])].map((app) => [
      app,
      makePlan({
        app,
        goal,
        revision: 'next',
        wanted: next.apps.get(app)?.wanted ?? [],
        frozen: new Map(),
        record,
        live: { at: new Date(0), of: liveOf(wantedOf(old), everyone), facts: new Map() },
        kinds: KINDS,
        desired: new Set(goal === 'desired' ? everyone.map(({ id }) => id) : []),
        everyone: goal === 'desired' ? everyone : [],
        createdByAttempt: new Set(record.map(({ id }) => id)),
        lastGood: old.apps.get(app)?.wanted ?? [],
        gates: [],
      }),
    ]),
  )
}

const short = (id: ResourceId): string => id.replace(/^prod\//, '')

/** Every change of every app, in its order: `db: create Service/db_web`. */
export const doneIn = (plans: ReadonlyMap<string, Plan>): readonly string[] =>
  [...plans].flatMap(([app, plan]) =>
    changesOf(plan).map((change) => {
      const frees = change.action === 'replace' ? change.frees.map((id) => ` for ${short(id)}`).join('') : ''
      return `${app}: ${change.action} ${short(change.id)}${frees}`
    }),
  )

/** Everything that is held, with its message. */
export const heldIn = (plans: ReadonlyMap<string, Plan>): readonly string[] =>
  [...plans].flatMap(([app, plan]) =>
    plan.held.map(({ id, why, message }) => `${app}: ${why} ${short(id)}: ${message}`),
  )
