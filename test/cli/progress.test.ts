import { expect, test } from 'vitest'
import { createProgress } from '../../src/cli/progress.ts'
import { plainPaint } from '../../src/report/paint.ts'
import { id } from '../report/samples.ts'

const CLEAR = '\r\u001b[K'

test('a line that is written over never wraps, or it could not be taken away', () => {
  let written = ''
  const write = (text: string): void => {
    written += text
  }
  const progress = createProgress({ isTerminal: true, colours: false, columns: 40, write }, plainPaint)
  const message = 'updating: update in progress; task hello.1 failed: task: non-zero exit (1)'
  progress.emit({ type: 'proof:waiting', app: 'hello', ids: [id('Service', 'hello')], message })
  expect(written.length).toBeLessThan(40)
  progress.emit({ type: 'proof:waiting', app: 'hello', ids: [id('Service', 'hello')], message: 'healthy' })
  expect(written).toContain(`${CLEAR}  … prod/Service/hello: healthy`)
  progress.done()
  expect(written.endsWith(CLEAR)).toBe(true)
})

test('what is recognised without a database is said before all else', () => {
  let written = ''
  const write = (text: string): void => {
    written += text
  }
  const output = { isTerminal: false, colours: false, write }
  const found = { resources: 214, holds: 1, pins: 1, suspensions: 0 }
  createProgress(output, plainPaint).emit({ type: 'store:rebuilt', ...found })
  expect(written).toBe('214 resources recognised, 1 hold and 1 pin restored\n')
})

test('a conflict that is planned again is no failure, and is told without the words of the engine', () => {
  let written = ''
  const write = (text: string): void => {
    written += text
  }
  const change = {
    type: 'change',
    app: 'hello',
    id: id('Service', 'web'),
    action: 'update',
    cause: 'revision',
  } as const
  const message = 'POST /services/web/update: 500 rpc error: code = Unknown desc = update out of sequence'
  const progress = createProgress({ isTerminal: false, colours: false, write }, plainPaint)
  progress.emit({ ...change, step: 'failed', reason: 'VersionConflict', message })
  expect(written).toBe('  … prod/Service/web  somebody changed it meanwhile: it is looked at and planned again\n')
})

test('a confirmation that confirms nothing says so, and what waits', () => {
  let written = ''
  const write = (text: string): void => {
    written += text
  }
  const progress = createProgress({ isTerminal: false, colours: false, write }, plainPaint)
  progress.emit({ type: 'guard:not-pending', name: 'window:1a2b', pending: ['prune:web:12ab34cd'] })
  progress.emit({ type: 'guard:not-pending', name: 'window:1a2b', pending: [] })
  expect(written).toBe(
    '! window:1a2b confirms nothing: it is not pending; what is: prune:web:12ab34cd\n' +
      '! window:1a2b confirms nothing: no guard waits for a person\n',
  )
})

test('of things that are waited for side by side, each is told when its own state changes', () => {
  let written = ''
  const write = (text: string): void => {
    written += text
  }
  const progress = createProgress({ isTerminal: false, colours: false, write }, plainPaint)
  const wait = (name: string, message: string) =>
    progress.emit({ type: 'proof:waiting', app: 'web', ids: [id('Unit', name)], message })
  for (const message of ['starting', 'starting', 'healthy']) for (const name of ['a', 'b']) wait(name, message)
  expect(written.split('\n')).toEqual([
    '  … prod/Unit/a: starting',
    '  … prod/Unit/b: starting',
    '  … prod/Unit/a: healthy',
    '  … prod/Unit/b: healthy',
    '',
  ])
})
