import { type WebhookSeen, webhookRoutes } from '../api/webhook.ts'
import type { Clock } from '../model/clock.ts'
import type { Log } from '../model/log.ts'
import type { Nudge } from '../model/loop.ts'
import type { Store } from '../model/store.ts'
import type { Settings } from '../settings/settings.ts'

/** GitHub's webhooks, where a secret for them is given; without one, polling finds everything. */
export function webhooksOf(
  { github, repository }: Pick<Settings, 'github' | 'repository'>,
  of: { readonly store: Store; readonly clock: Clock; readonly log: Log; readonly nudge: (what: Nudge) => void },
): readonly ReturnType<typeof webhookRoutes>[] {
  if (!github || github.webhookSecrets.length === 0) return []
  const { owner, repo } = github
  return [
    webhookRoutes({
      secrets: github.webhookSecrets,
      repository: { owner, repo },
      branch: repository.branch,
      deliveries: of.store.shelf('delivery'),
      clock: of.clock,
      nudge: of.nudge,
      listener: (seen) => logSeen(of.log, seen),
    }),
  ]
}

function logSeen(log: Log, seen: WebhookSeen): void {
  const { type, ...fields } = seen
  if (seen.type !== 'webhook:taken') log.warn(fields, type)
  else log.debug({ event: seen.event, delivery: seen.delivery, repeated: seen.repeated }, `webhook: ${seen.note}`)
}
