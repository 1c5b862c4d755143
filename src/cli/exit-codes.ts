import type { DoctorFinding, DriftReport, RebuildReport } from '../model/engine.ts'
import type { AppOutcome, FleetOutcome, FleetPlan } from '../model/outcome.ts'
import { waits } from '../model/plan.ts'
import { verdictOf } from '../report/count-changes.ts'

/** Documented in the README; scripts lean on them. */
export const EXIT = { done: 0, error: 1, changes: 2, held: 3, unknown: 4 } as const

/** What waits for a person differs as well: whether an apply would make it now is told by the plan, not by its code. */
export const exitOfPlan = (fleet: FleetPlan): number =>
  ({ nothing: EXIT.done, changes: EXIT.changes, error: EXIT.error, unknown: EXIT.unknown })[verdictOf(fleet)]

/** The worst of all apps: an error, then what was rolled back or waits for a person, then what is not known. */
export function exitOfOutcome(fleet: FleetOutcome): number {
  const codes = fleet.apps.map(exitOfApp)
  if (fleet.problems.some((problem) => problem.severity === 'error')) codes.push(EXIT.error)
  return [EXIT.error, EXIT.held, EXIT.unknown].find((code) => codes.includes(code)) ?? EXIT.done
}

function exitOfApp(app: AppOutcome): number {
  switch (app.outcome) {
    case 'unchanged':
    case 'applied':
    case 'healed':
    case 'done':
    case 'proven':
    case 'suspended':
      return exitOfWhatStands(app)
    case 'rolled-back':
    case 'held-back':
    case 'stalled':
    case 'waiting':
      return app.reason === 'InvalidDesired' ? EXIT.error : EXIT.held
    case 'rolling-back':
    case 'unknown':
      return EXIT.unknown
    case 'failed':
      return EXIT.error
  }
}

/** What was done may not have been all: the rest waits for a person, or could not be seen. */
function exitOfWhatStands(app: AppOutcome): number {
  const whys = (app.plan?.held ?? []).map(({ why }) => why)
  if (app.guards.length > 0 || whys.some((why) => why !== 'unknown' && waits(why))) return EXIT.held
  return whys.includes('unknown') ? EXIT.unknown : EXIT.done
}

/** Drift that is to be ignored is shown, and is no news. */
export function exitOfDrift(report: DriftReport): number {
  if (report.items.some(({ next }) => next !== 'ignored')) return EXIT.changes
  return report.unknown.length > 0 ? EXIT.unknown : EXIT.done
}

export const exitOfRebuild = (report: RebuildReport): number => (report.needsPerson.length > 0 ? EXIT.error : EXIT.done)

export const exitOfDoctor = (findings: readonly DoctorFinding[]): number =>
  findings.some((finding) => finding.level === 'error') ? EXIT.error : EXIT.done
