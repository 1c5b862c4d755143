/** Plain data; what is `Sensitive` in it prints as such, an `Error` as its reason and message. */
export type LogFields = Readonly<Record<string, unknown>>

/** Structured lines. Conformance: src/telemetry/log.ts writes them, tests collect them. */
export interface Log {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
  /** The same with these fields in every line. */
  child(fields: LogFields): Log
}
