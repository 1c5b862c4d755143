import type { Micros, SpendSource } from '../../model/budget.ts'
import { InternalError, messageOf } from '../../model/error.ts'
import type { QueryAnswer } from '../../prometheus/answers.ts'
import type { Prometheus } from '../../prometheus/prometheus.ts'
import type { Asking, Increased, Part, Reading } from '../reading.ts'
import { type Counted, countSamples, isAmount, type Series, type SeriesState } from '../samples.ts'

export type CounterSource = SpendSource & { readonly type: 'prometheus' }

export interface CounterState {
  /** Samples until then were read (ms). */
  readonly readTo: number
  readonly series: SeriesState
  /** Parts of which a series was ever seen. */
  readonly seen: readonly Part[]
  /** How much is asked for at once, and at most where that was too much. */
  readonly chunkMs: number
  readonly mostMs?: number
  readonly gapMs?: number
}

type Ask = Pick<Prometheus, 'query'>

const MINUTE = 60_000
/** A sample is there some time after the moment that it is of: the scrape must end (10 s by default, at most its interval). */
const OVERLAP_MS = 2 * MINUTE
/** Six hours of a hundred series at 15 s are 4 MB. It is more where that has few samples. */
const CHUNK_MS = 360 * MINUTE
const FEW_SAMPLES = 50_000
const MOST_CHUNK_MS = 8 * 24 * 60 * MINUTE
const LEAST_CHUNK_MS = 10 * MINUTE
/** What is behind by more goes on at the next look, which comes at once: others wait for this one. */
const MOST_CHUNKS = 12
/** How far before its window a counter is looked for that is seen for the first time. */
const BEFORE = '1d'
/** A row of the database is written at each look: 50 bytes each. */
const MOST_SERIES = 10_000
const ENDED_MS = 24 * 60 * MINUTE

/**
 * Reads the raw samples since the last look, in pieces, and counts them. After a time away it catches up as far back as
 * Prometheus keeps samples; what came before that is in the difference to the last sample that was seen. At the first look it
 * begins with the window, and asks what each counter was before.
 *
 * Whether a counter is there now is asked by an instant query: it alone knows of staleness (a target that is down or gone).
 */
export async function askCounter(
  source: CounterSource,
  asking: Asking<CounterState>,
  ask: Ask,
): Promise<Reading<CounterState>> {
  const selector = selectorOf(source)
  const start = asking.before ?? (await firstState(selector, asking, ask))
  const read = await catchUp(source, { ...asking, before: start }, ask)
  if (read.fault !== undefined || read.behind) return read
  return { ...read, ...(await present(source, { ...asking, before: read.state }, ask)) }
}

/** `counter{label="value"}`, with the quotes of PromQL, which are those of Go. */
function selectorOf({ counter, match }: Pick<CounterSource, 'counter' | 'match'>): string {
  const matchers = Object.entries(match).map(([label, value]) => `${label}=${JSON.stringify(value)}`)
  return matchers.length === 0 ? counter : `${counter}{${matchers.join(',')}}`
}

async function firstState(selector: string, { window, signal }: Asking<unknown>, ask: Ask): Promise<CounterState> {
  const time = new Date(window.start - 1)
  const found = vectorOf(await ask.query(`last_over_time(${selector}[${BEFORE}])`, { time, signal }))
  const points = found.map(({ labels, point }) => ({ labels, points: [{ ...point, at: time.getTime() / 1_000 }] }))
  // Everything until then is of another window: only what the counters were.
  const { series } = countSamples(points, { before: {}, from: window.start, by: undefined })
  return { readTo: window.start - 1, series, seen: [], chunkMs: CHUNK_MS }
}

interface Progress {
  readonly state: CounterState
  readonly increases: readonly Increased[]
  readonly notes: readonly string[]
}

type CounterAsking = Asking<CounterState> & { readonly before: CounterState }

async function catchUp(source: CounterSource, asking: CounterAsking, ask: Ask): Promise<Reading<CounterState>> {
  let progress: Progress = { state: asking.before, increases: [], notes: [] }
  for (let chunk = 0; chunk < MOST_CHUNKS; chunk += 1) {
    try {
      progress = await readChunk(source, { ...asking, progress }, ask)
    } catch (error) {
      asking.signal.throwIfAborted()
      return told(narrower(progress, asking.now), asking, { fault: messageOf(error) })
    }
    if (progress.state.readTo >= asking.now)
      return told(caughtUp(progress), asking, tooMany(progress.state, asking.now))
  }
  const fault = `it is behind: read until ${new Date(progress.state.readTo).toISOString()}`
  return { ...told(progress, asking, { fault }), behind: true }
}

/** The next time away may have fewer samples. */
function caughtUp(progress: Progress): Progress {
  const { mostMs: _most, ...state } = progress.state
  return { ...progress, state: { ...state, chunkMs: CHUNK_MS } }
}

/** Too large an answer cannot be told from others that fail: a long piece is asked for in halves the next time. */
function narrower(progress: Progress, now: number): Progress {
  const { state } = progress
  if (now - state.readTo <= LEAST_CHUNK_MS) return progress
  const chunkMs = Math.max(LEAST_CHUNK_MS, Math.floor(state.chunkMs / 2))
  return { ...progress, state: { ...state, chunkMs, mostMs: chunkMs } }
}

