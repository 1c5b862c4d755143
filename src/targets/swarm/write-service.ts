import type { JobSpec } from '../../kinds/job/spec.ts'
import { jobToWire } from '../../kinds/job/to-wire.ts'
import { isJobMode } from '../../kinds/service/fields.ts'
import { pinnedImage } from '../../kinds/service/image.ts'
import type { ServiceSpec } from '../../kinds/service/spec.ts'
import { ownedKeys, type ServiceToWire, serviceToWire } from '../../kinds/service/to-wire.ts'
import type { WireServiceSpec } from '../../kinds/service/wire.ts'
import { ReconcileError } from '../../model/error.ts'
import { partsOf, type ResourceId } from '../../model/id.ts'
import type { Wanted } from '../../model/resource.ts'
import { isNameTaken, isNotFound } from './engine-error.ts'
import { removeWhenUnused, waitUntil } from './removal.ts'
import { stampOf } from './stamp.ts'
import type { UpdateState, WireService, WireTask } from './wire.ts'
import {
  changedMeanwhile,
  conflict,
  nameOf,
  refuseForeign,
  requireOurs,
  type WriteContext,
  type Writer,
} from './writer.ts'

/** Services, and jobs, which are services of another mode. */
export const serviceWriter: Writer = {
  create: async (to, context) => {
    const body = wireOf(to, context)
    try {
      await send('/services/create', { body, to }, context)
    } catch (error) {
      if (!isNameTaken(error)) throw error
      await acceptIfOurs(to, context)
    }
  },

  update: async (to, context) => {
    const live = await liveService(to.id, context)
    refuseForeign(to.id, context.ownerOf(to.id, live.Spec.Labels))
    const body = wireOf(to, context, live.Spec)
    await send(`/services/${live.ID}/update`, { body, to, version: live.Version.Index }, context)
  },

  stamp: async (to, context) => {
    if (isJobMode(serviceSpecOf(to).mode)) return undefined // any update of a job runs it again (swarm.md 16)
    const live = await liveService(to.id, context)
    refuseForeign(to.id, context.ownerOf(to.id, live.Spec.Labels))
    if (!isAtRest(live.UpdateStatus?.State)) return 'recorded; it is stamped when it is at rest'
    const Labels = { ...live.Spec.Labels, ...ownedKeys(serviceSpecOf(to)), ...stampOf(context.install, to) }
    const body = { ...live.Spec, Labels }
    await context.connection.write({
      method: 'POST',
      path: `/services/${live.ID}/update`,
      query: { version: String(live.Version.Index) },
      body,
    })
    return undefined
  },

  remove: async (from, context) => {
    const live = await readService(nameOf(from), context)
    if (!live) return
    requireOurs(from, context.ownerOf(from.id, live.Spec.Labels))
    const tasks = from.untilGone ? await tasksOf(live.ID, context) : []
    await removeWhenUnused(`/services/${live.ID}`, context)
    if (from.untilGone) await waitUntil(async () => !(await anyLeft(tasks, context)), context)
  },
}

/** An update that is under way, paused or taken back changes its meaning with any other update (swarm.md 3). */
const isAtRest = (state: UpdateState | undefined): boolean => state === undefined || state === 'completed'

const serviceSpecOf = (to: Wanted): ServiceSpec =>
  partsOf(to.id).kind === 'Job' ? (to.spec as JobSpec).service : (to.spec as ServiceSpec)

function wireOf(to: Wanted, context: WriteContext, live?: WireServiceSpec): WireServiceSpec {
  const options: ServiceToWire = {
    ids: context.seen.ids(),
    stamp: stampOf(context.install, to),
    ...(live ? { live } : {}),
  }
  return partsOf(to.id).kind === 'Job'
    ? jobToWire(to.spec as JobSpec, options)
    : serviceToWire(to.spec as ServiceSpec, options)
}

interface Sending {
  readonly body: WireServiceSpec
  readonly to: Wanted
  readonly version?: number
}

/** With the login for its image's registry; without one an update keeps what the service has (swarm.md 17). */
async function send(path: string, { body, to, version }: Sending, context: WriteContext): Promise<void> {
  const auth = context.authFor(pinnedImage(serviceSpecOf(to)))
  await context.connection.write({
    method: 'POST',
    path,
    body,
    ...(version === undefined ? {} : { query: { version: String(version) } }),
    ...(auth === undefined ? {} : { registryAuth: auth }),
  })
}

/** The name is taken: by ourselves, when an earlier request was carried out although its answer was lost. */
async function acceptIfOurs(to: Wanted, context: WriteContext): Promise<void> {
  const live = await readService(nameOf(to), context)
  if (!live) throw changedMeanwhile(to.id, 'its name was taken, and is free again')
  const owner = context.ownerOf(to.id, live.Spec.Labels)
  if (owner.who !== 'us') throw conflict(to.id, 'a service of this name exists and is not ours')
  if (owner.app !== to.app || owner.digest !== to.digest)
    throw changedMeanwhile(to.id, 'it was made meanwhile, in another form')
}

/** As it was last seen: an update is what the plan was made for, or it is refused by the version index. */
async function liveService(id: ResourceId, context: WriteContext): Promise<WireService> {
  const { name } = partsOf(id)
  const live = context.seen.index?.services.get(name) ?? (await readService(name, context))
  if (live) return live
  throw new ReconcileError('NotFound', { message: `${id} is not there any more`, retryable: true })
}

async function readService(name: string, { connection, signal }: WriteContext): Promise<WireService | undefined> {
  try {
    return (await connection.get(`/services/${encodeURIComponent(name)}`, signal)) as WireService
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

/** Ids: once the service is gone, its tasks cannot be asked for by its name. */
async function tasksOf(service: string, { connection, signal }: WriteContext): Promise<readonly string[]> {
  const filters = JSON.stringify({ service: [service], 'desired-state': ['running'] })
  const tasks = ((await connection.get('/tasks', signal, { filters })) ?? []) as readonly WireTask[]
  return tasks.map((task) => task.ID)
}

const ENDED = new Set(['complete', 'failed', 'shutdown', 'rejected', 'orphaned', 'remove'])

/** Containers outlive their service by their grace period: what comes next may need their port or their volume. */
async function anyLeft(ids: readonly string[], { connection, signal }: WriteContext): Promise<boolean> {
  if (ids.length === 0) return false
  const tasks = ((await connection.get('/tasks', signal, { filters: JSON.stringify({ id: ids }) })) ??
    []) as readonly WireTask[]
  return tasks.some((task) => !ENDED.has(task.Status?.State ?? ''))
}
