import { NormalizeProblem } from '../../model/kind.ts'
import type { Service } from '../../model/written/service.ts'
import { bytes, duration, texts } from '../written-values.ts'
import { DEFAULT_RESTART, DEFAULT_UPDATE } from './defaults.ts'
import { compact, whole } from './go-values.ts'
import type { Driver, Resources, RestartPolicy, UpdatePolicy } from './spec.ts'

export function readUpdate(written: Service['update'], pointer: string): UpdatePolicy {
  return {
    parallelism: written?.parallelism ?? DEFAULT_UPDATE.parallelism,
    delay: duration(written?.delay, `${pointer}/delay`) ?? DEFAULT_UPDATE.delay,
    failureAction: written?.failureAction ?? DEFAULT_UPDATE.failureAction,
    // 0 on the wire means the default (moby daemon/cluster/convert/service.go).
    monitor: duration(written?.monitor, `${pointer}/monitor`) || DEFAULT_UPDATE.monitor,
    maxFailureRatio: written?.maxFailureRatio ?? DEFAULT_UPDATE.maxFailureRatio,
    order: written?.order ?? DEFAULT_UPDATE.order,
  }
}

export function readRestart(
  written: Service['restart'],
  at: { readonly pointer: string; readonly condition: RestartPolicy['condition'] },
): RestartPolicy {
  return {
    condition: written?.condition ?? at.condition,
    delay: duration(written?.delay, `${at.pointer}/delay`) ?? DEFAULT_RESTART.delay,
    maxAttempts: written?.maxAttempts ?? DEFAULT_RESTART.maxAttempts,
    window: duration(written?.window, `${at.pointer}/window`) ?? DEFAULT_RESTART.window,
  }
}

export function readResources(written: Service['resources'], pointer: string): Resources {
  const { limits, reservations } = written ?? {}
  return {
    limits: compact<Resources['limits']>({
      cpus: cpus(limits?.cpus, `${pointer}/limits/cpus`),
      memory: memory(limits?.memory, `${pointer}/limits/memory`),
      pids: whole(limits?.pids),
    }),
    reservations: compact<Resources['reservations']>({
      cpus: cpus(reservations?.cpus, `${pointer}/reservations/cpus`),
      memory: memory(reservations?.memory, `${pointer}/reservations/memory`),
      generic: { ...reservations?.generic },
    }),
  }
}

/** What the engine refuses below (swarmkit manager/controlapi/service.go validateResources); 0 is "not set". */
const LEAST_CPUS = 0.001
const LEAST_MEMORY = 4 * 1024 ** 2

/** Swarm counts billionths. */
function cpus(written: string | number | undefined, pointer: string): number | undefined {
  const count = Math.round(Number(written ?? 0) * 1e9) / 1e9
  if (count === 0 || count >= LEAST_CPUS) return whole(count)
  throw new NormalizeProblem(pointer, `${written} is less than ${LEAST_CPUS}, the least that Swarm takes`)
}

function memory(written: string | number | undefined, pointer: string): number | undefined {
  const size = bytes(written, pointer) ?? 0
  if (size === 0 || size >= LEAST_MEMORY) return whole(size)
  throw new NormalizeProblem(pointer, `${written} is less than 4MiB, the least that Swarm takes`)
}

export function readLogging(written: Service['logging']): Driver | undefined {
  if (!written) return undefined
  const driver = compact<Driver>({ driver: written.driver || undefined, options: texts(written.options) })
  return driver.driver === undefined && Object.keys(driver.options).length === 0 ? undefined : driver
}
