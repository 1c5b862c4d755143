import { describe, expect, it } from 'vitest'
import { KINDS } from '../../src/kinds/registry.ts'
import type { DesiredApp } from '../../src/model/desired.ts'
import { digestOf } from '../../src/model/digest.ts'
import { makeId, type ResourceId } from '../../src/model/id.ts'
import type { Observed, Owner } from '../../src/model/live.ts'
import { defaultHandling, type Handling, type Recorded, SPEC_FORMAT, type Wanted } from '../../src/model/resource.ts'
import { adoptedNames, withAdoptedNames } from '../../src/plan/adopted-names.ts'

const A = 'a'.repeat(12)
const B = 'b'.repeat(12)
const id = (kind: string, name: string): ResourceId => makeId({ target: 'prod', kind, name })

const wanted = (kind: string, name: string, spec: object, handling: Partial<Handling> = {}): Wanted => ({
  id: id(kind, name),
  kind,
  spec,
  digest: digestOf(spec),
  app: 'shop',
  after: [],
  handling: { ...defaultHandling, adopt: 'stamp', ...handling },
  origin: { path: 'apps/shop/compose.yaml', line: 1, column: 1 },
})

const secret = (hex: string, handling?: Partial<Handling>): Wanted =>
  wanted(
    'Secret',
    `s_${hex}`,
    { name: `s_${hex}`, content: { secret: 'blob:1', mac: hex }, labels: {}, template: false },
    handling,
  )
const config = (text: string, handling?: Partial<Handling>): Wanted =>
  wanted('Config', `c_${A}`, { name: `c_${A}`, content: { base64: text }, labels: {}, template: false }, handling)
const service = (files: object): Wanted => ({
  ...wanted('Service', 'web', { name: 'web', mode: 'replicated', secrets: [], configs: [], ...files }),
  after: [id('Secret', `s_${A}`)],
})

const seen = (live: object, owner: Owner = { who: 'nobody' }): Observed => ({
  state: 'present',
  live,
  owner,
  health: { status: 'healthy' },
  version: '1',
})
const plainSecret = { name: 's', labels: {}, template: false, owns: [] }
const plainConfig = (text: string) => ({ name: 'c', base64: text, labels: {}, template: false, owns: [] })

const recordedAs = (one: Wanted, name: string): Recorded => ({
  ...one,
  id: id(one.kind, name),
  spec: { ...(one.spec as object), name },
  format: SPEC_FORMAT,
  state: 'owned',
})

const apps = (...resources: readonly Wanted[]): ReadonlyMap<string, DesiredApp> =>
  new Map([
    ['shop', { app: 'shop', wanted: resources, gates: [], broken: false, dependsOnApps: [], digest: digestOf(1) }],
  ])

interface Seen {
  readonly record?: readonly Recorded[]
  readonly adopt?: ReadonlySet<ResourceId>
}

/** Names of the generations for which something else counts. */
const adopted = (
  resources: readonly Wanted[],
  live: Readonly<Record<string, Observed>>,
  { record = [], adopt }: Seen = {},
): Readonly<Record<string, string>> => {
  const of = new Map(Object.entries(live).map(([key, value]) => [key as ResourceId, value]))
  const names = adoptedNames({ apps: apps(...resources), live: of, record, kinds: KINDS, ...(adopt ? { adopt } : {}) })
  return Object.fromEntries(names)
}

const SECRET = { [`prod/Secret/s_${A}`]: 'prod/Secret/s' }
const CONFIG = { [`prod/Config/c_${A}`]: 'prod/Config/c' }

