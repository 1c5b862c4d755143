import type { Clock } from '../../../model/clock.ts'
import { ReconcileError } from '../../../model/error.ts'
import type { CallOptions } from '../../../model/target.ts'
import { FAULTS, type Rpc, SupervisordFault } from './rpc.ts'
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
 * out and added again, and only such a one as differs.
 */
export async function updateGroups(step: ProgramStep, found: Reread, updating: Updating): Promise<void> {
  const { write, declared } = step
  const { rpc } = updating
  const also = found.changed.filter((name) => declared.includes(name) && !write.removed.includes(name))
  for (const group of [...write.removed, ...also]) await takeOut(rpc, group)
  const added = [...write.added, ...also]
  for (const group of added) await add(rpc, group)
  for (const name of write.started) await refusing(`start ${name}`, () => start(rpc, name))
  if (write.stopped.length > 0 && added.length > 0) await autostarted(write.stopped, updating)
  for (const name of write.stopped) await unless([FAULTS.notRunning], rpc.call('stopProcess', name))
}

interface Updating extends CallOptions {
  readonly rpc: Rpc
  readonly clock: Clock
}

async function takeOut(rpc: Rpc, group: string): Promise<void> {
  await refusing(`stop and remove the group ${group}`, async () => {
    await unless([FAULTS.badName], rpc.call('stopProcessGroup', group))
    await unless([FAULTS.badName], rpc.call('removeProcessGroup', group))
  })
}

async function add(rpc: Rpc, group: string): Promise<void> {
  try {
    await unless([FAULTS.alreadyAdded], rpc.call('addProcessGroup', group))
  } catch (error) {
    if (!(error instanceof SupervisordFault) || error.code !== FAULTS.badName) throw error
    throw new ReconcileError('TargetRefused', {
      message: `supervisord has read no group '${group}': its [include] does not match the file`,
      todo: 'name the folder that it reads *.conf files in as `supervisor: {programs: …}` of the Host document',
    })
  }
}

const start = (rpc: Rpc, name: string): Promise<void> =>
  unless([FAULTS.alreadyStarted], rpc.call('startProcess', name, false))

async function unless(codes: readonly number[], calling: Promise<unknown>): Promise<void> {
  try {
    await calling
  } catch (error) {
    if (!(error instanceof SupervisordFault) || !codes.includes(error.code)) throw error
  }
}

async function refusing(what: string, doing: () => Promise<void>): Promise<void> {
  try {
    await doing()
  } catch (error) {
    if (!(error instanceof SupervisordFault)) throw error
    throw new ReconcileError('TargetRefused', { message: `supervisord does not ${what}: ${error.message}` })
  }
}

/** A group that was added starts by itself a moment later: only then can it be stopped. Bounded: it may not want to start. */
async function autostarted(names: readonly string[], { rpc, clock, signal }: Updating): Promise<void> {
  const infos = listOf(await rpc.call('getAllConfigInfo')).map(structOf)
  const starting = new Set(infos.filter(({ autostart }) => autostart === true).map((one) => `${one.group}:${one.name}`))
  const waiting = names.filter((name) => starting.has(name))
  for (let round = 0; round < 50; round += 1) {
    const states = listOf(await rpc.call('getAllProcessInfo')).map(structOf)
    const untouched = states.filter((one) => waiting.includes(`${one.group}:${one.name}`) && one.start === 0)
    if (untouched.length === 0) return
    await clock.sleep(100, { signal })
  }
}
