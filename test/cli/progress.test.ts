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
