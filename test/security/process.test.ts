import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BuiltProgram, buildProgram } from '../support/built-program.ts'

let program: BuiltProgram
let directory: string
beforeAll(() => {
  program = buildProgram()
  directory = mkdtempSync(join(tmpdir(), 'swarmkeeper-process-'))
  writeFileSync(
    join(directory, 'keeper.yaml'),
    `install: test\nkey: { value: "${randomBytes(32).toString('hex')}" }\nrepository: { url: "file:///nowhere/fleet.git" }\ndatabase: ${directory}/db.sqlite\nlockWait: 0s\nlisten: { address: "unix:${directory}/api.sock" }\n`,
    { mode: 0o600 },
  )
}, 60_000)
afterAll(() => {
  program.remove()
  rmSync(directory, { recursive: true, force: true })
})

/** Loaded before the program: at each signal the next of what nobody waits for, catches or listens to. */
const FAULTS = `
import { EventEmitter } from 'node:events'
const faults = [
  () => void Promise.reject(new Error('fault 1: rejected')),
  () => setTimeout(() => { throw new TypeError('fault 2: thrown by a timer') }),
  () => setImmediate(() => new EventEmitter().emit('error', new Error('fault 3: emitted'))),
  () => void Promise.reject(undefined),
  () => setTimeout(() => { throw null }),
]
process.on('SIGUSR2', () => faults.shift()?.())
`

function startDaemon() {
  const preload = `data:text/javascript,${encodeURIComponent(FAULTS)}`
  const words = [
    '--import',
    preload,
    program.main,
    '--config',
    join(directory, 'keeper.yaml'),
    'run',
    '--log-format',
    'json',
  ]
  const child = spawn(process.execPath, words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH ?? '' },
  })
  const said = { text: '' }
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data) => {
      said.text += data
    })
  const ended = once(child, 'exit').then(([code, signal]) => ({ code, signal }))
  return { child, said, ended }
}

const health = (): Promise<number> =>
  new Promise((resolve) => {
    request({ socketPath: join(directory, 'api.sock'), path: '/healthz' }, (answer) =>
      resolve(answer.resume().statusCode ?? 0),
    )
      .once('error', () => resolve(0))
      .end()
  })

describe('SEC-23: the daemon as a process', () => {
  it('outlives what nobody waits for, catches or listens to; ends well, and leaves the database to the next', async () => {
    const { child, said, ended } = startDaemon()
    const faults = () => said.text.match(/a fault of ours: nobody/g)?.length ?? 0
    try {
      await expect
        .poll(async () => `${await health()} ${child.exitCode ?? ''}${child.exitCode === null ? '' : said.text}`, {
          timeout: 30_000,
        })
        .toBe('200 ')
      for (let count = 1; count <= 5; count++) {
        child.kill('SIGUSR2')
        await expect.poll(faults, { timeout: 10_000 }).toBe(count)
      }
      for (const fault of ['fault 1', 'fault 2', 'fault 3']) expect(said.text).toContain(fault)
      expect(await health()).toBe(200)
      child.kill('SIGTERM')
      expect(await ended, said.text).toEqual({ code: 0, signal: null })
      const next = startDaemon()
      try {
        await expect.poll(health, { timeout: 30_000 }).toBe(200)
        next.child.kill('SIGTERM')
        expect(await next.ended).toEqual({ code: 0, signal: null })
      } finally {
        next.child.kill('SIGKILL')
      }
    } finally {
      child.kill('SIGKILL')
    }
  })
})
