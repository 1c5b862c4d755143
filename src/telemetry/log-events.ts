import type { RunOutcome } from '../model/agent.ts'
import type { EngineEvent } from '../model/events.ts'
import type { Log, LogFields } from '../model/log.ts'
import type { OutboxEvent } from '../model/message.ts'
import type { OutcomeWord } from '../model/outcome.ts'

interface Line {
  readonly level: 'debug' | 'info' | 'warn'
  readonly fields: LogFields
  readonly message: string
}

/** Logs what happens; of how an app fares only what is new is worth a line at `info`. */
export function createEventLog(log: Log): (event: EngineEvent) => void {
  const before = new Map<string, string>()
  return (event) => {
    const line = lineOf(event)
    const said = event.type === 'app:done' ? [event.app, JSON.stringify(line.fields)] : undefined
    const [app, words = ''] = said ?? []
    const isNew = app === undefined || before.get(app) !== words
    if (app !== undefined) before.set(app, words)
    const fields = event.tick === undefined ? line.fields : { tick: event.tick, ...line.fields }
    log[isNew ? line.level : 'debug'](fields, line.message)
  }
}

const BAD: ReadonlySet<OutcomeWord> = new Set(['failed', 'stalled', 'rolled-back', 'rolling-back'])
const RAN_WELL: ReadonlySet<RunOutcome> = new Set(['running', 'succeeded', 'refused'])
const QUIET: ReadonlySet<OutcomeWord> = new Set(['unchanged', 'suspended'])

export function logMessage(log: Log, event: OutboxEvent): void {
  const { type, ...fields } = event
  log[type === 'message:sent' ? 'debug' : 'warn'](fields, type)
}

function lineOf(event: EngineEvent): Line {
  const { type, tick: _tick, ...fields } = event
  switch (event.type) {
    case 'change': {
      const level = event.step === 'failed' || event.step === 'unknown' ? 'warn' : 'info'
      return { level, fields, message: `${event.app}: ${event.action} ${event.id} ${event.step}` }
    }
    case 'app:done': {
      const { app, outcome, reason, message, revision } = event.outcome
      const level = BAD.has(outcome) ? 'warn' : QUIET.has(outcome) ? 'debug' : 'info'
      return { level, fields: { app, outcome, reason, message, revision }, message: `${app}: ${outcome}` }
    }
    case 'agent:run': {
      const level = RAN_WELL.has(event.outcome) ? 'info' : 'warn'
      return { level, fields, message: `run of ${event.agent}: ${event.outcome}` }
    }
    case 'app:rolling-back':
      return { level: 'warn', fields, message: `${event.app}: rolling back: ${event.message}` }
    case 'target:unreachable':
      return { level: 'warn', fields, message: `${event.target} does not answer: ${event.message}` }
    case 'store:rebuilt':
    case 'guard:not-pending':
    case 'loop:draining':
    case 'loop:aborting':
      return { level: 'warn', fields, message: type }
    case 'budget:warning':
    case 'budget:halted':
    case 'budget:source':
      return { level: 'warn', fields, message: `budget ${event.budget}: ${event.message}` }
    case 'budget:lifted':
      return { level: 'info', fields, message: `budget ${event.budget}: ${event.message}` }
    case 'app:planned':
      return { level: 'debug', fields: { app: event.app, stages: event.plan.stages.length }, message: type }
    default:
      return { level: 'debug', fields, message: type }
  }
}
