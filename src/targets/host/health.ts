import type { UnitSpec } from '../../kinds/unit/spec.ts'
import type { Health } from '../../model/live.ts'

/** Of what `systemctl show` says. What restarts gets a new invocation: a unit that does so is never stable. */
export function unitHealth(show: Readonly<Record<string, string>>, state: UnitSpec['state']): Health {
  const { ActiveState: active = 'inactive', SubState: sub = '', InvocationID: invocation = '', NRestarts = '0' } = show
  const runs = { instance: `${invocation}/${NRestarts}`, restarts: Number(NRestarts) }
  const message = wordsOf(show)
  if (state !== 'running') return { status: active === 'failed' ? 'degraded' : 'healthy', message, ...runs }
  if (sub.startsWith('auto-restart')) return { status: 'degraded', message, ...runs }
  if (active === 'active' || active === 'reloading') return { status: 'healthy', message, ...runs }
  return { status: active === 'activating' ? 'progressing' : 'degraded', message, ...runs }
}

/** `failed (exit-code, status 1)`: without what varies, so that a report stays the same (reliability.md 26). */
function wordsOf({
  ActiveState = 'inactive',
  SubState = '',
  Result = '',
  ExecMainStatus = '',
}: Readonly<Record<string, string>>) {
  const failed = Result !== '' && Result !== 'success'
  return failed ? `${ActiveState} (${Result}, status ${ExecMainStatus})` : `${ActiveState} (${SubState})`
}
