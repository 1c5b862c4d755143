import type { RestartPolicy, UpdatePolicy } from './spec.ts'

/** Swarm's own defaults (moby/swarmkit api/defaults/service.go), in milliseconds. */
export const SWARM_DEFAULTS = {
  stopGracePeriod: 10_000,
  restartDelay: 5000,
  monitor: 5000,
  uid: '0',
  gid: '0',
  fileMode: '0444',
} as const

/** What a service without an update or rollback policy gets. */
export const DEFAULT_UPDATE: UpdatePolicy = {
  parallelism: 1,
  delay: 0,
  failureAction: 'pause',
  monitor: SWARM_DEFAULTS.monitor,
  maxFailureRatio: 0,
  order: 'stop-first',
}

export const DEFAULT_RESTART: RestartPolicy = {
  condition: 'any',
  delay: SWARM_DEFAULTS.restartDelay,
  maxAttempts: 0,
  window: 0,
}
