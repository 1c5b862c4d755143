import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { ReconcileError } from '../../src/model/error.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import { createLogger, type LoggerOptions } from '../../src/telemetry/log.ts'
import { createFakeClock } from '../support/fake-clock.ts'

const CANARY = 'canary-"of the\ntests"+/='
const canary = new Sensitive(CANARY)

function logging(options: Partial<LoggerOptions> = {}) {
  const lines: string[] = []
  const log = createLogger({
    level: 'debug',
    clock: createFakeClock(),
    write: (line) => void lines.push(line),
    ...options,
  })
  return { log, lines }
}

describe('the log', () => {
  it('is a line of JSON each, with time, level and message', () => {
    const { log, lines } = logging()
    log.warn({ target: 'prod' }, 'does not answer')
    expect(lines).toEqual([
      '{"level":"warn","time":"2026-01-01T00:00:00.000Z","target":"prod","msg":"does not answer"}\n',
    ])
  })

  it('says no more than the level that is asked for', () => {
    const { log, lines } = logging({ level: 'warn' })
    log.debug({}, 'a')
    log.info({}, 'b')
    log.warn({}, 'c')
    log.error({}, 'd')
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['c', 'd'])
  })

  it('carries what a child was made with in each of its lines', () => {
    const { log, lines } = logging()
    log.child({ tick: '7' }).info({ app: 'web' }, 'applied')
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ tick: '7', app: 'web' })
  })

  it('tells of an error its reason, message and what to do; of a fault where it stands', () => {
    const { log, lines } = logging()
    const cause = new Error('ECONNREFUSED')
    log.error({ error: new ReconcileError('SourceUnreachable', { message: 'no answer', todo: 'wait', cause }) }, 'a')
    log.error({ error: new TypeError('undefined is not a function') }, 'b')
    const [known, fault] = lines.map((line) => JSON.parse(line).error)
    expect(known).toEqual({ reason: 'SourceUnreachable', message: 'no answer', todo: 'wait', cause: 'ECONNREFUSED' })
    expect(fault).toMatchObject({ type: 'TypeError', stack: expect.stringContaining('log.test.ts') })
  })

  it('is a line of text for a person, in which nobody draws', () => {
    const { log, lines } = logging({ form: 'text' })
    log.warn({ target: 'prod', message: 'two words', n: 3 }, 'does not\nanswer\u001b[31m')
    expect(lines).toEqual(['00:00:00 WARN  does not answer [31m  target=prod  message="two words"  n=3\n'])
  })
})

describe('SEC-8: a secret in the log', () => {
  const ways: Readonly<Record<string, (secret: Sensitive) => Readonly<Record<string, unknown>>>> = {
    'as a field': (secret) => ({ value: secret }),
    'deep in a field': (secret) => ({ a: { b: [{ c: secret }] } }),
    'as text under a name that says so': (secret) => ({
      token: secret.revealText(),
      headers: { authorization: secret.revealText() },
    }),
    'in the message of an error': (secret) => ({
      error: new Error(`clone of https://x:${secret.revealText()}@git failed`),
    }),
    'in the cause of an error': (secret) => ({
      error: new ReconcileError('SourceUnreachable', { message: 'no', cause: new Error(secret.revealText()) }),
    }),
    'as a key': (secret) => ({ [secret.revealText()]: 1 }),
    'in base64': (secret) => ({ value: secret.reveal().toString('base64') }),
    'in hex': (secret) => ({ value: secret.reveal().toString('hex') }),
    'in a URL': (secret) => ({ value: `https://x/?t=${encodeURIComponent(secret.revealText())}` }),
    'as inspected': (secret) => ({ value: inspect({ secret }) }),
  }
  const forms = [
    CANARY,
    JSON.stringify(CANARY).slice(1, -1),
    JSON.stringify(JSON.stringify(CANARY).slice(1, -1)).slice(1, -1),
    Buffer.from(CANARY).toString('base64'),
    Buffer.from(CANARY).toString('hex'),
    encodeURIComponent(CANARY),
  ]

  for (const form of ['json', 'text'] as const)
    it.each(Object.entries(ways))(`does not leave %s (${form})`, (_way, fields) => {
      const { log, lines } = logging({ form, secrets: [canary] })
      log.error(fields(canary), 'failed')
      log.child(fields(canary)).error({}, 'failed')
      expect(lines).toHaveLength(2)
      for (const line of lines) {
        for (const one of forms) expect(line).not.toContain(one)
        if (form === 'json') expect(() => JSON.parse(line)).not.toThrow()
      }
    })

  it('does not leave in the message', () => {
    const { log, lines } = logging({ secrets: [canary] })
    log.info({}, `said ${CANARY}`)
    expect(lines[0]).toContain('said [REDACTED]')
  })

  it('blackens no words that are merely short', () => {
    const { log, lines } = logging({ secrets: [new Sensitive('web')] })
    log.info({ app: 'web' }, 'web: applied')
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ app: 'web', msg: 'web: applied' })
  })
})
