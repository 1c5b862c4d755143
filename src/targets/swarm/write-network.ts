import type { NetworkSpec } from '../../kinds/network/spec.ts'
import { networkToWire } from '../../kinds/network/to-wire.ts'
import { InternalError } from '../../model/error.ts'
import type { Wanted } from '../../model/resource.ts'
import { isNameTaken } from './engine-error.ts'
import { withoutGhosts } from './ghost-networks.ts'
import { exists, removeWhenUnused, waitUntil } from './removal.ts'
import { stampOf } from './stamp.ts'
import type { WireNetwork } from './wire.ts'
import { changedMeanwhile, conflict, nameOf, requireOurs, type WriteContext, type Writer } from './writer.ts'

/** Networks carry the stamp that they were made with; nothing of them is changed in place (swarm.md 14). */
export const networkWriter: Writer = {
  create: async (to, context) => {
    let taken: WireNetwork | undefined
    // A name may be taken by the ghost of a removed network: it is free when the last task on that is gone (swarm.md 15).
    const done = await waitUntil(async () => {
      if (await tryCreate(to, context)) return true
      taken = await readNetwork(nameOf(to), context)
      return taken !== undefined
    }, context)
    if (!done) throw changedMeanwhile(to.id, 'a network of this name is still being taken down')
    if (taken) acceptIfOurs(to, taken, context)
  },

  update: async (to) => {
    throw new InternalError(`${to.id}: a network is replaced, never updated`)
  },

  stamp: async () => undefined,

  remove: async (from, context) => {
    const live = await readNetwork(nameOf(from), context)
    if (!live) return
    requireOurs(from, context.ownerOf(from.id, live.Labels))
    await removeWhenUnused(`/networks/${live.Id}`, context)
    context.seen.gone('networks', nameOf(from))
    // This node keeps its own half until the last task on it is gone, also when the Swarm has forgotten the network.
    if (from.untilGone) await waitUntil(async () => !(await exists(`/networks/${live.Id}`, context)), context)
  },
}

/** False when the name is taken. */
async function tryCreate(to: Wanted, { connection, install, seen }: WriteContext): Promise<boolean> {
  // Newer engines always check for duplicates; older ones have to be told.
  const body = { ...networkToWire(to.spec as NetworkSpec, { stamp: stampOf(install, to) }), CheckDuplicate: true }
  try {
    const made = (await connection.write({ method: 'POST', path: '/networks/create', body })) as { readonly Id: string }
    seen.made('networks', nameOf(to), made.Id)
    return true
  } catch (error) {
    if (isNameTaken(error)) return false
    throw error
  }
}

/** Made by ourselves, by a request whose answer was lost. */
function acceptIfOurs(to: Wanted, live: WireNetwork, context: WriteContext): void {
  const owner = context.ownerOf(to.id, live.Labels)
  if (owner.who !== 'us' || owner.digest !== to.digest) throw conflict(to.id, 'a network of this name exists')
  context.seen.made('networks', nameOf(to), live.Id)
}

/** From the whole list: an inspection by name takes a ghost for the network itself. */
async function readNetwork(name: string, { connection, signal }: WriteContext): Promise<WireNetwork | undefined> {
  const networks = ((await connection.get('/networks', signal)) ?? []) as readonly WireNetwork[]
  return withoutGhosts(networks).find((network) => network.Name === name)
}
