import type { AppPlan, FleetPlan } from '../model/outcome.ts'
import { isUnread, summarize } from './count-changes.ts'
import { plural } from './printable.ts'
import { type StatusText, statusLine } from './status-text.ts'

/**
 * The status of a pull request's head. Success: it is valid, and nothing of it is refused as it is written; what could not
 * be observed only changes the text (surface.md, GitHub).
 */
export function planStatus(plan: FleetPlan): StatusText {
  const errors = plan.problems.filter(({ severity }) => severity === 'error').length
  if (errors > 0) return failure(`${plural(errors, 'error')}: ${summarize(plan.apps, { failed: true })}`)
  if (plan.apps.some(isUnread)) return failure(summarize(plan.apps, { failed: true }))
  const data = plan.apps.flatMap(dataHeld)
  if (data.length > 0) return failure(`blocked, data would be left behind: ${data.join(', ')}`)
  return { state: 'success', description: statusLine(summarize(plan.apps)) }
}

const failure = (text: string): StatusText => ({ state: 'failure', description: statusLine(text) })

const dataHeld = ({ plan }: AppPlan): readonly string[] =>
  plan.held.flatMap(({ why, id }) => (why === 'data' ? [id] : []))
