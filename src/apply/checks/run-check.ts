import type { AddressEntry } from '../../lib/addresses.ts'
import type { CheckResult, CheckSpec } from '../../model/check.ts'
import type { Clock } from '../../model/clock.ts'
import { type Open, type Resolve, resolveByDns } from '../../web/reach.ts'
import { type Attempt, failed } from './attempt.ts'
import { tryHttp } from './http.ts'
import { tryTcp } from './tcp.ts'

export interface CheckContext {
  readonly signal: AbortSignal
  readonly clock: Clock
  /** `allowedAddresses` of the operator's settings: a check comes from the repository, and reaches nothing else. */
  readonly allowed: readonly AddressEntry[]
  /** Runs a command on its target, once; absent where no target can. */
  readonly runCommand?: (check: CheckSpec, options: { readonly signal: AbortSignal }) => Promise<CheckResult>
  /** Asks a Prometheus, or what Alertmanager told us; absent where nobody can. */
  readonly askPrometheus?: (check: CheckSpec, options: { readonly signal: AbortSignal }) => Promise<CheckResult>
  readonly resolve?: Resolve
  /** How a host is asked for a connection; undefined where it is none, or is not declared. */
  readonly openFrom?: (target: string) => Open | undefined
}

/**
 * Asks until the answer is right or `withinMs` has gone by; what is refused is not asked again. A failing check is a
 * result, not an error; rejects only with the reason of the signal.
 */
export async function runCheck(check: CheckSpec, context: CheckContext): Promise<CheckResult> {
  const { signal, clock } = context
  const deadline = clock.monotonic() + check.withinMs
  for (;;) {
    signal.throwIfAborted()
    const begun = clock.monotonic()
    const attempt = await tryOnce(check, context)
    const { ok, message, final } = judgeLatency(attempt, clock.monotonic() - begun, check)
    signal.throwIfAborted()
    const over = clock.monotonic() + check.everyMs > deadline
    if (ok || final || over) return { name: check.name, ok, message }
    await clock.sleep(check.everyMs, { signal })
  }
}

/** Right, but later than it may be, is not right. */
function judgeLatency(attempt: Attempt, ms: number, { latencyMs }: CheckSpec): Attempt {
  if (!attempt.ok || latencyMs === undefined || ms <= latencyMs) return attempt
  return failed(`${attempt.message}, but after ${Math.round(ms)} ms, expected it within ${latencyMs} ms`)
}

function tryOnce(check: CheckSpec, context: CheckContext): Promise<Attempt> {
  const { probe, timeoutMs } = check
  const { signal, allowed, resolve = resolveByDns } = context
  if (probe.type === 'command' || probe.type === 'host-command') return tryCommand(check, probe.target, context)
  if (probe.type === 'promql' || probe.type === 'alerts') return tryPrometheus(check, context)
  const open = probe.through === undefined ? undefined : context.openFrom?.(probe.through)
  if (probe.through !== undefined && !open) {
    return Promise.resolve(failed(`nothing can be asked from ${probe.through}: it is no host`, { final: true }))
  }
  const options = { allowed, resolve, timeoutMs, signal, ...(open ? { open } : {}) }
  if (probe.type === 'http') return tryHttp(probe, options)
  return tryTcp(probe, options)
}

async function tryCommand(check: CheckSpec, target: string, { signal, runCommand }: CheckContext): Promise<Attempt> {
  if (!runCommand) return failed(`the command cannot run: ${target} runs no checks`, { final: true })
  return { ...(await runCommand(check, { signal })), final: false }
}

async function tryPrometheus(check: CheckSpec, { signal, askPrometheus }: CheckContext): Promise<Attempt> {
  if (!askPrometheus) return failed('nobody here asks a Prometheus', { final: true })
  return { ...(await askPrometheus(check, { signal })), final: false }
}
