import { expect, it } from 'vitest'
import type { EngineEvent } from '../../src/model/events.ts'
import type { AppOutcome } from '../../src/model/outcome.ts'
import { createLogger } from '../../src/telemetry/log.ts'
import { createEventLog } from '../../src/telemetry/log-events.ts'
import { createFakeClock } from '../support/fake-clock.ts'

function logged(events: readonly EngineEvent[]): readonly Readonly<Record<string, unknown>>[] {
  const lines: string[] = []
  const write = (line: string): void => void lines.push(line)
  const log = createEventLog(createLogger({ level: 'info', clock: createFakeClock(), write }))
  for (const event of events) log(event)
  return lines.map((line) => JSON.parse(line))
}

const done = (outcome: AppOutcome['outcome'], rest: Partial<AppOutcome> = {}): EngineEvent => ({
  type: 'app:done',
  app: 'web',
  tick: 't1',
  outcome: { app: 'web', revision: 'a'.repeat(40), outcome, steps: [], diagnosis: [], guards: [], ...rest },
})

it('every line of one reconcile carries its tick', () => {
  const steps: EngineEvent = {
    type: 'change',
    app: 'web',
    id: 'prod/Service/web' as never,
    action: 'update',
    cause: 'revision',
    step: 'failed',
    tick: 't1',
  }
  expect(logged([steps, done('failed', { message: 'no' })])).toMatchObject([
    { level: 'warn', tick: 't1', msg: 'web: update prod/Service/web failed' },
    { level: 'warn', tick: 't1', msg: 'web: failed', message: 'no' },
  ])
})

it('how an app fares is a line when it changes, and none at every tick', () => {
  const baking = done('applied', { message: 'baking until 12:00' })
  const lines = logged([baking, baking, done('proven'), done('unchanged'), baking])
  expect(lines.map(({ msg }) => msg)).toEqual(['web: applied', 'web: proven', 'web: applied'])
})
