import type { ConfigSpec } from '../../kinds/config/spec.ts'
import { configToWire } from '../../kinds/config/to-wire.ts'
import type { SecretSpec } from '../../kinds/secret/spec.ts'
import { secretToWire } from '../../kinds/secret/to-wire.ts'
import { ReconcileError } from '../../model/error.ts'
import type { Opaque, Wanted } from '../../model/resource.ts'
import { isNameTaken, isNotFound } from './engine-error.ts'
import { removeWhenUnused } from './removal.ts'
import { type Stamp, stampOf } from './stamp.ts'
import type { WireConfig, WireSecret } from './wire.ts'
import {
  changedMeanwhile,
  conflict,
  nameOf,
  refuseForeign,
  requireOurs,
  type WriteContext,
  type Writer,
} from './writer.ts'

interface Generation<W extends WireConfig | WireSecret> {
  readonly what: 'configs' | 'secrets'
  body(
    to: Wanted,
    options: { readonly live?: W['Spec']; readonly stamp: Stamp },
    context: WriteContext,
  ): Promise<object>
}

const configs: Generation<WireConfig> = {
  what: 'configs',
  body: async (to, options, context) => {
    const spec = to.spec as ConfigSpec
    const content = options.live || 'base64' in spec.content ? {} : { content: await revealed(spec.content, context) }
    return configToWire(spec, { ...options, ...content })
  },
}

const secrets: Generation<WireSecret> = {
  what: 'secrets',
  body: async (to, options, context) => {
    const spec = to.spec as SecretSpec
    const content = options.live || !spec.content ? {} : { content: await revealed(spec.content, context) }
    return secretToWire(spec, { ...options, ...content })
  },
}

/** At the last moment, and kept nowhere (rule 22). */
const revealed = async (content: Opaque, context: WriteContext): Promise<Uint8Array> =>
  (await context.reveal(content.secret)).reveal()

/** Generations of secrets and configs: immutable but for their labels (swarm.md 13). */
function generationWriter<W extends WireConfig | WireSecret>(kind: Generation<W>): Writer {
  const { what } = kind
  const read = async (
    to: { readonly id: Wanted['id'] },
    { connection, signal }: WriteContext,
  ): Promise<W | undefined> => {
    try {
      return (await connection.get(`/${what}/${encodeURIComponent(nameOf(to))}`, signal)) as W
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }
  const relabel = async (to: Wanted, context: WriteContext): Promise<void> => {
    const live = await read(to, context)
    if (!live) throw new ReconcileError('NotFound', { message: `${to.id} is not there any more`, retryable: true })
    refuseForeign(to.id, context.ownerOf(to.id, live.Spec.Labels))
    const body = await kind.body(to, { live: live.Spec, stamp: stampOf(context.install, to) }, context)
    const query = { version: String(live.Version.Index) }
    await context.connection.write({ method: 'POST', path: `/${what}/${live.ID}/update`, query, body })
  }
  const acceptIfOurs = async (to: Wanted, context: WriteContext): Promise<void> => {
    const live = await read(to, context)
    if (!live) throw changedMeanwhile(to.id, 'its name was taken, and is free again')
    const owner = context.ownerOf(to.id, live.Spec.Labels)
    if (owner.who !== 'us' || owner.digest !== to.digest) throw conflict(to.id, 'it exists and is not ours')
    context.seen.made(what, nameOf(to), live.ID)
  }
  return {
    create: async (to, context) => {
      const body = await kind.body(to, { stamp: stampOf(context.install, to) }, context)
      try {
        const made = (await context.connection.write({ method: 'POST', path: `/${what}/create`, body })) as {
          ID: string
        }
        context.seen.made(what, nameOf(to), made.ID)
      } catch (error) {
        if (!isNameTaken(error)) throw error
        await acceptIfOurs(to, context)
      }
    },
    update: relabel,
    stamp: async (to, context) => {
      await relabel(to, context)
      return undefined
    },
    remove: async (from, context) => {
      const live = await read(from, context)
      if (!live) return
      requireOurs(from, context.ownerOf(from.id, live.Spec.Labels))
      await removeWhenUnused(`/${what}/${live.ID}`, context)
      context.seen.gone(what, nameOf(from))
    },
  }
}

export const configWriter = generationWriter(configs)
export const secretWriter = generationWriter(secrets)
