#!/usr/bin/env node
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import type { CliContext, Output } from './cli/context.ts'
import { runCli } from './cli/program.ts'
import { createPromtool } from './cli/promtool.ts'
import { createRealClock } from './lib/real-clock.ts'
import { ReconcileError } from './model/error.ts'
import { formatProblem } from './model/problem.ts'
import { Sensitive } from './model/sensitive.ts'
import type { Snapshot } from './model/source.ts'
import { loadSettings } from './settings/load-settings.ts'

const clock = createRealClock()
const interrupted = new AbortController()
const out = outputOf(process.stdout)
const err = outputOf(process.stderr)

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupt(signal))
// Whoever read our output has gone (`| head`): nobody is left to tell.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => process.exit(process.exitCode ?? 1))

const code = await runCli(process.argv.slice(2), {
  version: versionOf(),
  cwd: process.cwd(),
  by: `${userName()}@${hostname()}`,
  clock,
  signal: interrupted.signal,
  out,
  err,
  daemonOf,
  ...remoteToken(),
  openEngine,
  openDaemon,
  renderOffline,
  promtool: createPromtool(process.env.PATH),
  randomBytes,
} satisfies CliContext)
// A pipe takes 64 KiB at a time: what is still to be written is lost by an exit.
await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done))))
process.exit(code)

/** The environment alone may name a daemon: who only asks needs no other settings. */
function daemonOf(file: string | undefined) {
  const url = process.env.SWARMKEEPER_CLIENT_URL
  if (url) return { url: url.replace(/\/+$/, ''), ...tokenIn(process.env) }
  const loaded = loadSettings({ env: process.env, ...(file === undefined ? {} : { file }) })
  return 'settings' in loaded ? loaded.settings.client : undefined
}

function remoteToken() {
  const { token } = tokenIn(process.env)
  return token ? { remoteToken: token } : {}
}

function tokenIn({ SWARMKEEPER_CLIENT_TOKEN: text }: NodeJS.ProcessEnv): { readonly token?: Sensitive } {
  return text ? { token: new Sensitive(text) } : {}
}

// Loaded when they are needed: help and mistakes need no database and no ssh.
async function openEngine({ settings, emit }: Parameters<CliContext['openEngine']>[0]) {
  const { createApp } = await import('./app.ts')
  return createApp(readSettings(settings), { clock, emit, warn, fetch, ...uidOf() })
}

async function openDaemon({ settings, logFormat }: Parameters<CliContext['openDaemon']>[0]) {
  const { createDaemon } = await import('./daemon.ts')
  const { createLogger } = await import('./telemetry/log.ts')
  const { secretsOf } = await import('./settings/secrets-of.ts')
  const read = readSettings(settings)
  const log = createLogger({
    level: read.logLevel,
    form: logFormat,
    clock,
    secrets: secretsOf(read),
    write: (line) => out.write(line),
  })
  process.on('unhandledRejection', (error) => log.error({ error }, 'a fault of ours: nobody waited for this'))
  // A socket of one host that nobody listens to must not end the work on all others (SEC-23): what is not kept in the
  // database is observed again at each tick.
  process.on('uncaughtException', (error) => log.error({ error }, 'a fault of ours: nobody caught this'))
  const about = { version: versionOf(), node: process.version }
  return createDaemon(read, { clock, log, fetch, notify: await notifyOf(), ...about, ...uidOf() }, interrupted.signal)
}

/** systemd waits for words on a socket, where it started us with `Type=notify`. */
async function notifyOf() {
  const { createServiceNotify, noNotify } = await import('./schedule/service-notify.ts')
  if (!process.env.NOTIFY_SOCKET) return noNotify
  const watchdog = Number(process.env.WATCHDOG_USEC ?? 0) / 1000
  const send = (lines: readonly string[]): Promise<void> =>
    new Promise((resolve) => execFile('systemd-notify', lines, { timeout: 10_000 }, () => resolve()))
  return createServiceNotify({ clock, send, ...(watchdog > 0 ? { watchdogMs: watchdog } : {}) })
}

async function renderOffline(snapshot: Snapshot) {
  const { createRender } = await import('./engine/render.ts')
  return createRender({ key: new Sensitive(Buffer.alloc(32)), secrets: anySecret() })(snapshot)
}

function outputOf(stream: NodeJS.WriteStream): Output {
  const isTerminal = stream.isTTY === true && process.env.TERM !== 'dumb'
  const wanted = process.env.NO_COLOR === undefined || process.env.NO_COLOR === ''
  return {
    isTerminal,
    colours: isTerminal && wanted,
    columns: stream.columns || 80,
    write: (text) => void stream.write(text),
  }
}

/** Once asks to stop where it is safe; twice stops at once. */
function interrupt(signal: NodeJS.Signals): void {
  if (interrupted.signal.aborted) process.exit(signal === 'SIGINT' ? 130 : 143)
  interrupted.abort(new ReconcileError('Aborted', { message: `interrupted by ${signal}` }))
}

/** Nobody has one on Windows. A function, since the program above waits for its end before it comes to a constant here. */
function uidOf() {
  return process.getuid ? { uid: process.getuid() } : {}
}

function readSettings(file: string | undefined) {
  const loaded = loadSettings({ env: process.env, ...(file === undefined ? {} : { file }) })
  if ('problems' in loaded) {
    throw new ReconcileError('InvalidSettings', {
      message: 'the settings cannot be used',
      problems: loaded.problems,
      todo: '`swarmkeeper init` writes settings that work; --config names another file',
    })
  }
  for (const warning of loaded.warnings) warn(formatProblem(warning))
  return loaded.settings
}

function warn(message: string): void {
  err.write(`${message}\n`)
}

/** Offline nobody knows what the settings hold: every name counts as there. */
function anySecret(): ReadonlyMap<string, Sensitive> {
  return Object.assign(new Map<string, Sensitive>(), { get: () => new Sensitive('offline') })
}

function userName(): string {
  try {
    return process.env.SUDO_USER ?? userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? '?'}` // a user without a name, as in a container
  }
}

function versionOf(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return (manifest as { readonly version: string }).version
}
