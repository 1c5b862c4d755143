import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { formatProblem } from '../../src/model/problem.ts'
import { type LoadedSettings, loadSettings } from '../../src/settings/load-settings.ts'
import type { Settings } from '../../src/settings/settings.ts'

const KEY = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'
const MINIMAL = `install: prod
key: { env: KEY }
repository: { url: https://git.test/fleet.git }
`

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'swarmkeeper-settings-'))
  chmodSync(directory, 0o755)
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

/** Writes a file beside the settings, readable by its owner alone unless told otherwise. */
function put(name: string, content: string, mode = 0o600): string {
  const path = join(directory, name)
  writeFileSync(path, content)
  chmodSync(path, mode)
  return path
}

const load = (text: string, env = {}): LoadedSettings =>
  loadSettings({ file: join(directory, 'swarmkeeper.config.yaml'), text, env: { KEY, ...env } })

function settingsOf(text: string, env = {}): Settings {
  const loaded = load(text, env)
  if (!('settings' in loaded)) throw new Error(loaded.problems.map(formatProblem).join('\n'))
  return loaded.settings
}

/** All problems, or all warnings, as they are printed, without the path of the folder. */
function saidOf(text: string, env = {}): readonly string[] {
  const loaded = load(text, env)
  const said = 'settings' in loaded ? loaded.warnings : loaded.problems
  return said.map((problem) => formatProblem(problem).replaceAll(`${directory}/`, ''))
}

describe('settings', () => {
  it('need an install, a key and a repository, and fill in the rest', () => {
    const settings = settingsOf(MINIMAL)
    expect(settings).toMatchObject({
      install: 'prod',
      repository: { url: 'https://git.test/fleet.git', branch: 'main', path: '' },
      pollIntervalMs: 60_000,
      lockWaitMs: 30_000,
      allowedAddresses: [],
      parallelApps: 4,
      logLevel: 'info',
      database: join(directory, '.swarmkeeper/swarmkeeper.db'),
      cache: join(directory, '.swarmkeeper/git'),
    })
    expect(settings.key.reveal().toString('hex')).toBe(KEY)
  })

  it('may say everything', () => {
    put('key.pem', 'PEM KEY\n')
    put('ca.pem', 'PEM CA\n')
    put('cert.pem', 'PEM CERT\n')
    const settings = settingsOf(
      `${MINIMAL}
pollInterval: 1m30s
lockWait: 0s
database: /var/lib/swarmkeeper/state.db
cache: clone
parallelApps: 8
logLevel: debug
allowedAddresses: ["*.test:443", 10.0.0.0/8]
secrets:
  DB_PASSWORD: { value: hunter2 }
credentials:
  engines: { type: docker-tls, addresses: [manager-1:2376], ca: { file: ca.pem }, cert: { file: cert.pem }, key: { file: key.pem } }
  lab: { type: docker-tcp, addresses: [127.0.0.1], insecure: true }
  fleet: { type: ssh, addresses: [10.0.0.0/24], key: { file: key.pem }, passphrase: { value: opensesame } }
  desk: { type: ssh, addresses: [10.0.1.0/24], agent: agent.sock }
  registry-main: { type: registry, addresses: ["registry.test:5000"], username: robot, password: { env: PASSWORD } }
`,
      { PASSWORD: 's3cret' },
    )
    expect(settings).toMatchObject({
      pollIntervalMs: 90_000,
      lockWaitMs: 0,
      database: '/var/lib/swarmkeeper/state.db',
      cache: join(directory, 'clone'),
      parallelApps: 8,
      logLevel: 'debug',
    })
    expect(settings.allowedAddresses.map(({ text }) => text)).toEqual(['*.test:443', '10.0.0.0/8'])
    expect(settings.secrets.get('DB_PASSWORD')?.revealText()).toBe('hunter2')
    expect([...settings.credentials.values()]).toMatchObject([
      { type: 'docker-tls', ca: 'PEM CA', cert: 'PEM CERT' },
      { type: 'docker-tcp', insecure: true },
      { type: 'ssh', keyFile: join(directory, 'key.pem') },
      { type: 'ssh', agent: join(directory, 'agent.sock') },
      { type: 'registry', username: 'robot' },
    ])
    const registry = settings.credentials.get('registry-main')
    expect(registry?.type === 'registry' && registry.password.revealText()).toBe('s3cret')
  })

  it('print no secret, however they are printed', () => {
    const settings = settingsOf(`${MINIMAL}secrets: { A: { value: canary } }\n`)
    const printed = inspect(settings, { depth: 9 }) + JSON.stringify({ ...settings, secrets: [...settings.secrets] })
    expect(printed).toContain('[REDACTED]')
    expect(printed).not.toContain('canary')
    expect(printed).not.toContain(KEY)
  })

  it('are read from the named file, whose relative paths are relative to it', () => {
    put('secret', 'from a file\n')
    const file = put('my.yaml', `${MINIMAL}secrets: { A: { file: secret } }\n`)
    for (const input of [{ file, env: { KEY } }, { env: { KEY, SWARMKEEPER_CONFIG: file } }]) {
      const loaded = loadSettings(input)
      expect('settings' in loaded && loaded.settings.secrets.get('A')?.revealText()).toBe('from a file')
    }
  })

  it('must be there where a file was named', () => {
    const loaded = loadSettings({ file: join(directory, 'none.yaml'), env: { KEY } })
    expect('problems' in loaded && loaded.problems[0]?.message).toContain('cannot be read: ENOENT')
  })
})

