import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const SRC = resolve(import.meta.dirname, '../src')

/** Folder of `src` -> the folders it may import from. What is not listed may be imported by nobody below it. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  model: ['model'],
  lib: ['lib', 'model'],
  // YAML as Go's yaml.v3 reads it, up to nodes: what Docker and Prometheus make of them is theirs.
  yaml: ['yaml', 'model', 'lib'],
  kinds: ['kinds', 'model', 'lib'],
  desired: ['desired', 'kinds', 'model', 'lib'],
  // The same words for mistakes as for documents; stacks become the specs of the kinds.
  compose: ['compose', 'desired', 'yaml', 'kinds', 'model', 'lib'],
  // What is live, as documents and compose files: the way back.
  import: ['import', 'compose', 'desired', 'kinds', 'model', 'lib'],
  plan: ['plan', 'model', 'lib'],
  report: ['report', 'model', 'lib'],
  // The same YAML reading and the same words for mistakes as for documents.
  settings: ['settings', 'desired', 'model', 'lib'],
  source: ['source', 'model', 'lib'],
  store: ['store', 'model', 'lib'],
  shell: ['shell', 'model', 'lib'],
  // HTTP to where the operator allows it, and nowhere else.
  web: ['web', 'model', 'lib'],
  // What is read of a Prometheus, for whoever asks it.
  prometheus: ['prometheus', 'web', 'model', 'lib'],
  // PromQL and rule files, read offline.
  promql: ['promql', 'desired', 'yaml', 'model', 'lib'],
  targets: ['targets', 'kinds', 'shell', 'prometheus', 'promql', 'web', 'model', 'lib'],
  apply: ['apply', 'plan', 'prometheus', 'web', 'model', 'lib'],
  budget: ['budget', 'prometheus', 'web', 'settings', 'model', 'lib'],
  // Runs of scheduled agents.
  runs: ['runs', 'model', 'lib'],
  // Standing checks, and alerts that were sent to us.
  standing: ['standing', 'model', 'lib'],
  // What agent supervisors tell.
  supervisors: ['supervisors', 'web', 'settings', 'model', 'lib'],
  reconcile: ['reconcile', 'apply', 'plan', 'model', 'lib'],
  engine: [
    'engine',
    'reconcile',
    'apply',
    'plan',
    'compose',
    'desired',
    'import',
    'kinds',
    'settings',
    'source',
    'store',
    'shell',
    'targets',
    'web',
    'prometheus',
    'promql',
    'standing',
    'model',
    'lib',
  ],
  github: ['github', 'report', 'model', 'lib', 'settings'],
  chat: ['chat', 'report', 'model', 'lib', 'settings'],
  outbox: ['outbox', 'model', 'lib'],
  pulls: ['pulls', 'engine', 'reconcile', 'report', 'plan', 'model', 'lib'],
  announce: ['announce', 'standing', 'engine', 'reconcile', 'report', 'plan', 'model', 'lib'],
  schedule: ['schedule', 'engine', 'reconcile', 'model', 'lib'],
  api: ['api', 'report', 'settings', 'model', 'lib'],
  telemetry: ['telemetry', 'report', 'model', 'lib'],
  cli: ['cli', 'report', 'settings', 'desired', 'kinds', 'promql', 'source', 'yaml', 'model', 'lib'],
}

/** Pure folders: no client, no clock, no environment. */
const PURE = ['model', 'kinds', 'desired', 'compose', 'import', 'plan', 'promql', 'report', 'yaml']
const PURE_MODULES = new Set([
  ...['node:stream', 'yaml', 'ajv', 'node:crypto', 'node:util', 'node:path', 'node:buffer'],
])

/** Each npm client is named in exactly one folder. */
const CLIENTS: Readonly<Record<string, string>> = {
  dockerode: 'targets/swarm',
  ssh2: 'shell',
  'isomorphic-git': 'source',
  'better-sqlite3': 'store',
  commander: 'cli',
  '@octokit/core': 'github',
  '@octokit/auth-app': 'github',
  fastify: 'api',
  '@fastify/rate-limit': 'api',
  'prom-client': 'telemetry',
  pino: 'telemetry',
  'node-cron': 'lib',
}

interface Import {
  readonly file: string
  readonly from: string
}

const IMPORT = /^(?:import|export)[^'\n;]*?(?:\n[^'\n;]*?)*?from '([^'\n]+)'|import\('([^'\n]+)'\)/gm
const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
const imports: readonly Import[] = files.flatMap((file) =>
  [...readFileSync(join(SRC, file), 'utf8').matchAll(IMPORT)].map((match) => ({
    file,
    from: match[1] ?? match[2] ?? '',
  })),
)
const folderOf = (file: string): string => file.split('/')[0] ?? ''
const target = ({ file, from }: Import): string => relative(SRC, resolve(SRC, dirname(file), from))

describe('the direction of imports', () => {
  for (const [folder, allowed] of Object.entries(ALLOWED)) {
    it(`src/${folder} imports from ${allowed.join(', ')} only`, () => {
      const wrong = imports
        .filter((one) => folderOf(one.file) === folder && one.from.startsWith('.'))
        .filter((one) => !allowed.includes(folderOf(target(one))))
      expect(wrong).toEqual([])
    })
  }

  it('targets do not import each other', () => {
    const wrong = imports.filter((one) => {
      const [top, mine] = one.file.split('/')
      const [otherTop, other] = target(one).split('/')
      return one.from.startsWith('.') && top === 'targets' && otherTop === 'targets' && mine !== other
    })
    expect(wrong).toEqual([])
  })

  it('pure folders know no client, no clock and no environment', () => {
    const clients = imports
      .filter((one) => PURE.includes(folderOf(one.file)) && !one.from.startsWith('.'))
      .filter(
        (one) =>
          !PURE_MODULES.has(
            one.from
              .split('/')
              .slice(0, one.from.startsWith('@') ? 2 : 1)
              .join('/'),
          ),
      )
    const impure = files
      .filter((file) => PURE.includes(folderOf(file)) && !file.startsWith('model/written/'))
      .filter((file) =>
        /\bprocess\.[a-z]+[^\w ]|new Date\(\)|Date\.now\(|Math\.random\(/.test(readFileSync(join(SRC, file), 'utf8')),
      )
    expect({ clients, impure }).toEqual({ clients: [], impure: [] })
  })

  it('each npm client is named in one folder', () => {
    const wrong = imports.filter((one) => {
      const home = CLIENTS[one.from]
      return home !== undefined && !one.file.startsWith(`${home}/`)
    })
    expect(wrong).toEqual([])
  })

  it('only main.ts reads the process', () => {
    const wrong = files.filter(
      (file) => file !== 'main.ts' && /\bprocess\.(env|argv|exit|cwd|std)/.test(readFileSync(join(SRC, file), 'utf8')),
    )
    expect(wrong).toEqual([])
  })
})
