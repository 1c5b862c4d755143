import type { Clock } from '../model/clock.ts'
import { messageOf, ReconcileError } from '../model/error.ts'

const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 60_000

/**
 * Keeps a dead host from costing its timeout again and again (architecture, section 7):
 *
 *     closed ── a try fails ──► open ── its pause is over ──► half open: one try ── works ──► closed
 *                                 ▲                                         └── fails ──► open, twice as long
 */
export interface Circuit {
  /** Runs `attempt`, or throws at once what the last one failed with where the pause is not over. */
  try<T>(attempt: () => Promise<T>): Promise<T>
  /** What had worked does not any more. */
  fail(error: unknown): void
  /** What the last try failed with; undefined: it worked, or there was none. */
  doubt(): ReconcileError | undefined
}

export interface CircuitOptions {
  readonly clock: Clock
  /** From 0 to 1, for the jitter. */
  readonly random: () => number
}

export function createCircuit({ clock, random }: CircuitOptions): Circuit {
  let failures = 0
  let open: { readonly until: number; readonly error: unknown } | undefined

  const failed = (error: unknown) => {
    failures += 1
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS) * (0.5 + random() / 2)
    open = { until: clock.monotonic() + pause, error }
  }
  const left = () => (open === undefined ? 0 : Math.max(open.until - clock.monotonic(), 0))
  return {
    fail: failed,
    doubt: () => (open === undefined ? undefined : resting(open.error, { left: left(), failures })),
    async try(attempt) {
      if (open !== undefined && left() > 0) throw resting(open.error, { left: left(), failures })
      try {
        const done = await attempt()
        failures = 0
        open = undefined
        return done
      } catch (error) {
        failed(error)
        throw error
      }
    },
  }
}

function resting(error: unknown, at: { readonly left: number; readonly failures: number }): ReconcileError {
  const known = error instanceof ReconcileError ? error : undefined
  const next = at.left > 0 ? `tried again in ${Math.ceil(at.left / 1000)} s` : 'tried again now'
  const again = `failed ${at.failures} times in a row, ${next}`
  return new ReconcileError(known?.reason ?? 'TargetUnreachable', {
    message: `${messageOf(error)} (${again})`,
    ...(known ? { todo: known.todo } : {}),
    retryable: true,
    cause: error,
  })
}
