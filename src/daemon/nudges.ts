import type { Nudge } from '../model/loop.ts'
import type { PullWatcher } from '../pulls/watch-pulls.ts'

/** What a webhook makes sooner, but for a look at the repository. */
export function nudgePulls(pulls: PullWatcher | undefined, what: Nudge): void {
  if (what.of === 'pull') pulls?.nudge(what.number)
  else if (what.of === 'comments') pulls?.commented()
  else if (what.of === 'merge-group') pulls?.mergeGroup(what.sha, what.base)
}
