import type { LiveDaemon } from '../support/live-daemon.ts'
import type { WrittenFile } from '../support/live-fleet.ts'

/** What people do to a fleet, minute by minute. */
export interface Life {
  minute(number: number): Promise<void>
  /** Contexts that are still pending on commits of main, once nothing more is done. */
  settled(): Promise<readonly string[]>
}

const APPS = 6
/** Pull requests change the first apps, pushes to main the others: they are never in conflict. */
const BY_PULLS = 3

export async function createLife(daemon: LiveDaemon, registry: { reference(image: string): string }): Promise<Life> {
  const { fleet } = daemon
  const file = (app: number, image: string, note: number): Readonly<Record<string, WrittenFile>> => ({
    [`apps/app-${app}/service.yaml`]: {
      kind: 'Service',
      name: `app-${app}`,
      image: registry.reference(image),
      env: { NOTE: String(note) },
      // Long, for a Swarm is not faster when the daemon's clock is.
      keeper: { stableFor: '5s', bake: '30s', timeout: '90m' },
    },
  })
  for (let app = 0; app < APPS; app += 1) await fleet.commit(file(app, 'app:1', 0))
  const commits: string[] = []
  let open: number | undefined

  const pullRequest = async (number: number): Promise<void> => {
    if (open !== undefined) {
      await daemon.push(open, file(number % BY_PULLS, 'app:2', number))
      if (number % 4 === 3) commits.push(await daemon.merge(open))
      if (number % 4 === 3) open = undefined
    } else open = await daemon.open(file(number % BY_PULLS, 'app:1', number))
  }
  const merge = async (number: number): Promise<void> => {
    const image = number % 7 === 0 ? 'app:crash' : `app:${1 + (number % 3)}`
    const commit = await fleet.commit(file(BY_PULLS + (number % (APPS - BY_PULLS)), image, number))
    commits.push(commit)
    daemon.github.world.pushTo('main', commit)
  }
  return {
    minute: async (number) => {
      await merge(number)
      await pullRequest(number)
      if (open !== undefined && number % 5 === 0)
        daemon.github.world.comment(open, { by: 'ada', body: '/swarmkeeper plan' })
    },
    settled: async () => {
      const pending = (): readonly string[] =>
        commits.flatMap((sha) =>
          Object.entries(daemon.statuses(sha)).flatMap(([context, said]) =>
            said.startsWith('pending') ? [`${sha.slice(0, 7)} ${context}: ${said}`] : [],
          ),
        )
      const deadline = performance.now() + 180_000
      while (pending().length > 0 && performance.now() < deadline) await new Promise((wake) => setTimeout(wake, 500))
      return pending()
    },
  }
}