/** Those that ended long ago make room: each run may bring a series of its own, and a year of them is no more than there is now. */
const tooMany = ({ series }: CounterState, now: number): { readonly fault?: string } =>
  Object.values(series).filter(([at]) => now - at < ENDED_MS).length >= MOST_SERIES
    ? { fault: `it has more than ${MOST_SERIES} series: narrow them by \`match\`` }
    : {}

type Chunk = CounterAsking & { readonly progress: Progress }

async function readChunk(source: CounterSource, { progress, window, now, signal }: Chunk, ask: Ask): Promise<Progress> {
  const { state } = progress
  const to = Math.min(now, state.readTo + state.chunkMs)
  const range = Math.max(0, to - state.readTo) + OVERLAP_MS
  const answer = await ask.query(`${selectorOf(source)}[${range}ms]`, { time: new Date(to), signal })
  const found = matrixOf(answer)
  const counted = countSamples(found, { before: state.series, from: window.start, by: source.by })
  return {
    state: {
      ...state,
      readTo: to,
      chunkMs: wider(state, found),
      series: bounded(counted.series),
      seen: seenIn(found, source, state),
      ...gapOf(counted),
    },
    increases: [...progress.increases, ...counted.increases],
    notes: [...progress.notes, ...counted.problems, ...answer.warnings],
  }
}

function wider({ chunkMs, mostMs = MOST_CHUNK_MS }: CounterState, found: readonly Series[]): number {
  const samples = found.reduce((sum, { points }) => sum + points.length, 0)
  return samples > FEW_SAMPLES ? chunkMs : Math.min(mostMs, chunkMs * 4)
}

const gapOf = ({ gapMs }: Counted): { readonly gapMs?: number } => (gapMs === undefined ? {} : { gapMs })

function bounded(series: SeriesState): SeriesState {
  const all = Object.entries(series)
  if (all.length <= MOST_SERIES) return series
  return Object.fromEntries(all.sort(([, a], [, b]) => b[0] - a[0]).slice(0, MOST_SERIES))
}

const partsOf = (found: readonly Pick<Series, 'labels'>[], { by }: CounterSource): readonly Part[] => [
  ...new Set(found.map(({ labels }) => (by === undefined ? '' : (labels[by] ?? '')))),
]

const MOST_PARTS = 1_000

const seenIn = (found: readonly Series[], source: CounterSource, { seen }: CounterState): readonly Part[] =>
  [...new Set([...partsOf(found, source), ...seen])].slice(0, MOST_PARTS)

function told(
  { state, increases, notes }: Progress,
  asking: CounterAsking,
  { fault }: { readonly fault?: string },
): Reading<CounterState> {
  const sums = new Map(Object.entries(asking.spent))
  for (const { part, micros } of increases) sums.set(part, (sums.get(part) ?? 0) + micros)
  const spent: Readonly<Record<Part, Micros>> = Object.fromEntries(sums)
  const { gapMs } = state
  const base = { spent, increases, knows: [], notes: [...new Set(notes)].slice(0, 10), state }
  return { ...base, ...(fault === undefined ? {} : { fault }), ...(gapMs === undefined ? {} : { gapMs }) }
}

type Present = Pick<Reading, 'knows' | 'othersAtMost' | 'fault'>

/** Which parts have a series now. None is unknown, and no zero; but for a counter that appears with the first run. */
async function present(source: CounterSource, { now, signal, before }: CounterAsking, ask: Ask): Promise<Present> {
  const selector = selectorOf(source)
  const found = vectorOf(await ask.query(selector, { time: new Date(now), signal }))
  const there = partsOf(found, source)
  const { seen } = before
  // What is NaN, or beyond all numbers, may be any amount.
  const absurd = found.filter(({ point }) => !isAmount(point.value))
  const unknown = partsOf(absurd, source)
  // A part that was there before and is gone, while others are there, spends nothing: its last figure stands.
  const knows = [...new Set([...there, ...seen])].filter((part) => !unknown.includes(part))
  const others = source.startsAbsent && absurd.length === 0 ? { othersAtMost: 0 } : {}
  if (knows.length === 0 && absurd[0])
    return { knows, fault: `${selector} is ${absurd[0].point.value} now: that is no amount` }
  if (there.length > 0) return { knows, ...others }
  if (source.startsAbsent && seen.length === 0) return { knows, ...others }
  const never = seen.length === 0
  const why = never
    ? `no series is called ${selector}`
    : `${selector} has no series now: what it counts is down or gone`
  return { knows: [], fault: never ? `${why}; say \`startsAbsent\` where it appears with the first run` : why }
}

type Vector = Extract<QueryAnswer, { type: 'vector' }>['series']

function vectorOf(answer: QueryAnswer): Vector {
  if (answer.type === 'vector') return answer.series
  throw new InternalError(`a selector was answered by a ${answer.type}`)
}

function matrixOf(answer: QueryAnswer): readonly Series[] {
  if (answer.type === 'matrix') return answer.series
  throw new InternalError(`a selector with a range was answered by a ${answer.type}`)
}