describe('mistakes in the settings', () => {
  it('are reported all at once, each with its place and the nearest key', () => {
    expect(
      saidOf(`instal: prod
key: { env: KEY }
repository:
  url: https://git.test/fleet.git
  brunch: main
credentials:
  one: { type: registri, addresses: [a.test] }
  two: { type: registry, addresses: [], username: me, pasword: { env: A } }
logLevel: verbose
`),
    ).toEqual([
      expect.stringMatching(/^swarmkeeper\.config\.yaml:1:1 \/instal: unknown key 'instal'; did you mean 'install'\?$/),
      expect.stringMatching(
        /^swarmkeeper\.config\.yaml:5:3 \/repository\/brunch: unknown key 'brunch'; did you mean 'branch'\?$/,
      ),
      expect.stringMatching(/:7:16 \/credentials\/one\/type: 'registri' is not one of .*did you mean 'registry'\?$/),
      expect.stringMatching(/:8:37 \/credentials\/two\/addresses: must not be empty$/),
      expect.stringMatching(/:8:55 \/credentials\/two\/pasword: unknown key 'pasword'; did you mean 'password'\?$/),
      expect.stringMatching(/:9:11 \/logLevel: 'verbose' is not one of debug, info, warn, error$/),
    ])
  })

  it('of YAML itself have their place', () => {
    expect(saidOf(`${MINIMAL}install: twice\n`)).toEqual([expect.stringMatching(/^swarmkeeper\.config\.yaml:4:1 /)])
    expect(saidOf(`${MINIMAL}---\n${MINIMAL}`)).toEqual([expect.stringContaining('more than one document')])
    expect(saidOf('- a list\n')).toEqual([expect.stringContaining('must be a map')])
  })

  it('of a folder without settings are one line, and not every key that could stand in them', () => {
    const file = join(tmpdir(), 'swarmkeeper-no-such-folder', 'swarmkeeper.config.yaml')
    expect(loadSettings({ env: {} })).toMatchObject({
      problems: [{ message: 'there is no such file here, and no SWARMKEEPER_… variable says anything' }],
    })
    expect(loadSettings({ env: {}, file })).toMatchObject({
      problems: [{ message: expect.stringContaining('ENOENT') }],
    })
  })

  it('name what is missing when there is nothing', () => {
    expect(saidOf('').map((line) => /'(\w+)' is missing/.exec(line)?.[1])).toEqual(['install', 'key', 'repository'])
  })

  it.each([
    ['install: Prod', 'install'],
    ['install: -prod', 'install'],
    [`install: ${'a'.repeat(41)}`, 'install'],
    ['pollInterval: 60', 'pollInterval'],
    ['pollInterval: 10ms', 'pollInterval: must be at least 1s'],
    ['pollInterval: 5 parsecs', 'pollInterval'],
    ['allowedAddresses: ["http://a.test"]', "allowedAddresses/0: 'http://a.test' is not an address"],
    ['credentials: { a: { type: docker-tcp, addresses: [x], insecure: false } }', 'credentials/a/insecure'],
    ['credentials: { a: { type: ssh, addresses: [10.0.0.0/99], key: { env: KEY } } }', 'credentials/a/addresses/0'],
    ['credentials: { a: { type: ssh, addresses: [x] } }', "credentials/a: exactly one of the keys 'key' or 'agent'"],
    [
      'credentials: { a: { type: ssh, addresses: [x], key: { env: KEY }, agent: s } }',
      "credentials/a: exactly one of the keys 'key' or 'agent'",
    ],
    ['credentials: { a: { type: ssh, addresses: [x], agent: s, passphrase: { env: KEY } } }', 'credentials/a'],
    ['credentials: { a: { type: ssh, addresses: [x], agent: "" } }', 'credentials/a/agent: must not be empty'],
    ['secrets: { A: plain }', 'secrets/A'],
    ['secrets: { A: {} }', 'secrets/A'],
    [
      'secrets: { A: { env: KEY, value: x } }',
      "secrets/A: exactly one of the keys 'env', 'file', 'credential' or 'value'",
    ],
  ])('%s', (line, expected) => {
    const key = /^\w+/.exec(line)?.[0] ?? ''
    const said = saidOf(`${MINIMAL.replace(new RegExp(`^${key}:.*\n`, 'm'), '')}${line}\n`)
    expect(said).toEqual([expect.stringContaining(expected)])
  })

  it('do not repeat a secret that was written in a wrong place', () => {
    expect(saidOf(MINIMAL.replace('{ env: KEY }', 'canary-key')).join()).not.toContain('canary')
    expect(saidOf(`${MINIMAL}secrets: { A: canary }`).join()).not.toContain('canary')
    expect(saidOf(MINIMAL, { KEY: 'canary-key' }).join()).not.toContain('canary')
  })
})

