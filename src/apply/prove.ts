import type { CheckResult, CheckSpec } from '../model/check.ts'
import type { Clock } from '../model/clock.ts'
import { InternalError, type Reason } from '../model/error.ts'
import type { ResourceId } from '../model/id.ts'
import { type Kinds, runsOnce } from '../model/kind.ts'
import type { Health, LiveState, Observed } from '../model/live.ts'
import type { Wanted } from '../model/resource.ts'

/** Between two looks at what is being proven. */
const POLL_MS = 1_000

export interface ProofFailure {
  readonly id?: ResourceId
  readonly reason: Reason
  readonly message: string
  /** It could not be seen: nothing is judged. */
  readonly unknown: boolean
}

export interface ProofInput {
  readonly wanted: readonly Wanted[]
  readonly gates: readonly CheckSpec[]
  readonly kinds: Kinds
  readonly clock: Clock
  readonly signal: AbortSignal
  observe(resources: readonly Wanted[]): Promise<LiveState>
  runCheck(check: CheckSpec): Promise<CheckResult>
  /** How often each had come back by itself when it was proven before: once more is a failure. */
  readonly restarts?: ReadonlyMap<ResourceId, number>
  /** One is proven, after it had come back by itself that often. */
  proven?(id: ResourceId, restarts: number): void
  /** What is still waited for. */
  waiting(ids: readonly ResourceId[], message: string): void
}

/**
 * Waits until all are healthy and have not restarted for their `stableFor`, then asks the checks (rule 15). A state per
 * resource: pending -> stable(since, instance) -> proven; a new instance or another health starts over; degraded,
 * reverted or gone is a failure at once; past its `timeout` it is one as well.
 */
export async function prove(input: ProofInput): Promise<ProofFailure | undefined> {
  return (await waitStable(input)) ?? (await passGates(input))
}

interface Waiting {
  readonly since?: number
  readonly instance?: string
}

async function waitStable(input: ProofInput): Promise<ProofFailure | undefined> {
  const start = input.clock.monotonic()
  let pending = new Map<ResourceId, Waiting>(input.wanted.map((wanted) => [wanted.id, {}]))
  while (pending.size > 0) {
    const ask = input.wanted.filter((wanted) => pending.has(wanted.id))
    const live = await input.observe(ask)
    const now = input.clock.monotonic()
    const next = new Map<ResourceId, Waiting>()
    for (const wanted of ask) {
      const observed = live.of.get(wanted.id) ?? { state: 'unknown', reason: 'it was not observed' }
      const seen = judge(wanted, observed, { ...input, waiting: pending.get(wanted.id) ?? {}, now })
      if ('failure' in seen) return seen.failure
      if ('proven' in seen) {
        if (observed.state === 'present') input.proven?.(wanted.id, observed.health.restarts ?? 0)
        continue
      }
      if (isLate(wanted, now - start, seen.waiting)) return late(wanted, observed)
      next.set(wanted.id, seen.waiting)
      input.waiting([wanted.id], seen.message)
    }
    pending = next
    if (pending.size > 0) await input.clock.sleep(POLL_MS, { signal: input.signal })
  }
  return undefined
}

/** What is healthy at its deadline may prove that it stays so; what restarts again and again never does. */
function isLate({ handling }: Wanted, elapsed: number, waiting: Waiting): boolean {
  const grace = waiting.since === undefined ? 0 : handling.stableForMs
  return elapsed >= handling.timeoutMs + grace
}

type Judgement =
  | { readonly failure: ProofFailure }
  | { readonly proven: true }
  | { readonly waiting: Waiting; readonly message: string }

interface Moment extends Pick<ProofInput, 'kinds' | 'restarts'> {
  readonly waiting: Waiting
  readonly now: number
}

function judge(wanted: Wanted, observed: Observed, at: Moment): Judgement {
  const kind = at.kinds.get(wanted.kind)
  if (!kind) throw new InternalError(`no such kind: ${wanted.kind}`)
  if (observed.state === 'unknown') return { waiting: {}, message: observed.reason }
  // A watched thing that disappears is a failure at once, not a wait (reliability.md 13).
  if (observed.state === 'absent') return failed(wanted, 'HealthCheckFailed', 'it disappeared while it was watched')
  if (kind.inert) return { proven: true }
  return judgeHealth(wanted, observed.health, { ...at, job: runsOnce(kind, wanted.spec) })
}

function judgeHealth(wanted: Wanted, health: Health, at: Moment & { readonly job: boolean }): Judgement {
  const message = health.message ?? health.status
  if (health.revertedByTarget) return failed(wanted, 'RolledBackBySwarm', message)
  if (health.status === 'degraded') return failed(wanted, at.job ? 'JobFailed' : 'TaskFailed', message)
  const crashed = cameBack(health, at.restarts?.get(wanted.id))
  if (crashed) return failed(wanted, 'TaskFailed', crashed)
  if (health.status === 'suspended' || health.finished) return { proven: true }
  if (health.status === 'progressing' || at.job) return { waiting: {}, message }
  const instance = health.instance ?? ''
  const since = at.waiting.instance === instance ? (at.waiting.since ?? at.now) : at.now
  if (at.now - since >= wanted.handling.stableForMs) return { proven: true }
  return {
    waiting: { since, instance },
    message: `healthy, proving stable for ${wanted.handling.stableForMs / 1000} s`,
  }
}

/**
 * What ends again and again is well at most looks: its target's count tells. A count that is lower than it was began
 * anew, by a person or with the machine.
 */
export function cameBack({ restarts = 0, message, status }: Health, before: number | undefined): string | undefined {
  if (before === undefined || restarts <= before) return undefined
  return `it ended after it was proven, and was started again (${restarts - before}x): ${message ?? status}`
}

const failed = (wanted: Wanted, reason: Reason, message: string): Judgement => ({
  failure: { id: wanted.id, reason, message, unknown: false },
})

function late(wanted: Wanted, observed: Observed): ProofFailure {
  const seconds = wanted.handling.timeoutMs / 1000
  if (observed.state === 'unknown') {
    return { id: wanted.id, reason: 'TargetUnreachable', message: observed.reason, unknown: true }
  }
  const message = observed.state === 'present' ? lateHealth(observed.health) : 'absent'
  return {
    id: wanted.id,
    reason: 'ProgressDeadlineExceeded',
    message: `not proven after ${seconds} s: ${message}`,
    unknown: false,
  }
}

const lateHealth = (health: Health): string =>
  health.status === 'healthy' ? 'it restarts again and again' : (health.message ?? health.status)

async function passGates(input: ProofInput): Promise<ProofFailure | undefined> {
  for (const check of input.gates) {
    const result = await input.runCheck(check)
    if (!result.ok) return { reason: 'HealthCheckFailed', message: `${result.name}: ${result.message}`, unknown: false }
  }
  return undefined
}
