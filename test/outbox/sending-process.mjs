// The process of killed.test.ts that sends: node sending-process.mjs MODULES(json) DATABASE WEBHOOK_URL DISCORD_URL MESSAGES(json)
import { writeSync } from 'node:fs'

const [, , modules, path, webhook, discord, messages] = process.argv
const [store, clock, outbox, sinks, sensitive] = await Promise.all(JSON.parse(modules).map((module) => import(module)))

const time = clock.createRealClock()
const database = await store.createSqliteStore({ path, clock: time, lockWaitMs: 60_000 })
const secret = (url) => new sensitive.Sensitive(url)
const routes = [
  { name: 'plain', minSeverity: 'info', type: 'webhook', url: secret(webhook) },
  { name: 'discord', minSeverity: 'info', type: 'discord', url: secret(discord) },
]
const box = outbox.createOutbox({
  store: database,
  clock: time,
  random: Math.random,
  sinks: sinks.createChatSinks(routes, { fetch, clock: time, install: 'prod' }),
})
box.put(JSON.parse(messages))
writeSync(1, 'stored\n')
const ending = new AbortController()
const running = box.run(ending.signal)
await box.drain(30_000)
ending.abort()
await running
database.close()