describe('what is empty is never the default (SEC-26)', () => {
  it.each([
    ['install', MINIMAL.replace('prod', '" "'), {}],
    ['key', MINIMAL, { KEY: ' \n' }],
    ['repository/url', MINIMAL.replace('https://git.test/fleet.git', '""'), {}],
    ['repository/branch', MINIMAL.replace(' }\n', '}\n').replace('fleet.git', 'fleet.git, branch: " "'), {}],
    ['repository/path', MINIMAL.replace('fleet.git', 'fleet.git, path: ""'), {}],
    ['repository/token', MINIMAL.replace('fleet.git', 'fleet.git, token: { env: TOKEN }'), { TOKEN: '' }],
    ['repository/username', MINIMAL.replace('fleet.git', 'fleet.git, username: " ", password: { env: KEY }'), {}],
    [
      'credentials/a/username',
      `${MINIMAL}credentials: { a: { type: registry, addresses: [x], username: "", password: { env: KEY } } }`,
      {},
    ],
    [
      'credentials/a/password/value',
      `${MINIMAL}credentials: { a: { type: registry, addresses: [x], username: u, password: { value: " " } } }`,
      {},
    ],
    [
      'credentials/a/addresses/0',
      `${MINIMAL}credentials: { a: { type: docker-tcp, addresses: [" "], insecure: true } }`,
      {},
    ],
    ['allowedAddresses/0', `${MINIMAL}allowedAddresses: [""]`, {}],
    ['logLevel', MINIMAL, { SWARMKEEPER_LOG_LEVEL: '' }],
    ['repository/token', MINIMAL, { SWARMKEEPER_REPOSITORY_TOKEN: '  ' }],
  ])('%s', (pointer, text, env) => {
    const said = saidOf(text, env)
    expect(said).toEqual([expect.stringContaining(`/${pointer}: `)])
    expect(said[0]).toContain('empty')
  })
})

