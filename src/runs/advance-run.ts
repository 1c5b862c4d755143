import type { Agent, RunLook } from '../model/agent.ts'
import { type Reason, ReconcileError } from '../model/error.ts'
import type { Resource } from '../model/resource.ts'
import type { ApplyOptions, CallOptions, Runner } from '../model/target.ts'
import type { KeptRun } from './kept-run.ts'
import { ON_TIME_MS } from './plan-runs.ts'

/** What one run meets now. */
export interface RunPlace {
  readonly now: Date
  /** The agent as it is declared now; undefined: it is not, or has no schedule any more. */
  readonly agent: Agent | undefined
  /** What the record has of it. */
  readonly of: Resource | undefined
  /** Undefined: its target is not declared, or runs nothing. */
  readonly runner: Runner | undefined
  /** Why it may not start now. `wait`: that ends soon. */
  hindrance(): Hindrance | undefined
  /** Why it is to be stopped, by its budget or a person. */
  halted(): string | undefined
  /** Nothing may be written, not even to stop it. */
  readonly frozen: boolean
  /** What its budget's sources have counted for the agent by now. */
  spent(): KeptRun['spent']
}

export interface Hindrance {
  readonly message: string
  readonly wait?: boolean
}

type Calls = CallOptions & Pick<ApplyOptions, 'reveal' | 'guard'>

/** A run whose target does not answer for so long after it should have ended is not waited for any more. */
const MISSED = 'nobody could start it at its time'
const GIVEN_UP_MS = 10 * 60_000
const LINES = 30
const LINE_LENGTH = 500
const HOUR_MS = 3_600_000

/** One step of a run on its way: looked at, and started, stopped or closed where that is due. Throws for no reason of its target. */
export async function advanceRun(run: KeptRun, place: RunPlace, calls: Calls): Promise<KeptRun> {
  const { runner, of } = place
  if (!runner || !of) return withoutPlace(run, place)
  try {
    const look = await runner.look(keyOf(run), of, calls)
    if (look.state === 'ended') return closed(run, look, place)
    if (look.state === 'running') return await goesOn(run, look, { place, runner, of, calls })
    if (run.startedAt !== undefined) {
      return ended(run, place, { outcome: 'unknown', message: 'nothing is left of it on its target' })
    }
    return await begins(run, { place, runner, of, calls })
  } catch (error) {
    calls.signal.throwIfAborted()
    if (!(error instanceof ReconcileError)) throw error
    return troubled(run, error, place)
  }
}

interface Step {
  readonly place: RunPlace
  readonly runner: Runner
  readonly of: Resource
  readonly calls: Calls
}

const keyOf = ({ id, tick }: KeptRun) => ({ id, tick })

/** It is not applied yet, or its target is not declared any more. */
function withoutPlace(run: KeptRun, place: RunPlace): KeptRun {
  if (run.startedAt !== undefined) {
    return ended(run, place, {
      outcome: 'unknown',
      message: 'nothing is known of it: what it runs of is not recorded any more',
    })
  }
  return isOver(run, place) ? ended(run, place, { outcome: 'refused', message: 'it is not applied yet' }) : run
}

async function begins(run: KeptRun, { place, runner, of, calls }: Step): Promise<KeptRun> {
  if (run.overdue !== undefined) return ended(run, place, { outcome: 'missed', message: run.overdue })
  const why = place.agent ? place.hindrance() : { message: 'its agent is not declared any more', wait: false }
  if (why)
    return why.wait && !isOver(run, place) ? run : ended(run, place, { outcome: 'refused', message: why.message })
  if (isOver(run, place)) return ended(run, place, neverStarted(run))
  const spent = place.spent()
  await runner.start(keyOf(run), of, calls)
  const { trouble: _, ...rest } = run
  return { ...rest, startedAt: place.now.toISOString(), message: 'started', ...(spent ? { spent } : {}) }
}

function neverStarted({ trouble }: KeptRun): End {
  if (!trouble?.refused) return { outcome: 'missed', message: [MISSED, trouble?.message ?? []].flat().join(': ') }
  return { outcome: 'failed', message: `it could not be started: ${trouble.message}` }
}

