import type { KeptCommand } from './kept-command.ts'
import type { KeptPull } from './kept-pull.ts'

/**
 * Why a command is refused; undefined where it is done. A person says it of the plan that was before them: of the head
 * that the pull request has now, or had when it was merged, and on the branch that is tracked (SEC-12).
 */
export function whyNot({ command, at }: KeptCommand, pull: KeptPull | undefined): string | undefined {
  if (!pull) return 'this pull request was not seen while it was open: there is no plan that it could mean'
  if (pull.state === 'elsewhere') return 'this pull request does not lead to the tracked branch any more'
  if (pull.state === 'closed') return 'this pull request was closed without a merge: it changes nothing'
  if (command.verb === 'plan') return pull.state === 'merged' ? 'it is merged already' : undefined
  // What was merged is what it is; a confirmation alone means what its plan had shown.
  if (pull.state === 'merged' && command.verb !== 'confirm') return undefined
  const { planned, head } = pull
  if (!planned) return 'it was never planned: there is nothing that this could mean'
  if (planned.head !== head) {
    return `its plan is of ${planned.head.slice(0, 7)}, and its head is ${head.slice(0, 7)} now: wait for the new plan, read it, and say it again`
  }
  // GitHub's times have no fractions.
  if (Date.parse(at) < Math.floor(Date.parse(planned.since) / 1000) * 1000) {
    return 'its head was planned after you wrote: read the new plan, and say it again'
  }
  if (command.verb !== 'confirm' || pull.state === 'merged') return undefined
  return 'it is not merged: its guards hold nothing yet. Say it again after the merge'
}
