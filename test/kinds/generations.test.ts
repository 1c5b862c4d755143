import { describe, expect, it } from 'vitest'
import { compareConfig } from '../../src/kinds/config/compare.ts'
import { configFromWire } from '../../src/kinds/config/from-wire.ts'
import { configKind } from '../../src/kinds/config/kind.ts'
import { normalizeConfig } from '../../src/kinds/config/normalize.ts'
import { configToWire } from '../../src/kinds/config/to-wire.ts'
import { compareSecret } from '../../src/kinds/secret/compare.ts'
import { secretFromWire } from '../../src/kinds/secret/from-wire.ts'
import { secretKind } from '../../src/kinds/secret/kind.ts'
import { normalizeSecret } from '../../src/kinds/secret/normalize.ts'
import { secretToWire } from '../../src/kinds/secret/to-wire.ts'
import type { Config } from '../../src/model/written/config.ts'
import type { Secret } from '../../src/model/written/secret.ts'
import { contextOf, problemOf } from './context.ts'

const WORLD = {
  files: {
    password: 'hunter2',
    'nginx.conf': 'worker_processes 1;',
    empty: '',
    huge: Buffer.alloc(1_024_001),
    big: Buffer.alloc(512_001),
  },
  settings: { DB_PASSWORD: 'hunter2', OTHER: 'other' },
}
const secret = (fields: Partial<Secret>): Secret => ({ kind: 'Secret', name: 'db-password', ...fields }) as Secret
const config = (fields: Partial<Config>): Config => ({ kind: 'Config', name: 'nginx-conf', ...fields }) as Config
const secretOf = (fields: Partial<Secret>) => normalizeSecret(secret(fields), contextOf(WORLD))
const configOf = (fields: Partial<Config>) => normalizeConfig(config(fields), contextOf(WORLD))

describe('swarm.md 13: secrets and configs are immutable, so their content is part of their name', () => {
  it('another content is another generation of the same name', () => {
    const one = secretOf({ from: 'settings:DB_PASSWORD' }).name ?? ''
    const two = secretOf({ from: 'settings:OTHER' }).name ?? ''
    expect(one).toMatch(/^db-password_[0-9a-f]{12}$/)
    expect(two).not.toBe(one)
    expect([one, two].map((name) => secretKind.generationOf?.(name))).toEqual(['db-password', 'db-password'])
    expect(configOf({ content: 'a' }).name).not.toBe(configOf({ content: 'b' }).name)
    expect(configKind.generationOf?.(configOf({ content: 'a' }).name ?? '')).toBe('nginx-conf')
  })

  it('what cannot change in place is part of it too', () => {
    expect(configOf({ content: 'a', template: true }).name).not.toBe(configOf({ content: 'a' }).name)
    const driver = { name: 'vault', options: { path: 'a' } }
    expect(secretOf({ driver }).name).not.toBe(secretOf({ driver: { ...driver, options: { path: 'b' } } }).name)
  })

  it.each([
    [secretOf, { file: 'empty' }, '/file: the content is empty: Swarm takes no empty secret'],
    [secretOf, { file: 'big' }, '/file: the content has 512001 bytes; Swarm takes 512000 for a secret'],
    [configOf, { content: '' }, '/content: the content is empty: Swarm takes no empty config'],
    [configOf, { file: 'huge' }, '/file: the content has 1024001 bytes; Swarm takes 1024000 for a config'],
    [
      secretOf,
      { name: 'n'.repeat(52), file: 'password' },
      '/name: the name has 52 characters; 51 fit, for the live name ends in _<12 hex>',
    ],
    [secretOf, {}, ': needs one of file, from, driver or external'],
    [
      configOf,
      { content: 'a', from: 'settings:OTHER' },
      "/content: 'from' and 'content' together: exactly one of file, from, content or external",
    ],
  ] as const)('limits %#', (normalize, fields, problem) => {
    expect(problemOf(() => normalize(fields))).toBe(problem)
  })

  it('a name of 51 characters just fits', () => {
    expect(secretOf({ name: 'n'.repeat(51), file: 'password' }).name).toHaveLength(64)
  })

  it('a secret of the settings is measured when it is revealed', () => {
    const { spec } = secretOf({ from: 'settings:DB_PASSWORD' })
    const late = (size: number) => () => secretToWire(spec, { content: Buffer.alloc(size), stamp: {} })
    expect(late(0)).toThrowError('has 0 bytes')
    expect(late(512_001)).toThrowError('has 512001 bytes')
  })
})

describe('a secret', () => {
  const stamp = { 'swarmkeeper.app': 'hello' }

  it('carries no content in its spec, and differs in nothing after a create', () => {
    const { spec } = secretOf({ file: 'password', labels: { team: 'web' } })
    expect(JSON.stringify(spec)).not.toContain('hunter2')
    const wire = secretToWire(spec, { content: Buffer.from('hunter2'), stamp })
    expect(wire.Data).toBe(Buffer.from('hunter2').toString('base64'))
    expect(compareSecret(spec, secretFromWire(wire))).toEqual([])
  })

  it('is updated in its labels alone, and those of others stay', () => {
    const { spec } = secretOf({ file: 'password', labels: { team: 'web' } })
    const live = { ...secretToWire(spec, { content: Buffer.from('x'), stamp }), Data: null, Later: 1 }
    const theirs = { ...live, Labels: { ...live.Labels, theirs: '1' } }
    const next = { ...spec, labels: { size: 'L' } }
    expect(compareSecret(next, secretFromWire(theirs))).toEqual([
      { path: '/labels/size', from: undefined, to: 'L', effect: 'none' },
      { path: '/labels/team', from: 'web', to: undefined, effect: 'none' },
    ])
    const updated = secretToWire(next, { live: theirs, stamp })
    expect(updated).toMatchObject({
      Data: null,
      Later: 1,
      Labels: { size: 'L', theirs: '1', 'swarmkeeper.app': 'hello' },
    })
    expect(updated.Labels).not.toHaveProperty('team')
    expect(compareSecret(next, secretFromWire(updated))).toEqual([])
  })

  it('of a driver has no content of ours', () => {
    const { spec } = secretOf({ driver: { name: 'vault' } })
    const wire = secretToWire(spec, { stamp })
    expect(wire).not.toHaveProperty('Data')
    expect(compareSecret(spec, secretFromWire(wire))).toEqual([])
  })

  it('that is external has no live name of ours', () => {
    expect(secretOf({ external: true }).name).toBeUndefined()
    expect(configOf({ external: true }).name).toBeUndefined()
  })
})

describe('a config', () => {
  it('shows its content where live has another one', () => {
    const { spec } = configOf({ file: 'nginx.conf', template: true })
    const wire = configToWire(spec, { stamp: {} })
    expect(wire.Templating).toEqual({ Name: 'golang' })
    expect(compareConfig(spec, configFromWire(wire))).toEqual([])
    const edited = { ...wire, Data: Buffer.from('worker_processes 9;').toString('base64') }
    expect(compareConfig(spec, configFromWire(edited))).toEqual([
      { path: '/content', from: 'worker_processes 9;', to: 'worker_processes 1;', effect: 'replace' },
    ])
  })

  it('from the settings is not shown', () => {
    const { spec } = configOf({ from: 'settings:DB_PASSWORD' })
    expect(JSON.stringify(spec)).not.toContain('hunter2')
    const wire = configToWire(spec, { content: Buffer.from('hunter2'), stamp: {} })
    expect(compareConfig(spec, configFromWire({ ...wire, Data: 'b3RoZXI=' }))).toEqual([])
  })
})
