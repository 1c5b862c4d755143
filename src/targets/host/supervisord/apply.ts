import type { Clock } from '../../../model/clock.ts'
import { messageOf, type Reason, ReconcileError } from '../../../model/error.ts'
import { Sensitive } from '../../../model/sensitive.ts'
import type { CallOptions } from '../../../model/target.ts'
import { runScript } from '../../../shell/script.ts'
import type { Shell } from '../../../shell/shell.ts'
import type { Slots } from '../../../shell/slots.ts'
import { type Outcome, outcomesOf } from '../outcomes.ts'
import { applyScript } from '../stage-script.ts'
import type { Supervisor } from './reach.ts'
import { openRpc, type Rpc, SupervisordFault } from './rpc.ts'
import type { ProgramStep } from './steps.ts'
import { BadConfiguration, type Reread, reread, updateGroups } from './update.ts'

export interface ProgramPlace {
  readonly install: string
  readonly shell: Shell
  readonly supervisor: Supervisor
  readonly clock: Clock
  /** One at a time: while a bad file is there, supervisord reads no other. */
  readonly turns: Slots
}

/** What stops takes its stopwaitsecs; it is supervisord that bounds each. */
const TIMEOUT_MS = 600_000

/**
 * One program file, from its intent to its entry (supervisor.md, the update algorithm):
 *
 *   intent, file and reread --accepted--> reread, stop, take out, add, start --> entry
 *                           --refused--> the file before is back, and read again
 *
 * Killed anywhere in it, the file, the groups in use and what is noted of them say together what is missing.
 */
export async function applyProgram(step: ProgramStep, place: ProgramPlace, { signal }: CallOptions): Promise<Outcome> {
  const give = await place.turns.take({ signal })
  try {
    await onHost(step.begin, place, { signal })
    const { removed, added, started, stopped } = step.write
    const idle = !step.reload && [removed, added, started, stopped].every(({ length }) => length === 0)
    if (!idle) await throughSupervisord(step, place, AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]))
    await onHost(step.end, place, { signal })
    return { step: 'applied', note: {} }
  } catch (error) {
    return failureOf(error, signal)
  } finally {
    give()
  }
}

async function throughSupervisord(step: ProgramStep, place: ProgramPlace, signal: AbortSignal): Promise<void> {
  const rpc = await openRpc(place, { signal })
  try {
    const found = step.reload ? await rereadOrTakeBack(step, rpc, { place, signal }) : NOTHING
    await updateGroups(step, found, { rpc, clock: place.clock, signal })
  } finally {
    rpc.close()
  }
}

const NOTHING: Reread = { added: [], changed: [], removed: [] }

interface Context extends CallOptions {
  readonly place: ProgramPlace
}

/** What the script that wrote the file could not ask: one bad file keeps supervisord from reading any other. */
async function rereadOrTakeBack(step: ProgramStep, rpc: Rpc, { place, signal }: Context): Promise<Reread> {
  try {
    return await reread(rpc)
  } catch (error) {
    if (!(error instanceof BadConfiguration)) throw error
    if (step.goes) return NOTHING
    throw await tookBack(step, error, { rpc, place, signal })
  }
}

async function tookBack(
  { takeBack, id }: ProgramStep,
  bad: BadConfiguration,
  { rpc, place, signal }: Context & { readonly rpc: Rpc },
): Promise<ReconcileError> {
  const refused = (more: string) =>
    new ReconcileError('TargetRefused', { message: `${id}: supervisord refuses its files: ${bad.message}; ${more}` })
  if (!takeBack) return refused('nothing was changed')
  await onHost(takeBack, place, { signal })
  try {
    await reread(rpc)
    return refused('the file before is back')
  } catch (error) {
    if (!(error instanceof BadConfiguration)) throw error
    return refused(`the file before is back, and it still does: ${error.message}`)
  }
}

async function onHost(
  steps: readonly string[],
  { install, shell }: ProgramPlace,
  { signal }: CallOptions,
): Promise<void> {
  if (steps.length === 0) return
  const changes = [{ first: steps, daemonReload: false, last: [] }]
  const ran = await runScript(
    shell,
    { text: new Sensitive(applyScript(install, changes)), args: ['apply'] },
    { signal, timeoutMs: 120_000 },
  )
  const [{ step, note } = { step: 'unknown', note: {} } as const] = outcomesOf(ran, changes)
  if (step === 'applied') return
  const reason = (note.reason ?? 'TargetRefused') as Reason
  throw new ReconcileError(reason, { message: note.message ?? `${shell.where}: its end was not seen` })
}

/** With these it is not known how far it came. */
const UNKNOWN: ReadonlySet<string> = new Set(['TargetUnreachable', 'TimedOut', 'Aborted'])

function failureOf(error: unknown, signal: AbortSignal): Outcome {
  if (error instanceof ReconcileError) {
    const { reason, message } = error
    return { step: UNKNOWN.has(reason) ? 'unknown' : 'failed', note: { reason, message } }
  }
  if (signal.aborted) return { step: 'unknown', note: { reason: 'Aborted', message: messageOf(error) } }
  if (error instanceof DOMException) return { step: 'unknown', note: { reason: 'TimedOut', message: error.message } }
  const message = error instanceof SupervisordFault ? `supervisord: ${error.message}` : messageOf(error)
  return { step: 'failed', note: { reason: 'TargetRefused', message } }
}
