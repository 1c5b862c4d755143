import { isAbsolute, join } from 'node:path'
import type { LiveGroup, RuleFileLive, RuleFileSpec } from '../../kinds/rule-file/spec.ts'
import { partsOf, type ResourceId } from '../../model/id.ts'
import type { Health, Observed } from '../../model/live.ts'
import type { Resource } from '../../model/resource.ts'
import type { CallOptions } from '../../model/target.ts'
import type { LoadedGroup, LoadedRule, Runtime } from '../../prometheus/answers.ts'
import type { Place } from './place.ts'

/** What it has loaded, all files together: two questions, and a third after each reload. */
export interface Loaded {
  readonly groups: readonly LoadedGroup[]
  readonly runtime: Runtime
  readonly evaluationInterval: number | undefined
}

export type RuleFileResource = Resource<RuleFileSpec>

export const isRuleFile = (resource: Resource): resource is RuleFileResource => resource.kind === 'RuleFile'

export async function readLoaded(
  wanted: readonly RuleFileResource[],
  place: Pick<Place, 'prometheus' | 'series'>,
  options: CallOptions,
): Promise<Loaded> {
  const { prometheus } = place
  const [groups, runtime] = await Promise.all([prometheus.rules(options), prometheus.runtime(options)])
  const matters = wanted.some(({ spec }) => spec.groups.some(({ interval }) => interval === 0))
  return { groups, runtime, evaluationInterval: matters ? await usualInterval(runtime, place, options) : undefined }
}

async function usualInterval(
  { lastConfigTime: configTime }: Runtime,
  { prometheus, series }: Pick<Place, 'prometheus' | 'series'>,
  options: CallOptions,
): Promise<number | undefined> {
  if (configTime !== undefined && series.interval?.configTime === configTime) return series.interval.seconds
  const seconds = await prometheus.evaluationInterval(options)
  if (configTime !== undefined) series.interval = { configTime, seconds }
  return seconds
}

/** A rule is evaluated within its interval after it was loaded; who waits an hour for that learns nothing in time. */
const MOST_WAITED_S = 120

/**
 * A file is there when something of it is loaded. After a reload that failed nobody knows which files were read: all are
 * there then until one works, so that what is to go is gone for sure. A file without groups shows in no answer.
 */
export function observeRuleFile({ spec }: RuleFileResource, loaded: Loaded, place: Pick<Place, 'canonical'>): Observed {
  const groups = groupsOf(spec.path, loaded)
  const failed = loaded.runtime.reloadOk === false
  if (groups.length === 0 && !failed && spec.groups.length > 0) return { state: 'absent' }
  return {
    state: 'present',
    live: liveOf(groups, loaded, place),
    owner: { who: 'nobody' },
    health: healthOf(groups, failed),
    version: loaded.runtime.lastConfigTime ?? '',
  }
}

export const groupsOf = (path: string, { groups, runtime }: Loaded): readonly LoadedGroup[] =>
  groups.filter(({ file }) => placeOf(file, runtime.workingDirectory) === path)

const placeOf = (file: string, workingDirectory: string | undefined): string =>
  isAbsolute(file) || workingDirectory === undefined ? file : join(workingDirectory, file)

export function liveOf(
  groups: readonly LoadedGroup[],
  { runtime, evaluationInterval }: Loaded,
  place: Pick<Place, 'canonical'>,
): RuleFileLive {
  const { reloadOk } = runtime
  return {
    groups: groups.map((group) => liveGroup(group, place)),
    ...(evaluationInterval === undefined ? {} : { evaluationInterval }),
    reload: reloadOk === undefined ? 'unknown' : reloadOk ? 'ok' : 'failed',
  }
}

const liveGroup = ({ name, intervalSeconds, limit, rules }: LoadedGroup, { canonical }: Pick<Place, 'canonical'>) =>
  ({
    ...{ name, limit, interval: intervalSeconds },
    rules: rules.map(({ type, name: ruleName, query, labels, annotations, ...rule }) => ({
      ...{ type: type === 'recording' ? 'record' : 'alert', name: ruleName, expr: canonical(query) },
      ...{ for: rule.forSeconds, keepFiringFor: rule.keepFiringForSeconds, labels, annotations },
    })),
  }) satisfies LiveGroup

function healthOf(groups: readonly LoadedGroup[], failed: boolean): Health {
  const rules = groups.flatMap((group) => group.rules.map((rule) => ({ rule, group })))
  const bad = rules.filter(({ rule }) => rule.health === 'err')
  if (bad.length > 0) return { status: 'degraded', message: bad.map(({ rule }) => errorOf(rule)).join('; ') }
  if (failed) return { status: 'degraded', message: 'Prometheus could not read its configuration the last time' }
  const waited = rules.find(({ rule, group }) => rule.health === 'unknown' && group.intervalSeconds <= MOST_WAITED_S)
  if (!waited) return { status: 'healthy' }
  return { status: 'progressing', message: `${waited.rule.name} was not evaluated yet` }
}

export const errorOf = ({ name, lastError }: LoadedRule): string => `${name}: ${lastError ?? 'it fails'}`.slice(0, 500)

/** What is no rule file is no thing of a Prometheus. */
export const unknownKind = (id: ResourceId): Observed => ({
  state: 'unknown',
  reason: `${partsOf(id).target} is a Prometheus: it takes alert rules, and no ${partsOf(id).kind}`,
})