describe('rule 22: what was there under the plain name counts as the present generation', () => {
  it('where its document adopts it: a config by its content, a secret unseen', () => {
    const live = { 'prod/Secret/s': seen(plainSecret), 'prod/Config/c': seen(plainConfig('one')) }
    expect(adopted([secret(A), config('one')], live)).toEqual({ ...SECRET, ...CONFIG })
    expect(adopted([config('two')], live)).toEqual({})
  })

  it('where a person asks for it, by either name', () => {
    const live = { 'prod/Secret/s': seen(plainSecret) }
    const modest = secret(A, { adopt: 'no' })
    expect(adopted([modest], live)).toEqual({})
    expect(adopted([modest], live, { adopt: new Set([modest.id]) })).toEqual(SECRET)
    expect(adopted([modest], live, { adopt: new Set([id('Secret', 's')]) })).toEqual(SECRET)
  })

  it('not where it is not there, or another install has it, or it is another thing', () => {
    expect(adopted([secret(A)], {})).toEqual({})
    expect(adopted([secret(A)], { 'prod/Secret/s': { state: 'absent' } })).toEqual({})
    expect(adopted([secret(A)], { 'prod/Secret/s': seen(plainSecret, { who: 'other', install: 'x' }) })).toEqual({})
    const driven = { ...plainSecret, driver: { name: 'vault', options: {} } }
    expect(adopted([secret(A)], { 'prod/Secret/s': seen(driven) })).toEqual({})
  })

  it('for as long as the declared content is the one that it was adopted with', () => {
    const live = {
      'prod/Secret/s': seen(plainSecret, { who: 'us', app: 'shop', digest: digestOf('labels of before') }),
    }
    const record = [recordedAs(secret(A), 's')]
    expect(adopted([secret(A)], live, { record })).toEqual(SECRET)
    expect(adopted([secret(B)], live, { record })).toEqual({})
    expect(adopted([secret(A)], { 'prod/Secret/s': { state: 'unknown', reason: 'no answer' } }, { record })).toEqual(
      SECRET,
    )
  })

  it('by its stamp, when the database was lost', () => {
    const mine = (one: Wanted): Owner => ({
      who: 'us',
      app: 'shop',
      digest: digestOf({ ...(one.spec as object), name: 's' }),
    })
    expect(adopted([secret(A)], { 'prod/Secret/s': seen(plainSecret, mine(secret(A))) })).toEqual(SECRET)
    expect(adopted([secret(B)], { 'prod/Secret/s': seen(plainSecret, mine(secret(A))) })).toEqual({})
  })
})

describe('a generation and the plain name side by side', () => {
  const both = { 'prod/Secret/s': seen(plainSecret), [`prod/Secret/s_${A}`]: seen(plainSecret) }
  const uses = (name: string, owner?: Owner) => ({
    'prod/Service/web': seen({ secrets: [{ name }], configs: [] }, owner),
  })

  it('what is in use counts: nothing that runs is moved to the other one', () => {
    const all = [secret(A), service({})]
    expect(adopted(all, { ...both, ...uses('s') })).toEqual(SECRET)
    expect(adopted(all, { ...both, ...uses(`s_${A}`) })).toEqual({})
    expect(adopted(all, both)).toEqual({})
  })

  it('nothing is made beside what waits to be adopted, together with who uses it', () => {
    const all = [secret(A, { adopt: 'no' }), service({})]
    const live = { 'prod/Secret/s': seen(plainSecret) }
    expect(adopted(all, { ...live, ...uses('s') })).toEqual(SECRET)
    // A service of ours that used the foreign one so far gets its own.
    expect(adopted(all, { ...live, ...uses('s', { who: 'us', app: 'shop', digest: digestOf(1) }) })).toEqual({})
  })
})

describe('who refers to it', () => {
  const file = { target: 'x', uid: '0', gid: '0', mode: '0444' }
  const names = new Map([[id('Secret', `s_${A}`), id('Secret', 's')]])
  const renamed = (resources: readonly Wanted[]) =>
    withAdoptedNames(apps(...resources), names, KINDS).get('shop')?.wanted ?? []

  it('has its name, comes after it, and has the digest of that', () => {
    const [kept, web] = renamed([secret(A), service({ secrets: [{ ...file, name: `s_${A}` }] })])
    expect(kept).toMatchObject({ id: 'prod/Secret/s', spec: { name: 's', content: { mac: A } } })
    expect(web).toMatchObject({ after: ['prod/Secret/s'], spec: { secrets: [{ name: 's' }] } })
    for (const one of [kept, web]) expect(one?.digest).toBe(digestOf(one?.spec))
  })

  it('or is the very same as before, where it does not', () => {
    const other = service({ secrets: [{ ...file, name: 'other' }], configs: [{ ...file, name: `s_${A}` }] })
    expect(renamed([other])[0]?.spec).toBe(other.spec)
    expect(renamed([other])[0]?.digest).toBe(other.digest)
  })

  it('also as a job, and by its credential spec', () => {
    const configs = new Map([[id('Config', `c_${A}`), id('Config', 'c')]])
    const spec = {
      secrets: [],
      configs: [{ uid: '0', gid: '0', mode: '0444', name: `c_${A}` }],
      credentialSpec: { config: `c_${A}` },
    }
    const job = wanted('Job', 'migrate', { service: spec, when: 'before', triggers: {}, irreversible: false })
    const [changed] = withAdoptedNames(apps(job), configs, KINDS).get('shop')?.wanted ?? []
    expect(changed?.spec).toMatchObject({ service: { configs: [{ name: 'c' }], credentialSpec: { config: 'c' } } })
  })
})
