import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { normalizeHost } from '../../src/kinds/host/normalize.ts'
import { HOST_KINDS } from '../../src/kinds/host-registry.ts'
import { KINDS } from '../../src/kinds/registry.ts'
import type { Host } from '../../src/model/written/host.ts'
import { schemas } from '../desired/read.ts'
import { contextOf, problemOf } from './context.ts'

interface Schema {
  readonly properties: Readonly<Record<string, { readonly examples?: readonly unknown[] }>>
  readonly examples: readonly Readonly<Record<string, unknown>>[]
}

const SERVICE = '[Service]\nExecStart=/bin/true\nExecReload=/bin/true\n[Install]\nWantedBy=multi-user.target\n'
const SHA = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'
/** Everything that the examples name. */
const WORLD = {
  files: {
    'zerg-backend.service': SERVICE,
    'limits.conf': '[Service]\nLimitNOFILE=1\n',
    'worker.conf': '[program:worker]\ncommand=/bin/cat\n',
    'zerg.env': 'A=1\n',
    'bin/env-manager': 'test',
    'token.txt': 'hush',
  },
  settings: { DB_PASSWORD: 'hush' },
}

/** Fields that exclude each other, or need each other. */
const BASES: Readonly<Record<string, object>> = {
  'Unit/masked': { file: undefined, enabled: undefined, state: undefined },
  'Unit/reloadOn': { restartOn: undefined },
  'File/content': { env: undefined },
  'File/file': { env: undefined },
  'File/json': { env: undefined },
  'File/secret': { env: undefined },
  'Artifact/file': { url: undefined, sha256: SHA },
}
const INLINE = { conf: undefined, command: 'a', numprocs: 4, process_name: '%(program_name)s_%(process_num)02d' }

function meaning(kind: string, document: object): unknown {
  if (kind === 'Host') return normalizeHost(document as unknown as Host)
  return HOST_KINDS.get(kind)?.normalize(document, contextOf(WORLD))
}

describe.each(['Host', ...HOST_KINDS.keys()])('%s', (kind) => {
  const file = `${kind.toLowerCase()}.json`
  const schema = JSON.parse(readFileSync(`schemas/${file}`, 'utf8')) as Schema
  const [example = {}] = schema.examples

  it.each(Object.keys(schema.properties).filter((key) => key !== 'keeper'))(
    '%s: its example is valid and has a meaning',
    (key) => {
      const [value] = schema.properties[key]?.examples ?? []
      const given = value ?? example[key]
      expect(given).toBeDefined()
      const own = ['conf', 'restartOn', 'state', 'kind', 'name', 'hosts', 'rollout'].includes(key)
      const inline = kind === 'Program' && !own ? INLINE : {}
      const merged = { ...example, ...inline, ...BASES[`${kind}/${key}`], [key]: given }
      const document = Object.fromEntries(Object.entries(merged).filter(([, item]) => item !== undefined))
      expect(schemas.check(file)(document).errors).toEqual([])
      expect(meaning(kind, document)).toBeDefined()
    },
  )

  it('refuses a key that it does not know', () => {
    expect(schemas.check(file)({ ...example, unheardOf: 1 }).errors).not.toEqual([])
  })
})

it('every kind of hosts is a kind of the product', () => {
  expect([...HOST_KINDS.keys()].filter((name) => !KINDS.has(name))).toEqual([])
})

describe('a Host', () => {
  const written = {
    kind: 'Host',
    name: 'app-1',
    address: '10.0.0.1',
    user: 'deploy',
    hostKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ4m4kGRHYfLK8sYJpCj7hCuAcHNcSsHkQnwGSiaF1Ms',
  } as const

  it('only observes, unless it says how to become root', () => {
    expect(normalizeHost(written)).toMatchObject({ become: 'none', connection: { type: 'ssh', port: 22 } })
  })

  it('is the machine itself, where its address is local', () => {
    expect(normalizeHost({ kind: 'Host', name: 'me', address: 'local' }).connection).toEqual({ type: 'local' })
    expect(problemOf(() => normalizeHost({ ...written, address: 'local' }))).toMatch(/^\/user: the machine itself/)
  })

  it.each([
    ['user', /^\/user: who logs in/],
    ['hostKey', /^\/hostKey: needed/],
  ])('guesses no %s', (key, problem) => {
    const without = Object.fromEntries(Object.entries(written).filter(([name]) => name !== key))
    expect(problemOf(() => normalizeHost(without as unknown as Host))).toMatch(problem)
  })

  it.each(['ssh-ed25519 AAAA', written.hostKey.slice(0, -8), written.hostKey.replace('ed25519', 'rsa')])(
    'pins no key that is cut off, or of another type than it says: %s',
    (hostKey) => {
      expect(problemOf(() => normalizeHost({ ...written, hostKey }))).toMatch(/^\/hostKey: no whole public key/)
    },
  )

  it('pins a key with a comment', () => {
    const hostKey = `${written.hostKey} root@app-1`
    expect(normalizeHost({ ...written, hostKey }).connection).toMatchObject({ hostKey })
  })

  it('is not reached through itself', () => {
    expect(problemOf(() => normalizeHost({ ...written, jump: 'app-1' }))).toBe(
      '/jump: it cannot be reached through itself',
    )
  })

  it.each(['-oProxyCommand=id', 'a b', '', 'a;id', '$(id)'])('has no address %j', (address) => {
    expect(schemas.check('host.json')({ ...written, address }).errors).not.toEqual([])
  })
})
