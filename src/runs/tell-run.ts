import type { Emit } from '../model/events.ts'
import type { Store } from '../model/store.ts'
import { durationWords } from './advance-run.ts'
import { isOpen, type KeptRun, type Runs } from './kept-run.ts'
import { type RunDecision, shortTime } from './plan-runs.ts'

interface Telling {
  readonly emit: Emit
  /** After a run ended. */
  ended(run: KeptRun): void
}

/** What is kept of a decision, before anything is done. */
export function keptOf({ to, message, ...of }: RunDecision, now: Date): KeptRun {
  const askedAt = now.toISOString()
  const begun = { ...of, askedAt, message, outcome: 'running' as const, lines: [] }
  if (to === 'refuse') return { ...begun, outcome: 'refused', endedAt: askedAt }
  if (to === 'miss') return { ...begun, overdue: message }
  return to === 'start-late' ? { ...begun, late: true } : begun
}

/** With its place in the history when it ended. */
export function keepRun(run: KeptRun, { runs, store }: { readonly runs: Runs; readonly store: Store }): void {
  runs.put(run)
  if (isOpen(run)) return
  runs.trim(run)
  const app = run.agent.slice(0, run.agent.indexOf('/'))
  store.addHistory({
    ...{ at: run.endedAt ?? run.askedAt, app, what: 'run' },
    revision: store.app(app).lastApplied?.revision ?? '',
    message: runWords(run),
    ...(run.by === undefined ? {} : { by: run.by }),
  })
}

/** `Agent/digest as prod/Service/digest, due 2026-11-21 07:00Z: failed after 12 s: exit code 1` */
function runWords(run: KeptRun): string {
  const { agent, id, tick, outcome, message } = run
  const took = tookMs(run)
  const after = took === undefined ? '' : ` after ${durationWords(took)}`
  return `Agent/${agent.slice(agent.indexOf('/') + 1)} as ${id}, due ${shortTime(tick)}: ${outcome}${after}: ${message}`
}

const tookMs = ({ startedAt, endedAt }: Pick<KeptRun, 'startedAt' | 'endedAt'>): number | undefined =>
  startedAt === undefined || endedAt === undefined
    ? undefined
    : Math.max(0, Date.parse(endedAt) - Date.parse(startedAt))

/** That it started, and that it ended. */
export function tellRun(run: KeptRun, before: KeptRun | undefined, { emit, ended }: Telling): void {
  const begins = run.startedAt !== undefined && before?.startedAt === undefined
  if (isOpen(run) && !begins) return
  const { agent, id, tick, outcome, message } = run
  const took = tookMs(run)
  const app = agent.slice(0, agent.indexOf('/'))
  emit({
    type: 'agent:run',
    ...{ app, agent, id, outcome, message, due: tick },
    ...(took === undefined ? {} : { tookMs: took }),
  })
  if (!isOpen(run)) ended(run)
}
