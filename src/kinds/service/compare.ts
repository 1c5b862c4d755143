import { formatDuration } from '../../lib/duration.ts'
import { formatSize } from '../../lib/size.ts'
import type { FieldDiff } from '../../model/live.ts'
import { diffValues, type ValueDiff } from '../field-diff.ts'
import { compareLabels } from '../labels.ts'
import { EFFECTS, FIELD_NAMES, type FieldName, isJobMode } from './fields.ts'
import { compareImage } from './image.ts'
import { movedData } from './moved-data.ts'
import type { RestartPolicy, ServiceLive, ServiceSpec } from './spec.ts'

/** Fields that differ, by name; empty: nothing to send (architecture, rules 2 and 3). */
export function compareService(spec: ServiceSpec, live: ServiceLive): readonly FieldDiff[] {
  return differences(spec, live).map(({ field, path, from, to }) => ({
    path,
    from: shown(path, from),
    to: shown(path, to),
    // Any update of a job runs it again (swarm.md 16).
    effect: isJobMode(spec.mode) && EFFECTS[field] === 'none' ? 'restart' : EFFECTS[field],
    ...(field === 'mounts' ? movedData(spec.mounts, live.mounts) : {}),
  }))
}

export interface FieldDifference extends ValueDiff {
  readonly field: FieldName
}

/** The same with plain values, for `serviceToWire`. */
export function differences(spec: ServiceSpec, live: ServiceLive): readonly FieldDifference[] {
  return FIELD_NAMES.flatMap((field) => differencesOf(field, spec, live).map((diff) => ({ field, ...diff })))
}

function differencesOf(field: FieldName, spec: ServiceSpec, live: ServiceLive): readonly ValueDiff[] {
  switch (field) {
    case 'labels':
    case 'containerLabels':
      return compareLabels(`/${field}`, spec[field], { labels: live[field], owns: live.owns[field] })
    case 'image':
      return compareImage(spec, live)
    case 'replicas':
      return compareReplicas(spec, live)
    case 'platforms':
      // Those of the image come with it and are never a difference of their own (swarm.md 2).
      return spec.platforms ? diffValues('/platforms', live.platforms, spec.platforms) : []
    case 'triggers':
      return diffValues('/triggers', live.triggers, { ...live.triggers, ...spec.triggers })
    case 'init':
      // The Docker CLI says `false` where nobody asked for one; who declares nothing takes what is there, but an init.
      return spec.init === undefined && live.init === false ? [] : diffValues('/init', live.init, spec.init)
    case 'restart':
      return diffValues('/restart', restartOf(live), restartOf(spec))
    default:
      return diffValues(`/${field}`, live[field], spec[field])
  }
}

/**
 * A task of a job that ended well is never started again: `any`, which the engine fills in, means `on-failure` there
 * (moby/swarmkit manager/orchestrator/restart/restart.go shouldRestart).
 */
const restartOf = ({ mode, restart }: ServiceSpec | ServiceLive): RestartPolicy =>
  isJobMode(mode) && restart.condition === 'any' ? { ...restart, condition: 'on-failure' } : restart

/** Unmanaged replicas are live's own (swarm.md 11), but for those that our suspension took away. */
function compareReplicas(spec: ServiceSpec, live: ServiceLive): readonly ValueDiff[] {
  if (spec.replicas === undefined || live.replicas === undefined) return []
  const wanted = spec.replicas === 'unmanaged' ? (live.suspendedReplicas ?? live.replicas) : spec.replicas
  return diffValues('/replicas', live.replicas, wanted)
}

const DURATION =
  /^\/(stopGracePeriod|(update|rollback)\/(delay|monitor)|restart\/(delay|window)|healthcheck\/(interval|timeout|startPeriod|startInterval))$/
const SIZE = /^\/resources\/(limits|reservations)\/memory$/

/** A value as people write it. */
function shown(path: string, value: unknown): unknown {
  if (typeof value === 'number')
    return DURATION.test(path) ? formatDuration(value) : SIZE.test(path) ? formatSize(value) : value
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shown(`${path}/${key}`, item)]))
}
