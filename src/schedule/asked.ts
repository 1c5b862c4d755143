import type { Clock } from '../model/clock.ts'
import type { FleetOutcome } from '../model/outcome.ts'
import type { Shelf } from '../model/shelf.ts'

/** What was asked for under a token is done once; who repeats it learns what became of it (reliability.md 12). */
export interface Asked {
  once(token: string | undefined, body: () => Promise<FleetOutcome>): Promise<FleetOutcome>
}

const KEPT_MS = 24 * 3_600_000

export function createAsked(shelf: Shelf<FleetOutcome>, clock: Clock): Asked {
  const underWay = new Map<string, Promise<FleetOutcome>>()
  const first = async (token: string, body: () => Promise<FleetOutcome>): Promise<FleetOutcome> => {
    try {
      const outcome = withoutPlans(await body())
      const now = clock.now()
      shelf.dropBefore(new Date(now.getTime() - KEPT_MS).toISOString())
      shelf.put(token, outcome, now.toISOString())
      return outcome
    } finally {
      underWay.delete(token)
    }
  }
  return {
    once: (token, body) => {
      if (token === undefined) return body()
      const known = shelf.get(token)
      if (known) return Promise.resolve(known)
      const running = underWay.get(token) ?? first(token, body)
      underWay.set(token, running)
      return running
    },
  }
}

/** A plan is as large as an app; its steps tell what was done. */
function withoutPlans(outcome: FleetOutcome): FleetOutcome {
  const { revision, stale, problems } = outcome
  const apps = outcome.apps.map(({ plan: _plan, ...app }) => app)
  return { revision, stale, problems, apps }
}
