import type { EngineEvent } from '../model/events.ts'
import type { Step } from '../model/target.ts'
import { SYMBOLS } from '../report/describe-change.ts'
import type { Paint } from '../report/paint.ts'
import { printable, shorten, shortRevision } from '../report/printable.ts'
import { recognisedWords } from '../report/recognised-words.ts'
import type { Output } from './context.ts'

const LONGEST_LINE = 118
const CLEAR_LINE = '\r\u001b[K'

export interface Progress {
  emit(event: EngineEvent): void
  /** Takes away what was only for the moment. */
  done(): void
}

/**
 * A line per thing that happened. What is only being waited for is one line that is written over, on a terminal; in a
 * pipe it is a line when it changes.
 */
export function createProgress(output: Output, paint: Paint): Progress {
  let passing = false
  const lastWait = new Map<string, string>()
  const keep = (line: string): void => {
    output.write(`${clear()}${line}\n`)
  }
  const clear = (): string => {
    const cleared = passing ? CLEAR_LINE : ''
    passing = false
    return cleared
  }
  const pass = (line: string): void => {
    output.write(
      `${clear()}${paint.quiet(shorten(line, Math.min(LONGEST_LINE, (output.columns ?? LONGEST_LINE + 1) - 1)))}`,
    )
    passing = true
  }
  const wait = (what: string, line: string): void => {
    if (lastWait.get(what) === line && !output.isTerminal) return
    lastWait.set(what, line)
    if (output.isTerminal) pass(line)
    else keep(line)
  }
  return {
    emit: (event) => {
      if (event.type === 'proof:waiting') return wait([event.app, ...event.ids].join(' '), `  … ${waitLine(event)}`)
      const line = lineOf(event, paint)
      if (line !== undefined) keep(line)
    },
    done: () => {
      const cleared = clear()
      if (cleared !== '') output.write(cleared)
    },
  }
}

const waitLine = ({ ids, message }: Extract<EngineEvent, { type: 'proof:waiting' }>): string =>
  printable(ids.length === 1 && !message.includes(ids[0] ?? '') ? `${ids[0]}: ${message}` : message)

const STEP_LOOKS: Readonly<Record<Step, keyof Paint>> = {
  'not-run': 'quiet',
  started: 'quiet',
  applied: 'good',
  failed: 'bad',
  unknown: 'careful',
}

const pendingWords = (pending: readonly string[]): string =>
  pending.length === 0 ? 'no guard waits for a person' : `it is not pending; what is: ${pending.join(', ')}`

/** Undefined for what the report at the end says anyway. */
function lineOf(event: EngineEvent, paint: Paint): string | undefined {
  switch (event.type) {
    case 'source:resolved':
      return paint.quiet(
        `revision ${shortRevision(event.revision)}${event.stale ? ' (the repository is not reached)' : ''}`,
      )
    case 'store:rebuilt':
      return recognisedWords(event)
    case 'guard:not-pending':
      return paint.careful(`! ${printable(event.name)} confirms nothing: ${pendingWords(event.pending)}`)
    case 'target:unreachable':
      return paint.bad(`✗ target ${event.target}: ${printable(event.message)}`)
    case 'change': {
      // No failure: it is looked at, and planned, again. What the engine says of it would frighten.
      if (event.reason === 'VersionConflict')
        return paint.quiet(`  … ${event.id}  somebody changed it meanwhile: it is looked at and planned again`)
      const message = event.message === undefined ? '' : `: ${printable(event.message)}`
      return `  ${SYMBOLS[event.action]} ${event.id}  ${paint[STEP_LOOKS[event.step]](event.step)}${message}`
    }
    case 'check':
      return event.result.ok
        ? `  ? ${printable(event.result.name)}  ${paint.good('passed')}`
        : `  ? ${printable(event.result.name)}  ${paint.bad('failed')}: ${printable(event.result.message)}`
    case 'app:rolling-back':
      return paint.bad(`✗ ${event.app}: back to last good: ${event.reason}: ${printable(event.message)}`)
    default:
      return undefined
  }
}