/** Too late to start: in place of missed ones there is an hour for it. */
function isOver({ tick, late, askedAt }: KeptRun, { now, agent }: RunPlace): boolean {
  const isLate = late || agent?.schedule?.missed === 'once'
  return now.getTime() - Date.parse(isLate ? askedAt : tick) > (isLate ? HOUR_MS : ON_TIME_MS)
}

async function goesOn(
  run: KeptRun,
  { startedAt }: Extract<RunLook, { state: 'running' }>,
  { place, runner, of, calls }: Step,
): Promise<KeptRun> {
  const begun =
    run.startedAt === undefined ? { ...run, startedAt: ourTime(startedAt, run, place), message: 'started' } : run
  const why = whyStop(begun, place)
  if (why === undefined) return begun
  const lines = await runner.stop(keyOf(run), of, calls)
  return ended(begun, place, { outcome: 'stopped', message: why, lines })
}

/** What its target's clock shows, as far as that can be so by ours: neither before its time nor later than now. */
function ourTime(theirs: string, { tick }: KeptRun, { now }: RunPlace): string {
  return new Date(Math.min(Math.max(Date.parse(theirs), Date.parse(tick)), now.getTime())).toISOString()
}

function whyStop({ startedAt }: KeptRun, { agent, now, halted, frozen }: RunPlace): string | undefined {
  if (frozen) return undefined
  if (!agent?.schedule) return 'its agent is not declared any more, or has no schedule'
  const { timeoutMs } = agent.schedule
  const took = now.getTime() - Date.parse(startedAt ?? now.toISOString())
  return halted() ?? (took > timeoutMs ? `it took longer than its timeout of ${durationWords(timeoutMs)}` : undefined)
}

function closed(run: KeptRun, look: Extract<RunLook, { state: 'ended' }>, place: RunPlace): KeptRun {
  const { ok, message, lines } = look
  const startedAt = run.startedAt ?? ourTime(look.startedAt, run, place)
  // How long it took is told by one clock; when, by ours.
  const took = Math.max(0, Date.parse(look.endedAt) - Date.parse(look.startedAt))
  const endedAt = new Date(Date.parse(startedAt) + took).toISOString()
  return ended({ ...run, startedAt }, place, { outcome: ok ? 'succeeded' : 'failed', message, lines, endedAt })
}

/** Nothing was done, and nothing will be as long as it is so. */
const REFUSALS: ReadonlySet<Reason> = new Set([
  'TargetRefused',
  'TargetMismatch',
  'DependencyNotReady',
  'Conflict',
  'NotFound',
  'RootRefused',
  'LoginRefused',
])

/** It is tried again as long as it is on time; what may have been started is looked for, until nobody can hope for it. */
function troubled(run: KeptRun, { reason, message }: ReconcileError, place: RunPlace): KeptRun {
  const { now, agent } = place
  const patience = (agent?.schedule?.timeoutMs ?? 0) + GIVEN_UP_MS
  const since = Date.parse(run.startedAt ?? run.askedAt)
  if (now.getTime() - since > patience) return ended(run, place, { outcome: 'unknown', message })
  if (run.startedAt !== undefined) return run
  const trouble = { message, refused: REFUSALS.has(reason) }
  const troubledRun = { ...run, trouble }
  return trouble.refused && isOver(run, place) ? ended(run, place, neverStarted(troubledRun)) : troubledRun
}

type End = Pick<KeptRun, 'outcome' | 'message'> & { readonly lines?: readonly string[]; readonly endedAt?: string }

function ended(run: KeptRun, place: RunPlace, { outcome, message, lines = [], endedAt }: End): KeptRun {
  const { trouble: _, spent: before, late: __, overdue: ___, ...rest } = run
  const cost = costOf(before, before && place.spent())
  return {
    ...rest,
    ...(cost ? { cost } : {}),
    outcome,
    message,
    endedAt: endedAt ?? place.now.toISOString(),
    lines: lines.slice(-LINES).map((line) => line.slice(0, LINE_LENGTH)),
  }
}

/** A figure of another window tells nothing of this run, and one that did not move yet may come late: no cost is not nought. */
function costOf(before: KeptRun['spent'], after: KeptRun['spent']): KeptRun['cost'] {
  if (!before || !after || after.currency !== before.currency || after.window !== before.window) return undefined
  const micros = after.micros - before.micros
  return micros > 0 ? { micros, currency: before.currency } : undefined
}

export function durationWords(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 120) return `${seconds} s`
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`
}
