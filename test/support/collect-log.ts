import type { Log, LogFields } from '../../src/model/log.ts'

export interface CollectedLine extends LogFields {
  readonly level: string
  readonly message: string
}

/** A log whose lines a test reads. */
export function collectLog(): { readonly log: Log; readonly lines: readonly CollectedLine[] } {
  const lines: CollectedLine[] = []
  const at =
    (level: string, of: LogFields) =>
    (fields: LogFields, message: string): void =>
      void lines.push({ ...of, ...fields, level, message })
  const logOf = (of: LogFields): Log => ({
    debug: at('debug', of),
    info: at('info', of),
    warn: at('warn', of),
    error: at('error', of),
    child: (fields) => logOf({ ...of, ...fields }),
  })
  return { log: logOf({}), lines }
}
