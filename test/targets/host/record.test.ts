import { expect, it } from 'vitest'
import { HOST_KINDS } from '../../../src/kinds/host-registry.ts'
import { ReconcileError } from '../../../src/model/error.ts'
import { Sensitive } from '../../../src/model/sensitive.ts'
import type { StepNote } from '../../../src/model/target.ts'
import { createHostTarget } from '../../../src/targets/host/host-target.ts'
import { outcomesOf } from '../../../src/targets/host/outcomes.ts'
import { create } from '../../support/changes.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { createRecorderShell } from '../../support/recorder-shell.ts'
import { fileOf, HOST, wantedOf } from './things.ts'

const { signal } = new AbortController()

function answering(answer: { readonly code?: number; readonly stdout?: string; readonly stderr?: string }) {
  const shell = createRecorderShell(() => answer)
  return createHostTarget({ name: HOST, install: 'ours', shell, clock: createFakeClock(), kinds: HOST_KINDS })
}
const record = { install: 'ours', apps: {}, unstamped: {} }
const still = expect.stringContaining('an earlier run still goes on there')

it('while a script of a run that was killed goes on, the next run waits, and says for what', async () => {
  const busy = answering({ stdout: 'busy\n' })
  await expect(busy.lease('me', { signal })).rejects.toMatchObject({ reason: 'LeaseHeld', message: still })
  await expect(busy.writeRecord(record, { signal })).rejects.toMatchObject({ reason: 'LeaseHeld', message: still })
  const ran = { code: 0, signal: undefined, stdout: Buffer.from('busy\n'), stderr: Buffer.alloc(0) }
  const script = { first: [], last: [], daemonReload: false }
  expect(outcomesOf(ran, [script])).toEqual([{ step: 'failed', note: { reason: 'LeaseHeld', message: still } }])
})

it('without the right to write nothing of a stage begins: not even what comes after what was refused first', async () => {
  const host = answering({})
  let asked = 0
  const guard = async () => {
    asked += 1
    if (asked === 1) throw new ReconcileError('TimedOut', { message: 'the host hangs' })
  }
  const marks: string[] = []
  const mark = (id: string, step: string, { reason = '' }: StepNote = {}) => void marks.push(`${step} ${reason} ${id}`)
  const changes = ['/etc/a', '/etc/b'].map((path) => create(wantedOf('File', path, fileOf(path, 'x'))))
  const stage = { changes, gates: [], pauseMs: 0 }
  await host.apply(stage, { signal, record: [], guard, reveal: async () => new Sensitive(''), mark })
  expect(marks).toEqual(changes.map(({ id }) => `not-run TimedOut ${id}`))
})

it('who holds the lease is named; where nothing can be written, nobody holds it', async () => {
  const held = answering({ stdout: `held ${Buffer.from('ada').toString('base64')}\n` })
  await expect(held.lease('me', { signal })).rejects.toMatchObject({ reason: 'LeaseHeld', message: /^ada writes to/ })
  const full = answering({ code: 1, stderr: 'cat: write error: No space left on device\n' })
  const said = expect.stringContaining('No space left on device')
  await expect(full.lease('me', { signal })).rejects.toMatchObject({ reason: 'TargetRefused', message: said })
  await expect(full.writeRecord(record, { signal })).rejects.toMatchObject({ reason: 'TargetRefused', message: said })
})
