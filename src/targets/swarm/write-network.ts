import type { NetworkSpec } from '../../kinds/network/spec.ts'
import { networkToWire } from '../../kinds/network/to-wire.ts'
import { InternalError } from '../../model/error.ts'
import { isNameTaken, isNotFound } from './engine-error.ts'
import { exists, removeWhenUnused, waitUntil } from './removal.ts'
import { stampOf } from './stamp.ts'
import type { WireNetwork } from './wire.ts'
import { changedMeanwhile, conflict, nameOf, requireOurs, type WriteContext, type Writer } from './writer.ts'

/** Networks carry the stamp that they were made with; nothing of them is changed in place (swarm.md 14). */
export const networkWriter: Writer = {
  create: async (to, context) => {
    const wire = networkToWire(to.spec as NetworkSpec, { stamp: stampOf(context.install, to) })
    try {
      // Newer engines always check for duplicates; older ones have to be told.
      const body = { ...wire, CheckDuplicate: true }
      const made = (await context.connection.write({ method: 'POST', path: '/networks/create', body })) as {
        Id: string
      }
      context.seen.made('networks', nameOf(to), made.Id)
    } catch (error) {
      if (!isNameTaken(error)) throw error
      const live = await readNetwork(nameOf(to), context)
      if (!live) throw changedMeanwhile(to.id, 'its name was taken, and is free again')
      const owner = context.ownerOf(to.id, live.Labels)
      if (owner.who !== 'us' || owner.digest !== to.digest) throw conflict(to.id, 'a network of this name exists')
      context.seen.made('networks', nameOf(to), live.Id)
    }
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

/** As the Swarm has it, else as this node has it. */
async function readNetwork(name: string, context: WriteContext): Promise<WireNetwork | undefined> {
  const path = `/networks/${encodeURIComponent(name)}`
  for (const scope of ['swarm', 'local']) {
    try {
      return (await context.connection.get(path, context.signal, { scope })) as WireNetwork
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
  return undefined
}
