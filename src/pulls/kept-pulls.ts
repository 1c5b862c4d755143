import type { Clock } from '../model/clock.ts'
import type { Message, Outbox } from '../model/message.ts'
import type { Store } from '../model/store.ts'
import type { KeptGroup, KeptPull } from './kept-pull.ts'

/** All pull requests that are remembered, in memory and on the shelf: each look goes through all of them. */
export interface KeptPulls {
  all(): readonly KeptPull[]
  get(number: number): KeptPull | undefined
  /** In one transaction with what is said of it. */
  put(pull: KeptPull, messages?: readonly Message[]): void
  groups(): readonly string[]
  putGroup(sha: string): void
  dropGroup(sha: string): void
}

export interface KeptPullsOptions {
  readonly store: Store
  readonly clock: Clock
  readonly outbox: Outbox
}

/** That are over: older ones are forgotten. */
const MOST_OVER = 200
/** GitHub has taken it apart long before. */
const GROUP_MS = 24 * 3_600_000

const isGroup = (value: KeptPull | KeptGroup): value is KeptGroup => 'group' in value

export function createKeptPulls({ store, clock, outbox }: KeptPullsOptions): KeptPulls {
  const shelf = store.shelf<KeptPull | KeptGroup>('pull')
  const pulls = new Map<number, KeptPull>()
  const groups = new Map<string, number>()
  const now = (): string => clock.now().toISOString()
  for (const { value, at } of shelf.all()) {
    if (isGroup(value)) groups.set(value.group, Date.parse(at))
    else pulls.set(value.number, value)
  }
  const dropGroup = (sha: string): void => {
    groups.delete(sha)
    shelf.drop(`group:${sha}`)
  }
  const forgetOldest = (): void => {
    const over = [...pulls.values()].filter(({ state }) => state !== 'open').sort((a, b) => a.number - b.number)
    for (const { number } of over.slice(0, Math.max(0, over.length - MOST_OVER))) {
      pulls.delete(number)
      shelf.drop(String(number))
    }
  }
  return {
    all: () => [...pulls.values()],
    get: (number) => pulls.get(number),
    put: (pull, messages = []) => {
      store.transaction(() => {
        shelf.put(String(pull.number), pull, now())
        if (messages.length > 0) outbox.put(messages)
      })
      pulls.set(pull.number, pull)
      if (pull.state !== 'open') forgetOldest()
    },
    groups: () => {
      const oldest = clock.now().getTime() - GROUP_MS
      for (const [sha, at] of groups) if (at < oldest) dropGroup(sha)
      return [...groups.keys()]
    },
    putGroup: (group) => {
      shelf.put(`group:${group}`, { group }, now())
      groups.set(group, clock.now().getTime())
    },
    dropGroup,
  }
}