describe('the key', () => {
  const bytes = Buffer.from(KEY, 'hex')

  it.each([KEY, KEY.toUpperCase(), bytes.toString('base64'), bytes.toString('base64url'), `${KEY}\n`])(
    'may be %j',
    (key) => {
      expect(settingsOf(MINIMAL, { KEY: key }).key.reveal()).toEqual(bytes)
    },
  )

  it.each(['short', KEY.slice(2), `${KEY}00`, 'x'.repeat(64), bytes.toString('base64').slice(1)])(
    'may not be %j',
    (key) => {
      const [said] = saidOf(MINIMAL, { KEY: key })
      expect(said).toMatch(/:2:6 \/key: the key is not 32 bytes .*openssl rand -hex 32/)
      expect(said).not.toContain(key)
    },
  )

  it.each(['00'.repeat(32), 'deadbeef'.repeat(8)])('may not be a placeholder: %s', (key) => {
    expect(saidOf(MINIMAL, { KEY: key })).toEqual([expect.stringContaining('not random')])
  })
})

describe('a secret', () => {
  const secretOf = (written: string, env = {}) =>
    settingsOf(`${MINIMAL}secrets: { A: ${written} }`, env).secrets.get('A')?.revealText()
  const said = (written: string, env = {}) => saidOf(`${MINIMAL}secrets: { A: ${written} }`, env)

  it('comes from a file, without the newline at its end', () => {
    put('a', 'p4ss \n')
    put('b', 'p4ss\r\n')
    put('c', 'two\n\n')
    expect(['a', 'b', 'c'].map((name) => secretOf(`{ file: ${name} }`))).toEqual(['p4ss ', 'p4ss', 'two\n'])
  })

  it('comes from a credential that systemd passes on', () => {
    mkdirSync(join(directory, 'credentials'))
    put('credentials/db', 'p4ss')
    expect(secretOf('{ credential: db }', { CREDENTIALS_DIRECTORY: join(directory, 'credentials') })).toBe('p4ss')
    expect(said('{ credential: db }')).toEqual([expect.stringContaining('LoadCredential=')])
    expect(said('{ credential: ../db }')).toEqual([expect.stringContaining('/secrets/A/credential')])
  })

  it('keeps bytes that are no text', () => {
    writeFileSync(join(directory, 'bytes'), Buffer.from([0xff, 0x00, 0x0a]), { mode: 0o600 })
    expect(settingsOf(`${MINIMAL}secrets: { A: { file: bytes } }`).secrets.get('A')?.reveal()).toEqual(
      Buffer.from([0xff, 0x00]),
    )
  })

  it('says where it was looked for', () => {
    expect(said('{ env: NOT_SET }')).toEqual([
      'swarmkeeper.config.yaml:4:15 /secrets/A: the environment variable NOT_SET is not set',
    ])
    expect(said('{ file: none }')).toEqual([expect.stringContaining('none cannot be read (ENOENT)')])
    expect(said('{ file: . }')).toEqual([expect.stringContaining('is not a file')])
    put('large', 'x'.repeat(600_000))
    expect(said('{ file: large }')).toEqual([expect.stringContaining('has 600000 bytes')])
  })

  it('in a file that everybody can read is a warning', () => {
    put('open', 'p4ss', 0o644)
    expect(said('{ file: open }')).toEqual([
      expect.stringMatching(/warning: \/secrets\/A: everybody .* can read .*open: chmod 0400/),
    ])
    chmodSync(directory, 0o700)
    expect(said('{ file: open }')).toEqual([])
  })

  it('that stands in the settings themselves asks for a private file', () => {
    const text = `${MINIMAL}secrets: { A: { value: p4ss } }\n`
    const warned = (mode: number) => {
      const loaded = loadSettings({ file: put('settings.yaml', text, mode), env: { KEY } })
      return 'settings' in loaded && loaded.warnings.map(({ message }) => message)
    }
    expect(warned(0o644)).toEqual([expect.stringContaining('chmod 0600')])
    expect(warned(0o600)).toEqual([])
  })
})

