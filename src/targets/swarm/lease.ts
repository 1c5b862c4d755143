import type { WireLabels } from '../../kinds/labels.ts'
import type { Clock } from '../../model/clock.ts'
import { ReconcileError } from '../../model/error.ts'
import type { CallOptions, Lease } from '../../model/target.ts'
import type { RecordObject } from './record-object.ts'
import type { WireConfig } from './wire.ts'

/**
 * One writer per Swarm and install (architecture, rule 23). The lease is four labels of the record object; each change
 * of them happens under the object's version index, so that of two takers one gets a conflict.
 *
 *   free --take--> held --renewed every 15 s while the holder lives--> held --released--> free
 *   held, and the object's version unmoved for 60 s of the observer's monotonic clock --take--> held by another
 *
 * A clock is compared with nothing but itself: the version says that the holder lives, not a time that it wrote.
 *
 * What remains open: a holder that passes `check` and is then stopped (SIGSTOP, a suspended machine) for longer than a
 * minute may send one write after another has taken over. Its call is cut at 15 s, updates are refused by their own
 * version index, and the check before the next write finds the loss. A check that was answered within the last two
 * seconds is not repeated.
 */
const PREFIX = 'swarmkeeper.lease.'
const HOLDER = `${PREFIX}holder`
const TOKEN = `${PREFIX}token`
const SINCE = `${PREFIX}since`
const COUNTER = `${PREFIX}counter`

const RENEW_MS = 15_000
export const STALE_MS = 60_000
const POLL_MS = 2_000
const TRUSTED_MS = 2_000

export interface LeaseContext {
  readonly object: RecordObject
  readonly clock: Clock
  readonly target: string
  /** Makes a token that no other lease has. */
  newToken(): string
  readonly sightings: Sightings
  /** Tests shorten it. */
  readonly staleMs: number
}

/** When a version of the record object was first seen, by this process' monotonic clock. */
export interface Sightings {
  note(config: WireConfig | undefined): void
  /** For how long the version has not moved, as far as we saw. */
  unmovedMs(config: WireConfig): number
}

export function createSightings(clock: Clock): Sightings {
  let seen: { readonly key: string; readonly at: number } | undefined
  const note = (config: WireConfig | undefined): void => {
    const key = config ? `${config.ID} ${config.Version.Index}` : ''
    if (seen?.key !== key) seen = { key, at: clock.monotonic() }
  }
  return {
    note,
    unmovedMs: (config) => {
      note(config)
      return clock.monotonic() - (seen?.at ?? clock.monotonic())
    },
  }
}

/**
 * Takes the lease: a holder is a database, which one process has open, so that what carries our own name is a lease of
 * a killed one, and is taken at once; its token ends with it. While another holds it and the version does not move, this waits
 * until it is stale; it throws `LeaseHeld` as soon as it moves: that holder lives.
 */
export async function takeLease(holder: string, context: LeaseContext, { signal }: CallOptions): Promise<Lease> {
  const token = context.newToken()
  const first = await context.object.read(signal)
  for (let seen = first; ; seen = await context.object.read(signal)) {
    if (isFree(seen, holder, context)) {
      const taken = await tryTake({ holder, token, seen }, context, signal)
      if (taken) return keep(token, context)
    } else if (seen && moved(first, seen)) throw heldError(seen, context)
    else await context.clock.sleep(POLL_MS, { signal })
  }
}

const isHeld = (labels: WireLabels): boolean => labels?.[TOKEN] !== undefined

const isFree = (config: WireConfig | undefined, holder: string, context: LeaseContext): boolean =>
  !config ||
  !isHeld(config.Spec.Labels) ||
  config.Spec.Labels?.[HOLDER] === holder ||
  context.sightings.unmovedMs(config) >= context.staleMs

const moved = (first: WireConfig | undefined, now: WireConfig): boolean => first?.Version.Index !== now.Version.Index

interface Taking {
  readonly holder: string
  readonly token: string
  /** What was judged free; anything else that is found instead is not taken. */
  readonly seen: WireConfig | undefined
}

/** False when somebody was faster. */
async function tryTake({ holder, token, seen }: Taking, context: LeaseContext, signal: AbortSignal): Promise<boolean> {
  const since = context.clock.now().toISOString()
  try {
    await context.object.change((labels, found) => {
      const another = isHeld(labels) && labels?.[HOLDER] !== holder
      if (found && another && found.Version.Index !== seen?.Version.Index) throw heldError(found, context)
      return { ...labels, [HOLDER]: holder, [TOKEN]: token, [SINCE]: since, [COUNTER]: '0' }
    }, signal)
    return true
  } catch (error) {
    if (error instanceof ReconcileError && error.reason === 'VersionConflict') return false
    throw error
  }
}

function heldError({ Spec }: WireConfig, { target }: LeaseContext): ReconcileError {
  const { [HOLDER]: holder = 'another one', [SINCE]: since = 'an unknown time' } = Spec.Labels ?? {}
  return new ReconcileError('LeaseHeld', {
    message: `${holder} writes to ${target} since ${since}`,
    todo: 'wait until it is done; one that died is taken over after a minute',
    retryable: true,
  })
}

function keep(token: string, context: LeaseContext): Lease {
  const { object, clock } = context
  const stop = new AbortController()
  const state = { confirmedAt: clock.monotonic(), lost: false }

  const mine = (labels: WireLabels): void => {
    if (labels?.[TOKEN] === token) return
    state.lost = true
    throw lostError(labels, context)
  }
  const renew = async (): Promise<void> => {
    await object.change((labels) => {
      mine(labels)
      return { ...labels, [COUNTER]: String(Number(labels?.[COUNTER] ?? 0) + 1) }
    }, stop.signal)
    state.confirmedAt = clock.monotonic()
  }
  const renewing = renewUntilStopped({ renew, clock, signal: stop.signal, isLost: () => state.lost })

  return {
    check: async ({ signal }) => {
      if (!state.lost && clock.monotonic() - state.confirmedAt < TRUSTED_MS) return
      mine((await object.read(signal))?.Spec.Labels)
      state.confirmedAt = clock.monotonic()
    },
    release: async () => {
      stop.abort(new Error('the lease was given back'))
      await renewing
      if (!state.lost) await giveBack(token, context)
    },
  }
}

async function renewUntilStopped(options: {
  readonly renew: () => Promise<void>
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly isLost: () => boolean
}): Promise<void> {
  const { signal } = options
  while (!signal.aborted && !options.isLost()) {
    // A renewal that fails is tried again at the next turn; `check` decides whether the lease still holds.
    await options.clock
      .sleep(RENEW_MS, { signal })
      .then(options.renew)
      .catch(() => undefined)
  }
}

/** What cannot be given back becomes stale by itself. */
async function giveBack(token: string, { object }: LeaseContext): Promise<void> {
  const free = (labels: WireLabels): Record<string, string> => {
    const kept = Object.entries(labels ?? {}).filter(([key]) => !key.startsWith(PREFIX))
    return labels?.[TOKEN] === token ? Object.fromEntries(kept) : { ...labels }
  }
  await object.change(free, new AbortController().signal).catch(() => undefined)
}

function lostError(labels: WireLabels, { target }: LeaseContext): ReconcileError {
  const now = labels?.[HOLDER] === undefined ? 'nobody holds it now' : `${labels[HOLDER]} holds it now`
  return new ReconcileError('LeaseLost', {
    message: `the lease on ${target} was lost: ${now}`,
    todo: 'nothing: it is observed and planned again; make sure that one install runs once',
    retryable: true,
  })
}
