import { ownValue } from '../lib/own-value.ts'
import type { Budget, Micros, SpendSource } from '../model/budget.ts'
import { type Burned, burn } from './burn.ts'
import type { Increased, Part, Reading } from './reading.ts'
import type { Window } from './windows.ts'

/** What is kept of one source of a budget. Times are milliseconds since 1970. */
export interface SourceMemory {
  /** That `spent` is of. */
  readonly window: Window
  readonly spent: Readonly<Record<Part, Micros>>
  readonly firstAskedAt: number
  readonly askedAt: number
  /** Of the last answer that told what it should. */
  readonly readAt?: number
  /** When it last told of each part. */
  readonly knownAt: Readonly<Record<Part, number>>
  /** What it told of parts that it did not name. */
  readonly others?: { readonly atMost: Micros; readonly at: number }
  readonly fault?: { readonly why: string; readonly since: number }
  readonly notes: readonly string[]
  readonly burned: Readonly<Record<Part, Burned>>
  /** For its next look. */
  readonly state?: unknown
  readonly gapMs?: number
}

export function newMemory(window: Window, now: number): SourceMemory {
  return { window, spent: {}, firstAskedAt: now, askedAt: now, knownAt: {}, notes: [], burned: {} }
}

/**
 * As of another window: nothing is spent yet. What a counter was read to stays, unless that was beyond the beginning of this
 * window (its calendar was changed): then the source is asked as at the first time.
 */
export function rolled(memory: SourceMemory, window: Window): SourceMemory {
  if (memory.window.start === window.start && memory.window.end === window.end) return memory
  const { state, ...others } = memory
  const goesOn = window.start >= memory.window.end || !isCounter(state)
  return { ...others, window, spent: {}, ...(goesOn && state !== undefined ? { state } : {}) }
}

const isCounter = (state: unknown): boolean => typeof state === 'object' && state !== null && 'readTo' in state

interface Absorbing {
  readonly now: number
  readonly burn: Budget['burn']
}

/** What a source told is added to what is known of it: its figures never fall within a window. */
export function absorb(memory: SourceMemory, reading: Reading, { now, burn: limit }: Absorbing): SourceMemory {
  const spent = highest(memory.spent, reading.spent)
  const increases = reading.increases ?? risen(memory, spent, now)
  const { fault: faulty, others: _others, ...kept } = memory
  const told = reading.fault === undefined
  return {
    ...kept,
    spent,
    askedAt: now,
    ...(told ? { readAt: now } : {}),
    knownAt: { ...memory.knownAt, ...Object.fromEntries(reading.knows.map((part) => [part, now])) },
    ...(reading.othersAtMost === undefined ? {} : { others: { atMost: reading.othersAtMost, at: now } }),
    ...(told ? {} : { fault: { why: reading.fault ?? '', since: faulty?.since ?? now } }),
    notes: reading.notes,
    burned: limit ? burnedOf(memory, increases, { inMs: limit.inMs, now }) : {},
    state: reading.state,
    ...(reading.gapMs === undefined ? {} : { gapMs: reading.gapMs }),
  }
}

/** It did not tell: what is known stays. */
export const failed = (memory: SourceMemory, why: string, now: number): SourceMemory => ({
  ...memory,
  askedAt: now,
  fault: { why, since: memory.fault?.since ?? now },
})

/** Of each part the higher figure. */
function highest(before: SourceMemory['spent'], told: SourceMemory['spent']): SourceMemory['spent'] {
  const spent = new Map(Object.entries(before))
  for (const [part, micros] of Object.entries(told)) spent.set(part, Math.max(micros, spent.get(part) ?? 0))
  return Object.fromEntries(spent)
}

/** Of a source that tells sums, what came to them since it was last read. */
function risen(memory: SourceMemory, spent: SourceMemory['spent'], now: number): readonly Increased[] {
  const from = Math.min(now, Math.max(memory.window.start, memory.readAt ?? memory.window.start))
  return Object.entries(spent).flatMap(([part, micros]) => {
    const rise = micros - (ownValue(memory.spent, part) ?? 0)
    return rise > 0 ? [{ part, from, to: now, micros: rise }] : []
  })
}

function burnedOf(
  { burned }: SourceMemory,
  increases: readonly Increased[],
  of: { readonly inMs: number; readonly now: number },
): SourceMemory['burned'] {
  const parts = new Set([...Object.keys(burned), ...increases.map(({ part }) => part)])
  const all = [...parts].map((part) => {
    const mine = increases.filter((increase) => increase.part === part)
    return [part, burn(ownValue(burned, part), mine, of)] as const
  })
  return Object.fromEntries(all.filter(([, { slices }]) => Object.keys(slices).length > 0))
}

const MINUTE = 60_000

/** How often a source is asked. Anthropic: at most once a minute; what vendors tell is some minutes old anyway. */
export function everyMs(source: SpendSource): number {
  switch (source.type) {
    case 'prometheus':
      return source.everyMs
    case 'anthropic':
    case 'openai':
      return 5 * MINUTE
    case 'zerg':
    case 'supervisor':
      return MINUTE
    case 'reported':
      return 0
  }
}

/** A source that did not tell for three looks does not know: one that fails is no news. */
export const graceMs = (source: SpendSource): number => 3 * everyMs(source) + 15_000