describe('the repository', () => {
  const repository = (lines: string) => `install: prod\nkey: { env: KEY }\nrepository: { ${lines} }\n`
  const of = (lines: string) => settingsOf(repository(lines)).repository

  it('may be logged in to by token, password or SSH key', () => {
    put('id', 'PRIVATE\n')
    expect(of('url: https://git.test/a, token: { value: t }').auth).toHaveProperty('token')
    expect(of('url: https://git.test/a, username: u, password: { value: p }').auth).toMatchObject({ username: 'u' })
    const { ssh } = of('url: ssh://git@git.test/a, sshKey: { file: id }, knownHosts: git.test ssh-ed25519 AAAA')
    expect(ssh).toMatchObject({ keyFile: join(directory, 'id'), knownHosts: 'git.test ssh-ed25519 AAAA' })
    expect(ssh?.key.revealText()).toBe('PRIVATE')
  })

  it.each([
    ['url: "https://user:canary@git.test/a"', 'url: holds a user or password'],
    ['url: "https://canary@git.test/a"', 'url: holds a user or password'],
    ['url: "ssh://git:canary@git.test/a"', 'url: holds a user or password'],
    [
      'url: https://git.test/a, token: { value: t }, username: u, password: { value: p }',
      'token: is one way to log in',
    ],
    ['url: https://git.test/a, username: u', "username: 'password' is missing"],
    ['url: https://git.test/a, password: { value: p }', "password: 'username' is missing"],
    ['url: git@git.test:a, token: { value: t }', 'url: a token or password is for http'],
    ['url: https://git.test/a, sshKey: { value: k }, knownHosts: x', 'sshKey: is for ssh'],
    ['url: git@git.test:a, sshKey: { value: k }', "sshKey: 'knownHosts' is missing"],
  ])('is not { %s }', (lines, expected) => {
    const said = saidOf(repository(lines))
    expect(said).toEqual([expect.stringContaining(`/repository/${expected}`)])
    expect(said.join()).not.toContain('canary')
  })

  it('over http:// with a password is a warning, except on this machine', () => {
    const over = (host: string) => saidOf(repository(`url: "http://${host}/a", token: { value: t }`))
    expect(over('git.test')).toEqual([expect.stringContaining('warning: /repository/url: http:// sends the password')])
    expect([over('127.0.0.1:8080'), over('localhost')]).toEqual([[], []])
    expect(over('localhost.evil.test')).toHaveLength(1)
  })

  it.each([
    ['.', ''],
    ['./', ''],
    ['./fleets/prod/', 'fleets/prod'],
    ['.hidden', '.hidden'],
  ])('takes the path %s as %j', (written, path) => {
    expect(of(`url: https://git.test/a, path: ${written}`).path).toBe(path)
  })
})

