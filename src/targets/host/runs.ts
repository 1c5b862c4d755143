import { partsOf, type ResourceId } from '../../model/id.ts'
import type { Runner } from '../../model/target.ts'
import type { Place } from './look-at.ts'
import { lookAtProgramRun, startProgramRun, stopProgramRun } from './supervisord/runs.ts'
import { clearUnitRun, listUnitRuns, lookAtUnitRun, startUnitRun, stopUnitRun } from './unit-runs.ts'

const isProgram = (id: ResourceId): boolean => partsOf(id).kind === 'Program'

/** Runs of agents on a host: units in /run, and programs of supervisord. */
export function createHostRuns(place: Place): Runner {
  return {
    start: async (run, of, { guard, signal }) => {
      await guard()
      await (isProgram(run.id) ? startProgramRun : startUnitRun)(run, of, place, { signal })
    },
    look: (run, of, { signal }) =>
      isProgram(run.id) ? lookAtProgramRun(run, of, place, { signal }) : lookAtUnitRun(run, place, { signal }),
    stop: async (run, of, { guard, signal }) => {
      await guard()
      return isProgram(run.id) ? stopProgramRun(run, of, place, { signal }) : stopUnitRun(run, place, { signal })
    },
    // What supervisord has is the program itself.
    clear: async (run, { guard, signal }) => {
      if (isProgram(run.id)) return
      await guard()
      await clearUnitRun(run, place, { signal })
    },
    list: (call) => listUnitRuns(place, call),
  }
}
