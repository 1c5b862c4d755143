import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import type { Message } from '../../src/model/message.ts'
import { type BuiltModules, buildModules } from '../support/built-modules.ts'
import { type ChatStub, startChatStub } from '../support/chat-stub.ts'
import { type DiscordStub, startDiscordStub } from '../support/discord-stub.ts'
import { openOf } from '../support/incidents.ts'

const MODULES = ['store/sqlite.ts', 'lib/real-clock.ts', 'outbox/outbox.ts', 'chat/sinks.ts', 'model/sensitive.ts']

let built: BuiltModules
let directory: string
let plain: ChatStub
let discord: DiscordStub
let sender: ChildProcess | undefined
beforeAll(() => {
  built = buildModules(MODULES)
})
afterAll(() => built.remove())
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'swarmkeeper-killed-'))
  plain = await startChatStub(() => ({ status: 204, body: '' }))
  discord = await startDiscordStub()
})
afterEach(async () => {
  await killed()
  await Promise.all([plain.dispose(), discord.dispose()])
  rmSync(directory, { recursive: true, force: true })
})

/** A process that puts messages, sends what waits, and ends. */
function send(messages: readonly Message[]): ChildProcess {
  const script = join(import.meta.dirname, 'sending-process.mjs')
  const modules = JSON.stringify(MODULES.map((module) => built.path(module)))
  const database = join(directory, 'swarmkeeper.db')
  const args = [script, modules, database, `${plain.origin}/hook`, discord.url, JSON.stringify(messages)]
  sender = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  return sender
}

/** `kill -9`, and nothing of it is left. */
async function killed(): Promise<void> {
  if (!sender || sender.exitCode !== null || sender.signalCode !== null) return
  const ended = once(sender, 'exit')
  sender.kill('SIGKILL')
  await ended
}

const ended = async (process: ChildProcess): Promise<void> => {
  expect(await once(process, 'exit')).toEqual([0, null])
}

const messageTo = (sink: string): Message => ({ sink, subject: 'incident:failed:web', body: openOf(), final: false })
const deliveries = () => plain.requests.map(({ headers }) => headers['x-swarmkeeper-delivery'])
const attempts = () => plain.requests.map(({ headers }) => headers['x-swarmkeeper-attempt'])

it('killed between store and send: it is sent once, by the next process', async () => {
  plain.always = 'hang'
  const first = send([messageTo('chat:plain'), { ...messageTo('chat:plain'), subject: 'incident:second' }])
  await expect.poll(() => plain.requests.length, { timeout: 20_000 }).toBe(1)
  await killed()
  expect(first.signalCode).toBe('SIGKILL')
  plain.always = undefined
  plain.requests.length = 0
  await ended(send([]))
  // The one that was on its way comes again under its id; the one behind it comes once.
  expect([new Set(deliveries()).size, [...attempts()].sort()]).toEqual([2, ['1', '2']])
})

it('killed when it had arrived, before the answer: it comes again, under the same id, and where there are no ids, marked', async () => {
  plain.always = 'hang'
  discord.next.push('lose')
  const first = send([messageTo('chat:plain'), messageTo('chat:discord')])
  await expect
    .poll(() => plain.requests.length + discord.requests.length, { timeout: 20_000 })
    .toBeGreaterThanOrEqual(2)
  await killed()
  expect(first.signalCode).toBe('SIGKILL')
  plain.always = undefined
  await ended(send([]))
  expect([new Set(deliveries()).size, attempts()]).toEqual([1, ['1', '2']])
  const marks = [...discord.messages.values()].map(({ embeds }) => embeds[0]?.footer?.text.includes('told before'))
  expect([marks, discord.violations]).toEqual([[false, true], []])
})

it('ended in peace: nothing comes again', async () => {
  await ended(send([messageTo('chat:plain'), messageTo('chat:discord')]))
  await ended(send([messageTo('chat:plain'), messageTo('chat:discord')]))
  expect([plain.requests.length, discord.requests.length]).toEqual([1, 1])
})