describe('environment variables', () => {
  it('may give all that is needed', () => {
    const settings = settingsOf('', {
      SWARMKEEPER_INSTALL: 'prod',
      SWARMKEEPER_KEY: KEY,
      SWARMKEEPER_REPOSITORY_URL: 'https://git.test/fleet.git',
      SWARMKEEPER_REPOSITORY_TOKEN: 'canary',
      SWARMKEEPER_POLL_INTERVAL: '5m',
      SWARMKEEPER_PARALLEL_APPS: '2',
      SWARMKEEPER_ALLOWED_ADDRESSES: '*.test, 10.0.0.0/8',
      SWARMKEEPER_SECRETS_DB_PASSWORD: 'hunter2',
      SWARMKEEPER_CREDENTIALS_LAB_ENGINE_TYPE: 'docker-tcp',
      SWARMKEEPER_CREDENTIALS_LAB_ENGINE_ADDRESSES: '127.0.0.1',
      SWARMKEEPER_CREDENTIALS_LAB_ENGINE_INSECURE: 'true',
    })
    expect(settings).toMatchObject({ install: 'prod', pollIntervalMs: 300_000, parallelApps: 2 })
    expect(settings.allowedAddresses.map(({ text }) => text)).toEqual(['*.test', '10.0.0.0/8'])
    expect(settings.secrets.get('DB_PASSWORD')?.revealText()).toBe('hunter2')
    expect(settings.credentials.get('lab-engine')).toMatchObject({ type: 'docker-tcp', insecure: true })
  })

  it('stand above the file', () => {
    expect(settingsOf(MINIMAL, { SWARMKEEPER_INSTALL: 'other' }).install).toBe('other')
    const text = `${MINIMAL}credentials: { Main.Reg: { type: registry, addresses: [x], username: u, password: { value: old } } }`
    const credential = settingsOf(text, { SWARMKEEPER_CREDENTIALS_MAIN_REG_PASSWORD: 'new' }).credentials.get(
      'Main.Reg',
    )
    expect(credential?.type === 'registry' && credential.password.revealText()).toBe('new')
  })

  it('with _FILE behind their name say which file holds a secret', () => {
    const env = { SWARMKEEPER_KEY_FILE: put('key', KEY), SWARMKEEPER_SECRETS_A_FILE: put('a', 'from a file') }
    const settings = settingsOf(MINIMAL.replace(/key:.*\n/, ''), env)
    expect(settings.key.reveal().toString('hex')).toBe(KEY)
    expect(settings.secrets.get('A')?.revealText()).toBe('from a file')
  })

  it('say yes and no as true and false, and nothing else', () => {
    expect(settingsOf(MINIMAL).allowLocal).toBe(false)
    expect(settingsOf(MINIMAL, { SWARMKEEPER_ALLOW_LOCAL: 'true' }).allowLocal).toBe(true)
    expect(settingsOf(`${MINIMAL}allowLocal: true`, { SWARMKEEPER_ALLOW_LOCAL: 'false' }).allowLocal).toBe(false)
    expect(saidOf(MINIMAL, { SWARMKEEPER_ALLOW_LOCAL: 'yes' })).toEqual([
      expect.stringContaining('SWARMKEEPER_ALLOW_LOCAL'),
    ])
  })

  it('are the place of what is wrong with them', () => {
    expect(saidOf(MINIMAL, { SWARMKEEPER_LOG_LEVEL: 'loud' })).toEqual([
      "$SWARMKEEPER_LOG_LEVEL:1:1 /logLevel: 'loud' is not one of debug, info, warn, error",
    ])
    expect(saidOf(MINIMAL, { SWARMKEEPER_PARALLEL_APPS: 'many' })).toEqual([
      expect.stringMatching(/^\$SWARMKEEPER_PARALLEL_APPS:/),
    ])
    expect(saidOf(MINIMAL, { SWARMKEEPER_KEY: 'canary' })).toEqual([
      expect.stringMatching(/^\$SWARMKEEPER_KEY:1:1 \/key: /),
    ])
  })

  it('contradict each other only openly', () => {
    expect(saidOf(MINIMAL, { SWARMKEEPER_KEY: KEY, SWARMKEEPER_KEY_FILE: put('key', KEY) })).toEqual([
      '$SWARMKEEPER_KEY_FILE:1:1 /key: is given by SWARMKEEPER_KEY as well',
    ])
  })

  it('that mean no setting are warned of, with the nearest name', () => {
    expect(saidOf(MINIMAL, { SWARMKEEPER_REPOSITORY_BRANSH: 'main', HOME: '/root' })).toEqual([
      '$SWARMKEEPER_REPOSITORY_BRANSH:1:1 warning: no setting has this name; it is not read; did you mean ' +
        "'SWARMKEEPER_REPOSITORY_BRANCH'?",
    ])
  })
})

describe('the published schema', () => {
  it('has examples that are valid settings', () => {
    const schema = JSON.parse(readFileSync(new URL('../../schemas/settings.json', import.meta.url), 'utf8'))
    for (const example of schema.examples) {
      expect(settingsOf(JSON.stringify(example), { SWARMKEEPER_KEY: KEY }).install).toBe(example.install)
    }
  })
})
