import { type Logger, pino, stdSerializers } from 'pino'
import type { Clock } from '../model/clock.ts'
import { ReconcileError } from '../model/error.ts'
import type { Log, LogFields } from '../model/log.ts'
import type { Sensitive } from '../model/sensitive.ts'
import { createScrub } from './scrub.ts'
import { textLine } from './text-line.ts'

export interface LoggerOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  /** Takes whole lines, with their newline. */
  readonly write: (line: string) => void
  /** `text` for a person who watches; default `json`, a line an object. */
  readonly form?: 'json' | 'text'
  readonly clock: Pick<Clock, 'now'>
  /** What must never leave, in whatever text it stands: every secret of the settings. */
  readonly secrets?: readonly Sensitive[]
}

/** Fields that hold secrets by their name, wherever a library hangs them. */
const NAMES = [
  'authorization',
  'cookie',
  'password',
  'passphrase',
  'privateKey',
  'secret',
  'token',
  'x-hub-signature-256',
]
const quoted = (name: string): string => (name.includes('-') ? `["${name}"]` : name)
const REDACT = NAMES.flatMap((name) => [
  quoted(name),
  name.includes('-') ? `*${quoted(name)}` : `*.${name}`,
  name.includes('-') ? `*.*${quoted(name)}` : `*.*.${name}`,
])

/** `time` (ISO), `level` (a word), `msg`, and what the caller says. Nothing that is `Sensitive` prints. */
export function createLogger({ level, write, form = 'json', clock, secrets = [] }: LoggerOptions): Log {
  const scrub = createScrub(secrets)
  const leave = (line: string): void => write(scrub(form === 'text' ? textLine(line) : line))
  const logger = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${clock.now().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: REDACT, censor: '[REDACTED]' },
      serializers: { error: errorFields, err: errorFields },
    },
    { write: leave },
  )
  return wrap(logger)
}

/** A narrow face: what takes a `Log` cannot reach around the redaction. */
function wrap(logger: Logger): Log {
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    child: (fields: LogFields) => wrap(logger.child(fields)),
  }
}

/** What an operator can act upon; a stack trace only of what is a fault of ours. */
function errorFields(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  if (error instanceof ReconcileError) {
    const { reason, message, todo } = error
    return { reason, message, todo, ...(error.cause instanceof Error ? { cause: error.cause.message } : {}) }
  }
  const { type, message, stack } = stdSerializers.err(error)
  return { type, message, stack }
}
