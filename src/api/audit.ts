import { randomUUID } from 'node:crypto'
import type { Clock } from '../model/clock.ts'
import { ReconcileError } from '../model/error.ts'
import type { Log } from '../model/log.ts'
import type { Store } from '../model/store.ts'

/** Who asked for what by the API, and what became of it; what was refused as well. */
export interface AuditEntry {
  /** Name of the token; absent where none of ours was shown. */
  readonly actor?: string
  /** Who the client says it speaks for: believed as far as the token is. */
  readonly user?: string
  /** Source address, or `unix`. */
  readonly from: string
  /** Operation, or method and pattern of a route that is none of ours. */
  readonly operation: string
  readonly params: Readonly<Record<string, string>>
  readonly body: unknown
  /** `asked`: it is under way, or the process ended before it was done. */
  readonly outcome: 'asked' | 'done' | 'refused' | 'failed'
  /** Of the answer: 202 where nobody waited. */
  readonly status?: number
  readonly reason?: string
  readonly message?: string
  /** App -> what became of it. */
  readonly apps?: Readonly<Record<string, string>>
  /** ISO time. */
  readonly endedAt?: string
}

export interface Audit {
  /** Written before anything is done: what cannot be written down is not done. Gives its key. */
  begin(entry: Omit<AuditEntry, 'outcome'>): string
  end(key: string, result: Partial<AuditEntry> & Pick<AuditEntry, 'outcome'>): void
  newest(limit: number): readonly (AuditEntry & { readonly at: string })[]
}

const notWritten = (cause: unknown): ReconcileError =>
  new ReconcileError('Aborted', {
    message: 'what was asked cannot be written into the audit, so it is not done',
    todo: 'see to its disk and database: `swarmkeeper doctor` on its machine says what is wrong',
    retryable: true,
    cause,
  })

const SWEEP_EVERY_MS = 3_600_000

export interface AuditOptions {
  readonly store: Pick<Store, 'shelf'>
  readonly clock: Clock
  readonly log: Log
  readonly retentionMs: number
}

export function createAudit({ store, clock, log, retentionMs }: AuditOptions): Audit {
  const shelf = store.shelf<AuditEntry>('audit')
  let sweptAt: number | undefined
  const sweep = (): void => {
    const now = clock.monotonic()
    if (sweptAt !== undefined && now - sweptAt < SWEEP_EVERY_MS) return
    sweptAt = now
    shelf.dropBefore(new Date(clock.now().getTime() - retentionMs).toISOString())
  }
  return {
    begin: (entry) => {
      const key = randomUUID()
      try {
        sweep()
        shelf.put(key, { ...entry, outcome: 'asked' }, clock.now().toISOString())
      } catch (cause) {
        throw notWritten(cause)
      }
      return key
    },
    end: (key, result) => {
      const entry = shelf.get(key)
      if (!entry) return
      const ended = { ...entry, ...result, endedAt: clock.now().toISOString() }
      log.info({ audit: ended }, `${ended.actor ?? 'somebody'}: ${ended.operation}: ${ended.outcome}`)
      try {
        shelf.put(key, ended, ended.endedAt)
      } catch (error) {
        // It is done all the same; that it was asked for is written down already.
        log.error({ error, operation: ended.operation }, 'the outcome could not be written into the audit')
      }
    },
    newest: (limit) => {
      sweep()
      return shelf.newest(limit).map(({ at, value }) => ({ at, ...value }))
    },
  }
}
