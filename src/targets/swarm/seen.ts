import type { SwarmIds } from '../../kinds/ids.ts'
import type { SwarmIndex } from './index-listing.ts'

type Referred = keyof SwarmIds

/** What the target knows of the Swarm between two looks: the last listing, and what it made and removed since. */
export interface Seen {
  readonly index: SwarmIndex | undefined
  look(index: SwarmIndex): void
  made(what: Referred, name: string, id: string): void
  gone(what: Referred, name: string): void
  ids(): SwarmIds
}

export function createSeen(): Seen {
  let index: SwarmIndex | undefined
  let since = new Map<string, string | undefined>()
  const merged = (what: Referred): ReadonlyMap<string, string> => {
    const ids = new Map(index?.ids[what])
    for (const [key, id] of since) {
      const [type = '', name = ''] = splitKey(key)
      if (type !== what) continue
      if (id === undefined) ids.delete(name)
      else ids.set(name, id)
    }
    return ids
  }
  return {
    get index() {
      return index
    },
    look: (next) => {
      index = next
      since = new Map()
    },
    made: (what, name, id) => {
      since.set(`${what} ${name}`, id)
    },
    gone: (what, name) => {
      since.set(`${what} ${name}`, undefined)
    },
    ids: () => ({ networks: merged('networks'), secrets: merged('secrets'), configs: merged('configs') }),
  }
}

const splitKey = (key: string): readonly string[] => [key.slice(0, key.indexOf(' ')), key.slice(key.indexOf(' ') + 1)]
