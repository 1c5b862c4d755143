import { DEFAULT_RESTART, DEFAULT_UPDATE } from '../../kinds/service/defaults.ts'
import { constraintText } from '../../kinds/service/from-wire-task.ts'
import { compact } from '../../kinds/service/go-values.ts'
import { sortTexts } from '../../kinds/service/sort.ts'
import type { Resources, RestartPolicy, UpdatePolicy } from '../../kinds/service/spec.ts'
import { parseGoCpus } from '../go/cpus.ts'
import type { ComposeResources, ComposeService, Reservations, UpdateConfig } from '../model.ts'
import type { ServicePlace } from './service.ts'
import { milliseconds } from './units.ts'

export function updateOf(written: UpdateConfig | undefined, { stack, pointer }: ServicePlace): UpdatePolicy {
  if (!written) return DEFAULT_UPDATE
  const action = written.failure_action ?? DEFAULT_UPDATE.failureAction
  const known = action === 'pause' || action === 'continue' || action === 'rollback'
  if (!known) stack.doubt(`${pointer}/failure_action`, `'${action}' is not one of pause, continue, rollback`)
  return {
    parallelism: written.parallelism ?? DEFAULT_UPDATE.parallelism,
    delay: milliseconds(written.delay) ?? DEFAULT_UPDATE.delay,
    // What a Swarm refuses stays as it is written, here and below: that is what the docker CLI sends.
    failureAction: action as UpdatePolicy['failureAction'],
    monitor: milliseconds(written.monitor) ?? DEFAULT_UPDATE.monitor,
    maxFailureRatio: written.max_failure_ratio ?? DEFAULT_UPDATE.maxFailureRatio,
    order: written.order === 'start-first' ? 'start-first' : 'stop-first',
  }
}

/** `deploy.restart_policy`, or else the `restart` of plain containers, of which `no` says nothing. */
export function restartOf(service: ComposeService, { stack, pointer }: ServicePlace): RestartPolicy {
  const written = service.deploy?.restart_policy
  if (!written) return plainRestart(service.restart ?? '', (message) => stack.refuse(`${pointer}/restart`, message))
  const { condition = 'any', delay, max_attempts: maxAttempts = 0, window } = written
  const meant = condition.toLowerCase().replaceAll('_', '-')
  const known = meant === 'none' || meant === 'on-failure' || meant === 'any'
  if (!known) {
    stack.doubt(`${pointer}/deploy/restart_policy/condition`, `'${condition}' is not one of none, on-failure, any`)
  }
  return {
    condition: known ? meant : (condition as RestartPolicy['condition']),
    delay: milliseconds(delay) ?? DEFAULT_RESTART.delay,
    maxAttempts,
    window: milliseconds(window) ?? DEFAULT_RESTART.window,
  }
}

function plainRestart(written: string, refuse: (message: string) => void): RestartPolicy {
  const [, name = '', attempts = '0'] = /^([^:]*)(?::(.*))?$/s.exec(written) ?? []
  const known = ['', 'no', 'always', 'unless-stopped', 'on-failure'].includes(name)
  if (!known || (name === '' && written !== '') || !/^[-+]?\d*$/.test(attempts)) {
    refuse(`'${written}' is not a restart policy: no, always, unless-stopped, on-failure or on-failure:3`)
  }
  if (name !== 'on-failure') return DEFAULT_RESTART
  return { ...DEFAULT_RESTART, condition: 'on-failure', maxAttempts: Math.max(0, Number(attempts)) }
}

export function resourcesOf({ limits, reservations }: ComposeResources = {}, place: ServicePlace): Resources {
  const pointer = `${place.pointer}/deploy/resources`
  return {
    limits: compact<Resources['limits']>({
      cpus: cpus(limits?.cpus, { ...place, pointer: `${pointer}/limits/cpus` }),
      memory: limits?.memory,
      pids: limits?.pids,
    }),
    reservations: compact<Resources['reservations']>({
      cpus: cpus(reservations?.cpus, { ...place, pointer: `${pointer}/reservations/cpus` }),
      memory: reservations?.memory,
      generic: genericOf(reservations),
    }),
  }
}

function cpus(written: string | undefined, { stack, pointer }: ServicePlace): number | undefined {
  const nano = written === undefined ? 0 : parseGoCpus(written)
  if (typeof nano === 'number') return nano === 0 ? undefined : nano / 1e9
  stack.refuse(pointer, `'${written}' is not a number of CPUs: ${nano}`)
  return undefined
}

function genericOf(reservations: Reservations | undefined): Resources['reservations']['generic'] {
  const specs = (reservations?.generic_resources ?? []).flatMap((one) => one.discrete_resource_spec ?? [])
  return Object.fromEntries(specs.map(({ kind = '', value = 0 }) => [kind, value]))
}

const CONSTRAINT = /^[a-zA-Z0-9_.-]+ (==|!=) [a-zA-Z0-9:\-_\s.*()?+[\]\\^$|/]+$/

export function constraintsOf(written: readonly string[], { stack, pointer }: ServicePlace): readonly string[] {
  const texts = written.map((text, index) => {
    const constraint = constraintText(text)
    if (CONSTRAINT.test(constraint)) return constraint
    const at = `${pointer}/deploy/placement/constraints/${index}`
    stack.doubt(at, `'${text}' is not a constraint like node.role == worker`)
    return constraint
  })
  return sortTexts(texts)
}
