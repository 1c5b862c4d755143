import type { Clock } from '../../../model/clock.ts'
import { ReconcileError } from '../../../model/error.ts'
import type { CallOptions } from '../../../model/target.ts'
import { FAULTS, type Rpc, type RpcCall, SupervisordFault } from './rpc.ts'
import type { ProgramStep } from './steps.ts'
import { listOf, structOf } from './xml-rpc.ts'

/** supervisord cannot read its files: nothing of what runs has changed, and nothing can as long as it is so. */
export class BadConfiguration extends Error {}

export interface Reread {
  readonly added: readonly string[]
  readonly changed: readonly string[]
  readonly removed: readonly string[]
}

/** @throws BadConfiguration with the complaint of supervisord */
export async function reread(rpc: Rpc): Promise<Reread> {
  try {
    const [[added, changed, removed] = []] = listOf(await rpc.call('reloadConfig')).map(listOf)
    const names = (value: typeof added) => listOf(value).map(String)
    return { added: names(added), changed: names(changed), removed: names(removed) }
  } catch (error) {
    if (!(error instanceof SupervisordFault) || error.code !== FAULTS.cannotReread) throw error
    throw new BadConfiguration(error.message.replace(/^CANT_REREAD: /, ''))
  }
}

/**
 * What `supervisorctl update` does, which is no call of its own: a group is never changed in place, so it is stopped, taken
 * out and added again, and only such a one as differs. All of it is one request, so that a program which was stopped does not
 * wait for the network to be added again.
 */
export async function updateGroups(step: ProgramStep, found: Reread, updating: Updating): Promise<void> {
  const { write, declared } = step
  const { rpc } = updating
  const also = found.changed.filter((name) => declared.includes(name) && !write.removed.includes(name))
  const added = [...write.added, ...also]
  const parts = [
    ...[...write.removed, ...also].flatMap(takingOut),
    ...added.map(adding),
    ...write.started.map(starting),
  ]
  if (parts.length > 0) await tell(rpc, parts)
  if (write.stopped.length === 0) return
  if (added.length > 0) await autostarted(write.stopped, updating)
  await tell(rpc, write.stopped.map(stopping))
}

interface Updating extends CallOptions {
  readonly rpc: Rpc
  readonly clock: Clock
}

interface Part extends RpcCall {
  readonly what: string
  /** Faults that say that it was done before. */
  readonly done: number
  readonly todo?: string
}

const takingOut = (group: string): readonly Part[] => [
  { method: 'stopProcessGroup', params: [group], done: FAULTS.badName, what: `stop the group ${group}` },
  { method: 'removeProcessGroup', params: [group], done: FAULTS.badName, what: `remove the group ${group}` },
]
const adding = (group: string): Part => ({
  method: 'addProcessGroup',
  params: [group],
  done: FAULTS.alreadyAdded,
  what: `add the group ${group}`,
  todo: 'where it knows no such group: name the folder that it reads as `supervisor: {programs: …}` of the Host document',
})
const starting = (name: string): Part => ({
  method: 'startProcess',
  params: [name, false],
  done: FAULTS.alreadyStarted,
  what: `start ${name}`,
})
const stopping = (name: string): Part => ({
  method: 'stopProcess',
  params: [name],
  done: FAULTS.notRunning,
  what: `stop ${name}`,
})

async function tell(rpc: Rpc, parts: readonly Part[]): Promise<void> {
  const results = await rpc.callAll(parts)
  for (const [at, { done, what, todo }] of parts.entries()) {
    const result = results[at]
    if (!(result instanceof SupervisordFault) || result.code === done) continue
    const message = `supervisord does not ${what}: ${result.message}`
    throw new ReconcileError('TargetRefused', { message, ...(todo ? { todo } : {}) })
  }
}

/** A group that was added starts by itself a moment later: only then can it be stopped. Bounded: it may not want to start. */
async function autostarted(names: readonly string[], { rpc, clock, signal }: Updating): Promise<void> {
  const infos = listOf(await rpc.call('getAllConfigInfo')).map(structOf)
  const alone = new Set(infos.filter(({ autostart }) => autostart === true).map((one) => `${one.group}:${one.name}`))
  const waiting = names.filter((name) => alone.has(name))
  for (let round = 0; round < 50; round += 1) {
    const states = listOf(await rpc.call('getAllProcessInfo')).map(structOf)
    const untouched = states.filter((one) => waiting.includes(`${one.group}:${one.name}`) && one.start === 0)
    if (untouched.length === 0) return
    await clock.sleep(100, { signal })
  }
}
