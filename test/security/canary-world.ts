import { createHash, generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { createDaemon, type Daemon } from '../../src/daemon.ts'
import { createRealClock } from '../../src/lib/real-clock.ts'
import type { Clock } from '../../src/model/clock.ts'
import { noNotify } from '../../src/schedule/service-notify.ts'
import { loadSettings } from '../../src/settings/load-settings.ts'
import type { Settings } from '../../src/settings/settings.ts'
import { createMemorySource, type MemorySource } from '../../src/source/memory.ts'
import { createLogger } from '../../src/telemetry/log.ts'
import { type GitHubStub, startGitHub } from '../support/github-stub/start-github.ts'
import { PAT } from '../support/github-stub/stub-login.ts'
import { createRecordingEngine, type RecordingEngine } from '../support/recording-engine/recording-engine.ts'

/** A secret in every place that there is for one, each with a text of its own that stands nowhere else. */
export const CANARIES = {
  KEY: createHash('sha256').update('canary of the key').digest('hex'),
  GIT_TOKEN: 'canary-git-token-1f08',
  REGISTRY_PASSWORD: 'canary-registry-password-2e19',
  SSH_KEY: generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  SSH_PASSPHRASE: 'canary-ssh-passphrase-3d2a',
  DB_PASSWORD: 'canary-db-password-4c3b',
  GITHUB_TOKEN: PAT,
  WEBHOOK_SECRET: 'canary-webhook-secret-6a5d',
  WEBHOOK_SECRET_BEFORE: 'canary-webhook-before-796e',
  DISCORD_URL: 'https://discord.test/api/webhooks/1/canary-discord-887f',
  SLACK_TOKEN: 'xoxb-canary-slack-9780',
  SLACK_URL: 'https://hooks.slack.test/services/T/B/canary-slack-url-a691',
  PLAIN_URL: 'https://user:canary-plain-password-b5a2@plain.test/hook?token=canary-plain-query-c4b3',
  PLAIN_SECRET: 'canary-plain-secret-d3c4',
  HEARTBEAT_URL: 'https://beat.test/ping/canary-heartbeat-e2d5',
  CLIENT_TOKEN: 'canary-client-token-f1e6',
  API_TOKEN: 'canary-api-token-a0f7',
  FILE_SECRET: 'canary-file-secret-b108',
} as const

/** What each of them looks like in whatever text it may get into. */
export const FORMS: readonly (readonly [name: string, text: string])[] = Object.entries(CANARIES).flatMap(
  ([name, value]) => partsOf(value).flatMap((part) => formsOf(part).map((form) => [name, form] as const)),
)

/** What of an address is secret; of everything else the whole. */
function partsOf(value: string): readonly string[] {
  if (!value.startsWith('https://')) return [core(value)]
  return value.split(/[/:@?=]/).filter((part) => part.includes('canary'))
}

function formsOf(part: string): readonly string[] {
  return [
    part,
    encodeURIComponent(part),
    Buffer.from(part).toString('hex'),
    // In the middle of something else that was encoded as a whole: `user:password`.
    ...[0, 1, 2].map((before) =>
      Buffer.from(' '.repeat(before) + part)
        .toString('base64')
        .slice(4, -4),
    ),
  ]
}

/** Of a key in PEM the line that is it. */
function core(value: string): string {
  return value.startsWith('-----') ? (value.split('\n')[1] ?? value) : value
}

export interface CanaryWorld {
  readonly settings: Settings
  /** For another process of the same settings. */
  readonly options: { readonly clock: Clock; readonly source: MemorySource; readonly fetch: typeof fetch }
  readonly source: MemorySource
  readonly engine: RecordingEngine
  /** It refuses the first calls, as everybody outside does, and then works. */
  readonly hub: GitHubStub
  readonly lines: string[]
  /** Bodies of what was sent to GitHub, chats and the heartbeat, with the method and the host. */
  readonly sent: { readonly to: string; readonly body: string }[]
  /** What is said at the terminal by its own API, whoever asks. */
  ask(
    method: string,
    path: string,
    body?: unknown,
    token?: string,
  ): Promise<{ readonly status: number; readonly text: string }>
  /** Every byte of the database's files. */
  database(): string
  until(what: string, holds: () => boolean): Promise<void>
  close(): Promise<void>
}

const sha256 = (value: string): string => createHash('sha256').update(value).digest('hex')

const settingsText = (directory: string, apiUrl: string): string => `
install: canary
key: { env: KEY }
repository: { url: "https://git.test/acme/fleet.git", token: { env: GIT_TOKEN } }
pollInterval: 1s
logLevel: debug
credentials:
  engine: { type: docker-tcp, addresses: ["127.0.0.1"], insecure: true }
  registry: { type: registry, addresses: ["registry.test:5000"], username: puller, password: { env: REGISTRY_PASSWORD } }
  fleet-key: { type: ssh, addresses: ["127.0.0.1"], key: { env: SSH_KEY }, passphrase: { env: SSH_PASSPHRASE } }
secrets: { DB_PASSWORD: { env: DB_PASSWORD } }
database: ${directory}/state/db.sqlite
github:
  repository: acme/fleet
  apiUrl: ${apiUrl}
  token: { env: GITHUB_TOKEN }
  webhookSecret: { env: WEBHOOK_SECRET }
  webhookSecretBefore: { env: WEBHOOK_SECRET_BEFORE }
  pollInterval: 1s
chat:
  discord: { type: discord, url: { env: DISCORD_URL } }
  slack: { type: slack, token: { env: SLACK_TOKEN }, channel: C1 }
  slack-url: { type: slack-webhook, url: { env: SLACK_URL } }
  plain: { type: webhook, url: { env: PLAIN_URL }, secret: { env: PLAIN_SECRET } }
heartbeat: { url: { env: HEARTBEAT_URL }, interval: 1s }
listen: { address: "unix:${directory}/api.sock" }
client: { url: "unix:${directory}/api.sock", token: { env: CLIENT_TOKEN } }
tokens: { ops: { sha256: ${sha256(CANARIES.API_TOKEN)}, scopes: [admin] } }
`

/** The daemon as it is, over an engine, a repository and a world outside that repeats whatever it is told. */
export async function canaryWorld(): Promise<CanaryWorld> {
  const directory = mkdtempSync(join(tmpdir(), 'swarmkeeper-canary-'))
  const engine = await createRecordingEngine()
  const hub = await startGitHub()
  const loaded = loadSettings({
    file: join(directory, 'keeper.yaml'),
    text: settingsText(directory, hub.apiUrl),
    env: { ...CANARIES },
  })
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems))
  const { settings } = loaded
  const source = createMemorySource()
  const [lines, sent]: [string[], CanaryWorld['sent']] = [[], []]
  const clock = createRealClock()
  // Without the net that takes known secrets out of lines: they must not get as far as that.
  const log = createLogger({ level: 'debug', clock, write: (line) => void lines.push(line) })
  const stop = new AbortController()
  const options = {
    clock,
    log,
    source,
    fetch: repeating(sent, hub.apiUrl),
    notify: noNotify,
    version: '1.2.3',
    node: 'v20',
    uid: 0,
  }
  let running: Promise<void> | undefined
  const started = async (): Promise<void> => {
    const daemon: Daemon = await createDaemon(settings, options, stop.signal)
    running = daemon.run(stop.signal)
  }
  const world: CanaryWorld = {
    settings,
    options,
    source,
    engine,
    hub,
    lines,
    sent,
    ask: (method, path, body, token = CANARIES.API_TOKEN) =>
      ask(join(directory, 'api.sock'), { method, path, body, token }),
    database: () => {
      const state = join(directory, 'state')
      return readdirSync(state)
        .filter((name) => name.startsWith('db.sqlite'))
        .map((name) => readFileSync(join(state, name), 'latin1'))
        .join('\n')
    },
    until: async (what, holds) => {
      const deadline = performance.now() + 40_000
      if (running === undefined) await started()
      while (!holds()) {
        if (performance.now() > deadline) throw new Error(`never: ${what}\n${lines.slice(-30).join('')}`)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
    close: async () => {
      stop.abort(new Error('the test ends'))
      await running
      await engine.dispose()
      await hub.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
  return world
}

const REFUSED_BY_GITHUB = 4

/** A world outside that refuses everything, and repeats in its refusal what it was sent, headers and address included. */
function repeating(sent: CanaryWorld['sent'], apiUrl: string): typeof fetch {
  let calls = 0
  let refused = 0
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : String(input))
    const body = input instanceof Request ? await input.text() : String(init.body ?? '')
    sent.push({ to: `${init.method ?? 'GET'} ${url.hostname}`, body })
    if (url.href.startsWith(apiUrl) && refused++ >= REFUSED_BY_GITHUB) return fetch(input, init)
    calls += 1
    const repeated = { url: url.href, headers: [...new Headers(init.headers ?? {})], body }
    if (calls % 3 === 0)
      throw new TypeError('fetch failed', { cause: new Error(`connect to ${url.href} as ${JSON.stringify(repeated)}`) })
    const status = calls % 3 === 1 ? 500 : 422
    const message = `refused: ${JSON.stringify(repeated)}`
    return new Response(JSON.stringify({ message, error: message, ok: false, documentation_url: url.href }), {
      status,
      headers: { 'content-type': 'application/json' },
    })
  }
}

interface Asked {
  readonly method: string
  readonly path: string
  readonly body: unknown
  readonly token: string
}

function ask(socketPath: string, { method, path, body, token }: Asked): ReturnType<CanaryWorld['ask']> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    }
    const asking = request({ socketPath, method, path, headers }, (response) => {
      text(response).then(
        (said) => resolve({ status: response.statusCode ?? 0, text: JSON.stringify(response.headers) + said }),
        reject,
      )
    })
    asking.once('error', reject)
    asking.end(body === undefined ? undefined : JSON.stringify(body))
  })
}
