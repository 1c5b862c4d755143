import type { ProgramLive, ProgramSpec } from '../../../kinds/program/spec.ts'
import { ReconcileError } from '../../../model/error.ts'
import { partsOf, type ResourceId } from '../../../model/id.ts'
import type { Wanted } from '../../../model/resource.ts'
import type { ChangeScript } from '../apply-script.ts'
import { keyOf, lineOf } from '../entry.ts'
import type { HostFacts } from '../facts.ts'
import { programFile } from './look.ts'
import type { Supervisor } from './reach.ts'
import { claimSteps, type ProgramStep, type StepInput, stepOfRemoval, stepOfWrite } from './steps.ts'

/** The host as it was just looked at, and its supervisord. */
export interface On {
  readonly facts: HostFacts
  readonly supervisor: Supervisor
}

export function programWriteOf(to: Wanted, live: unknown, on: On): ChangeScript {
  const notes = { intend: entryWords('intend', to), note: entryWords('note', to) }
  return programs(stepOfWrite(to.spec as ProgramSpec, inputOf(to.id, live, on), notes))
}

/** Adopted, or moved: nothing is told to supervisord. */
export function programClaimOf(to: Wanted, live: unknown, on: On): ChangeScript {
  const runs = claimSteps(to.spec as ProgramSpec, inputOf(to.id, live, on))
  return { first: [], daemonReload: false, last: [...runs, entryWords('note', to)] }
}

export const programRemovalOf = (id: ResourceId, live: unknown, on: On): ChangeScript =>
  programs(stepOfRemoval(inputOf(id, live, on)))

const programs = (step: ProgramStep): ChangeScript => ({
  first: [],
  daemonReload: false,
  last: [],
  programs: [step],
})

function inputOf(id: ResourceId, live: unknown, { facts, supervisor }: On): StepInput {
  const { supervisord = 'supervisord was not asked' } = facts
  if (typeof supervisord === 'string')
    throw new ReconcileError('TargetRefused', { message: `${id}: ${supervisord}`, retryable: true })
  const path = programFile(supervisor.programs, partsOf(id).name)
  return { id, path, daemonStarted: supervisord.started, live: live as ProgramLive | undefined, supervisor }
}

const entryWords = (word: 'note' | 'intend', { id, kind, app, digest }: Wanted): string => {
  const entry = lineOf({ kind, name: partsOf(id).name, app, digest })
  return `${word} ${keyOf(id)} ${Buffer.from(entry).toString('base64')}`
}
