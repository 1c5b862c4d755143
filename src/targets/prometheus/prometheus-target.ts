import { InternalError, ReconcileError } from '../../model/error.ts'
import type { ResourceId } from '../../model/id.ts'
import type { Observed } from '../../model/live.ts'
import type { Resource } from '../../model/resource.ts'
import type { CallOptions, Target, TargetFinding } from '../../model/target.ts'
import { askCheck } from '../../prometheus/judge.ts'
import { applyToPrometheus } from './apply.ts'
import { complaintsIn } from './journal.ts'
import { errorOf, isRuleFile, observeRuleFile, readLoaded, unknownKind } from './look.ts'
import type { Place, PrometheusTargetOptions } from './place.ts'
import { type PrometheusFacts, unfitForPrometheus } from './preflight.ts'
import { findUnfit, recordedBy, rememberNames } from './series.ts'

/**
 * A Prometheus: what it loads is brought to it by others (a File of its host, a Config of its Swarm), and it is told to read
 * that. It has no place for a stamp, a record or a lease: who writes the file holds all three (`Kind.reflects`), and to be
 * told twice does no harm.
 */
export function createPrometheusTarget(options: PrometheusTargetOptions): Target {
  const { name, prometheus, clock } = options
  const place: Place = { ...options, series: { found: new Map() } }
  const identity = `Prometheus ${name}`
  const reach = async (call: CallOptions): Promise<void> => void (await prometheus.runtime(call))
  return {
    name,
    keepsNoRecord: true,
    identity: async (call) => {
      await reach(call)
      return identity
    },
    observe: async (wanted, call) => ({
      at: clock.now(),
      ...(await look(wanted, place, call)),
      record: undefined,
      identity,
    }),
    apply: (stage, applying) => applyToPrometheus(stage, applying, place),
    writeRecord: async () => {
      throw new InternalError(`${name} is a Prometheus, and keeps no record`)
    },
    lease: async (_holder, call) => {
      await reach(call)
      return { check: async () => {}, release: async () => {} }
    },
    preflight: (changes, live) => unfitForPrometheus(name, changes, live),
    resolveImage: async (reference, call) => {
      await reach(call)
      throw new ReconcileError('ImageUnresolved', {
        message: `${name} is a Prometheus: it knows no images, nor ${reference}`,
      })
    },
    logs: async () => [],
    diagnose: (id, call) => diagnose(id, place, call),
    runCheck: (check, call) => askCheck(check, prometheus, call),
    examine: (call) => examine(place, call),
    dispose: async () => {},
  }
}

async function look(wanted: readonly Resource[], place: Place, { signal }: CallOptions) {
  const files = wanted.filter(isRuleFile)
  const loaded = await readLoaded(files, place, { signal })
  const seen = files.map((resource) => ({ resource, observed: observeRuleFile(resource, loaded, place) }))
  const recorded = recordedBy(files, loaded)
  const names = await rememberNames({ place, signal })
  const unfit = await findUnfit(seen, recorded, { place, signal })
  const of = new Map<ResourceId, Observed>([
    ...wanted.map(({ id }) => [id, unknownKind(id)] as const),
    ...seen.map(({ resource, observed }) => [resource.id, observed] as const),
  ])
  const facts: PrometheusFacts = { names, recorded, unfit }
  return { of, facts: new Map([[place.name, facts]]) }
}

const DIAGNOSED_MS = 120_000

/** What its rules say is wrong with them, and what it wrote into its log. */
async function diagnose(id: ResourceId, place: Place, call: CallOptions): Promise<readonly string[]> {
  const { groups } = await readLoaded([], place, call)
  const broken = groups
    .filter(({ file }) => id.endsWith(file))
    .flatMap(({ rules }) => rules.filter(({ health }) => health === 'err'))
  const since = new Date(place.clock.now().getTime() - DIAGNOSED_MS)
  return [...broken.map(errorOf), ...(await complaintsIn(place, since, call))]
}

async function examine({ prometheus, reload, host }: Place, call: CallOptions): Promise<readonly TargetFinding[]> {
  const { reloadOk } = await prometheus.runtime(call)
  const read: TargetFinding =
    reloadOk === false
      ? {
          ...{ subject: 'configuration', level: 'error', message: 'it could not read its configuration the last time' },
          todo: 'its log says why; until that is mended it takes no new rules, and does not start again',
        }
      : { subject: 'configuration', level: 'ok', message: 'it could read its configuration the last time' }
  if (reload === 'http' || host) return [read]
  return [read, { subject: 'reload', level: 'error', message: '`reload: sighup` needs `rules: {host: …}` or `local`' }]
}
