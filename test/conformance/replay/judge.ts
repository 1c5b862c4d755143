import { KINDS } from '../../../src/kinds/registry.ts'
import { canonicalJson } from '../../../src/model/digest.ts'
import { partsOf, type ResourceId } from '../../../src/model/id.ts'
import type { Observed } from '../../../src/model/live.ts'
import { changesOf, type Plan } from '../../../src/model/plan.ts'
import { type Recorded, SPEC_FORMAT, type Wanted } from '../../../src/model/resource.ts'
import { makePlan } from '../../../src/plan/make-plan.ts'
import { STACK } from '../stacks/docker-cli.ts'
import { type Body, differences, serviceMeaning } from '../stacks/meaning.ts'
import type { Recording } from './recorder.ts'

/** The plan that leads from one version, applied, to the next. */
export function planBetween(old: readonly Wanted[], next: readonly Wanted[]): Plan {
  return makePlan({
    app: STACK,
    goal: 'desired',
    revision: 'next',
    wanted: next,
    frozen: new Map(),
    record: old.map(recordedAs),
    live: { at: new Date(0), of: liveOf(old, next), facts: new Map() },
    kinds: KINDS,
    desired: new Set(next.map(({ id }) => id)),
    lastGood: old,
    gates: [],
  })
}

const recordedAs = ({ id, kind, spec, digest, app, handling }: Wanted): Recorded => ({
  id,
  kind,
  spec,
  digest,
  app,
  handling,
  format: SPEC_FORMAT,
  state: 'owned',
})

function liveOf(old: readonly Wanted[], next: readonly Wanted[]): ReadonlyMap<ResourceId, Observed> {
  const absent = next.map(({ id }): readonly [ResourceId, Observed] => [id, { state: 'absent' }])
  const present = old.map(({ id, kind, spec, digest, app }): readonly [ResourceId, Observed] => {
    const live = KINDS.get(kind)?.asApplied?.(spec) ?? spec
    const owner = { who: 'us', app, digest } as const
    return [id, { state: 'present', live, owner, health: { status: 'healthy', instance: '1' }, version: '1' }]
  })
  return new Map([...absent, ...present])
}

/** Names of the services that a plan would touch: also those that wait for a person because of their data. */
export function touchedBy(plan: Plan): ReadonlySet<string> {
  const changed = changesOf(plan).flatMap((change) => [change.id, ...(change.action === 'replace' ? change.frees : [])])
  const waiting = plan.held.filter(({ why }) => why === 'data').map(({ id }) => id)
  const services = [...changed, ...waiting].map(partsOf).filter(({ kind }) => kind === 'Service')
  return new Set(services.map(({ name }) => name))
}

/** Service -> fields of what was recorded that differ; the content of what it mounts is `/mounted`. */
export function changedBetween(old: Recording, next: Recording): ReadonlyMap<string, readonly string[]> {
  const before = servicesOf(old)
  const after = servicesOf(next)
  const names = [...new Set([...before.keys(), ...after.keys()])].sort()
  return new Map(
    names.flatMap((name) => {
      const fields = differences(before.get(name), after.get(name))
      return fields.length > 0 ? [[name, fields.map(asChange)] as const] : []
    }),
  )
}

/** Services that were sent in other words that mean the same: lists in another order, defaults that are spelt out. */
export function rewordedBetween(old: Recording, next: Recording): number {
  const changed = changedBetween(old, next)
  const before = new Map(old.services.map((body) => [body.Name, canonicalJson(body)]))
  return next.services.filter(
    (body) => !changed.has(String(body.Name)) && before.has(body.Name) && before.get(body.Name) !== canonicalJson(body),
  ).length
}

const asChange = (line: string): string => line.replace(': ours ', ': from ').replace(' docker ', ' to ')

/** A secret and a config may have the same name. */
function servicesOf({ services, secrets, configs }: Recording): ReadonlyMap<string, unknown> {
  return new Map(
    services.map((body) => {
      const { Secrets, Configs } = Object(Object(body.TaskTemplate).ContainerSpec)
      const mounted = {
        secrets: contentOf(Secrets, 'SecretName', secrets),
        configs: contentOf(Configs, 'ConfigName', configs),
      }
      return [String(body.Name), { body: serviceMeaning(body), mounted }]
    }),
  )
}

/** By whole names: the end of one may look like that of a generation. */
function contentOf(references: unknown, key: string, files: readonly Body[]): Readonly<Record<string, unknown>> {
  const names = (Array.isArray(references) ? references : []).map((one) => String(one[key]))
  const content = new Map(files.map(({ Name, Data, Templating, Driver }) => [Name, { Data, Templating, Driver }]))
  return Object.fromEntries(names.map((name) => [name, content.get(name) ?? 'external']))
}
