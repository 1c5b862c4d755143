import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AppState } from '../../src/model/app-state.ts'
import { type Digest, digestOf } from '../../src/model/digest.ts'
import { makeId } from '../../src/model/id.ts'
import type { Handling, Recorded, Wanted } from '../../src/model/resource.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import type { FleetState, Intent, Store } from '../../src/model/store.ts'

const HANDLING: Handling = {
  adopt: 'no',
  prune: 'allow',
  drift: 'safe',
  ignore: [{ field: '/replicas', reason: 'scaled by hand' }],
  suspend: false,
  rollback: 'default',
  onFirstFailure: 'stay',
  stableForMs: 15_000,
  bakeMs: 300_000,
  timeoutMs: 300_000,
  checks: [],
  keep: 2,
}

const idOf = (name: string) => makeId({ target: 'prod', kind: 'Service', name })

export function recordedOf(name: string, overrides: Partial<Recorded> = {}): Recorded {
  const spec = { name, image: 'hello:1', labels: { text: 'a "quoted" ☃ \u0000 text' } }
  const base = { id: idOf(name), kind: 'Service', spec, digest: digestOf(spec), app: 'shop', handling: HANDLING }
  return { ...base, format: 1, state: 'owned', ...overrides }
}

export function wantedOf(name: string, overrides: Partial<Wanted> = {}): Wanted {
  const { format, state, ...resource } = recordedOf(name)
  return { ...resource, after: [], origin: { path: 'apps/shop/hello.yaml', line: 3, column: 1 }, ...overrides }
}

export function intentOf(name: string, overrides: Partial<Intent> = {}): Omit<Intent, 'seq' | 'closedAt'> {
  const base = { attempt: 'a1', app: 'shop', id: idOf(name), action: 'create', step: 'not-run' as const, note: {} }
  return { ...base, at: '2026-01-01T00:00:00.000Z', ...overrides }
}

const STATE: AppState = {
  app: 'shop',
  failures: 2,
  restarts: { [idOf('web')]: 'token-1' },
  lastGood: { revision: 'a'.repeat(40), at: '2026-01-01T00:00:00.000Z' },
  held: {
    revision: 'b'.repeat(40),
    reason: 'HealthCheckFailed',
    message: 'status 500',
    at: '2026-01-02T00:00:00.000Z',
    keepAt: 'last-good',
    members: [
      { id: idOf('web'), digest: 'd'.repeat(64) as Digest },
      { id: idOf('gone'), digest: null },
    ],
  },
}

/** What every store must do. `make` gives an empty one. */
export function storeConformance(make: () => Store | Promise<Store>): void {
  let store: Store
  beforeEach(async () => {
    store = await make()
  })
  afterEach(() => store.close())

  describe('the record', () => {
    it('is empty at first', () => {
      expect(store.record()).toEqual([])
    })

    it('gives back what was put, whole', () => {
      store.putRecorded([recordedOf('web'), recordedOf('db', { state: 'intended' })])
      expect(store.record()).toEqual([recordedOf('web'), recordedOf('db', { state: 'intended' })])
    })

    it('keeps the order in which things became ours, also when one of them is written again', () => {
      store.putRecorded([recordedOf('zeta'), recordedOf('alpha')])
      store.putRecorded([recordedOf('mid'), recordedOf('zeta', { state: 'retiring' })])
      expect(store.record().map(({ spec }) => (spec as { name: string }).name)).toEqual(['zeta', 'alpha', 'mid'])
      expect(store.record()[0]?.state).toBe('retiring')
    })

    it('moves a resource to another app without making it newer', () => {
      store.putRecorded([recordedOf('web'), recordedOf('db')])
      store.putRecorded([recordedOf('web', { app: 'other' })])
      expect(store.record().map(({ app }) => app)).toEqual(['other', 'shop'])
    })

    it('puts what was forgotten and comes again last', () => {
      store.putRecorded([recordedOf('web'), recordedOf('db')])
      store.forget([idOf('web')])
      expect(store.record()).toEqual([recordedOf('db')])
      store.putRecorded([recordedOf('web')])
      expect(store.record().map(({ id }) => id)).toEqual([idOf('db'), idOf('web')])
    })

    it('forgets what it never knew without complaint', () => {
      store.forget([idOf('stranger')])
      expect(store.record()).toEqual([])
    })

    it('is not changed through a value that was put or read', () => {
      const spec = { image: 'hello:1' }
      store.putRecorded([recordedOf('web', { spec })])
      spec.image = 'hello:2'
      const read = store.record()[0]?.spec as { image: string }
      read.image = 'hello:3'
      expect(store.record()[0]?.spec).toEqual({ image: 'hello:1' })
    })

    it('refuses a secret value in a spec, and keeps what it had', () => {
      store.putRecorded([recordedOf('web')])
      const leaking = recordedOf('web', { spec: { env: { PASSWORD: new Sensitive('hunter2') } } })
      expect(() => store.putRecorded([recordedOf('db'), leaking])).toThrow(/secret value.*PASSWORD/)
      expect(store.record()).toEqual([recordedOf('web')])
    })
  })

  describe('apps', () => {
    it('knows nothing of an app that it never saw, and does not list it', () => {
      expect(store.app('shop')).toEqual({ app: 'shop', failures: 0, restarts: {} })
      expect(store.apps()).toEqual([])
    })

    it('gives back the state that was put, without what is no longer in it', () => {
      store.putApp(STATE)
      expect(store.app('shop')).toEqual(STATE)
      const { held, ...released } = STATE
      store.putApp(released)
      expect(store.app('shop')).toEqual(released)
    })

    it('lists apps by name', () => {
      for (const app of ['shop', 'blog', 'mail']) store.putApp({ ...STATE, app })
      expect(store.apps().map(({ app }) => app)).toEqual(['blog', 'mail', 'shop'])
    })

    it('keeps the last good resources of each app apart, and replaces them whole', () => {
      expect(store.lastGood('shop')).toEqual([])
      store.setLastGood('shop', [wantedOf('web'), wantedOf('db')])
      store.setLastGood('blog', [wantedOf('blog', { app: 'blog' })])
      store.setLastGood('shop', [wantedOf('web')])
      expect(store.lastGood('shop')).toEqual([wantedOf('web')])
      expect(store.lastGood('blog')).toEqual([wantedOf('blog', { app: 'blog' })])
    })

    it('drops an app with its last good state, and leaves the record alone', () => {
      store.putApp(STATE)
      store.setLastGood('shop', [wantedOf('web')])
      store.putRecorded([recordedOf('web')])
      store.dropApp('shop')
      expect([store.apps(), store.lastGood('shop'), store.record().length]).toEqual([[], [], 1])
    })
  })

  describe('the fleet', () => {
    it('is blank at first', () => {
      expect(store.fleet()).toEqual({ targets: {}, confirmed: [], drift: {} })
    })

    it('gives back what was put', () => {
      const fleet: FleetState = {
        lastResolved: { commit: 'a'.repeat(40), tree: 'b'.repeat(40), at: '2026-01-01T00:00:00.000Z' },
        targets: { prod: 'cluster-1' },
        frozen: { reason: 'audit', by: 'ada', at: '2026-01-01T00:00:00.000Z' },
        confirmed: ['prune-share'],
        drift: {
          [idOf('web')]: { firstSeen: '2026-01-01T00:00:00.000Z', lastSeen: '2026-01-01T00:00:00.000Z', healed: [] },
        },
      }
      store.putFleet(fleet)
      expect(store.fleet()).toEqual(fleet)
    })
  })

  describe('the journal', () => {
    it('holds an intent open until it is closed', () => {
      const seq = store.addIntent(intentOf('web'))
      store.markIntent(seq, 'started', {})
      store.markIntent(seq, 'unknown', { reason: 'TargetUnreachable', message: 'no answer' })
      expect(store.openIntents()).toEqual([
        { ...intentOf('web'), seq, step: 'unknown', note: { reason: 'TargetUnreachable', message: 'no answer' } },
      ])
      store.markIntent(seq, 'applied', {}, '2026-01-01T00:01:00.000Z')
      expect(store.openIntents()).toEqual([])
    })

    it('lists open intents in the order of their writing, under growing numbers', () => {
      const seqs = ['c', 'a', 'b'].map((name) => store.addIntent(intentOf(name)))
      expect(seqs).toEqual([...seqs].sort((a, b) => a - b))
      expect(store.openIntents().map(({ id }) => id)).toEqual([idOf('c'), idOf('a'), idOf('b')])
    })

    it('says so when an intent is marked that was never written', () => {
      expect(() => store.markIntent(99, 'applied', {})).toThrow('no intent 99')
    })
  })

  describe('history', () => {
    const entry = (app: string, what: string) => ({
      at: '2026-01-01T00:00:00.000Z',
      app,
      revision: 'r',
      what,
      message: '',
    })

    it('is told newest first, up to the limit, for one app or all', () => {
      for (const what of ['one', 'two', 'three']) store.addHistory(entry('shop', what))
      store.addHistory({ ...entry('blog', 'four'), by: 'ada', detail: { steps: [1, 2] } })
      const told = (query: Parameters<Store['history']>[0]) => store.history(query).map(({ what }) => what)
      expect(told({ limit: 2 })).toEqual(['four', 'three'])
      expect(told({ limit: 2, app: 'shop' })).toEqual(['three', 'two'])
      expect(store.history({ limit: 1 })[0]).toMatchObject({ by: 'ada', detail: { steps: [1, 2] } })
    })

    it('forgets what was done before a time', () => {
      store.addHistory({ ...entry('shop', 'old'), at: '2025-12-31T00:00:00.000Z' })
      store.addHistory(entry('shop', 'new'))
      expect(store.dropHistory('2026-01-01T00:00:00.000Z')).toBe(1)
      expect(store.history({ limit: 9 }).map(({ what }) => what)).toEqual(['new'])
    })

    it('keeps a secret out of its details', () => {
      store.addHistory({ ...entry('shop', 'applied'), detail: { password: new Sensitive('hunter2') } })
      expect(store.history({ limit: 1 })[0]?.detail).toEqual({ password: '[REDACTED]' })
    })
  })

  describe('a shelf', () => {
    const at = (minute: number) => `2026-01-01T00:0${minute}:00.000Z`

    it('gives back what was put, oldest first, each shelf for itself', () => {
      const incidents = store.shelf<{ readonly n: number }>('incident')
      incidents.put('b', { n: 1 }, at(1))
      incidents.put('a', { n: 2 }, at(2))
      store.shelf<string>('audit').put('a', 'another', at(3))
      expect(incidents.all()).toEqual([
        { key: 'b', at: at(1), value: { n: 1 } },
        { key: 'a', at: at(2), value: { n: 2 } },
      ])
      expect(incidents.newest(1)).toEqual([{ key: 'a', at: at(2), value: { n: 2 } }])
      expect([incidents.get('a'), incidents.get('c'), incidents.count()]).toEqual([{ n: 2 }, undefined, 2])
    })

    it('what is put again keeps its place and its time', () => {
      const shelf = store.shelf<number>('sent')
      shelf.put('one', 1, at(1))
      shelf.put('two', 2, at(2))
      shelf.put('one', 3, at(3))
      expect(shelf.all().map(({ key, at, value }) => [key, at, value])).toEqual([
        ['one', at(1), 3],
        ['two', at(2), 2],
      ])
    })

    it('drops by key, and what is older than a time', () => {
      const shelf = store.shelf<number>('delivery')
      for (const n of [1, 2, 3]) shelf.put(`k${n}`, n, at(n))
      shelf.drop('k3')
      expect(shelf.dropBefore(at(2))).toBe(1)
      expect(shelf.all().map(({ key }) => key)).toEqual(['k2'])
    })

    it('keeps a secret out, and goes back with its transaction', () => {
      const shelf = store.shelf<unknown>('audit')
      shelf.put('k', { password: new Sensitive('hunter2') }, at(1))
      expect(shelf.get('k')).toEqual({ password: '[REDACTED]' })
      expect(() =>
        store.transaction(() => {
          shelf.put('k', 1, at(1))
          throw new Error('no')
        }),
      ).toThrow('no')
      expect(shelf.get('k')).toEqual({ password: '[REDACTED]' })
    })
  })

  describe('a transaction', () => {
    it('returns what its body returns, and is kept', () => {
      expect(store.transaction(() => store.addIntent(intentOf('web')))).toBe(store.openIntents()[0]?.seq)
    })

    it('undoes everything when its body throws', () => {
      store.putApp(STATE)
      const failing = () =>
        store.transaction(() => {
          store.putRecorded([recordedOf('web')])
          store.dropApp('shop')
          store.putFleet({ targets: { prod: 'x' }, confirmed: [], drift: {} })
          store.addIntent(intentOf('web'))
          throw new Error('stop')
        })
      expect(failing).toThrow('stop')
      expect([store.record(), store.openIntents(), store.fleet().targets]).toEqual([[], [], {}])
      expect(store.app('shop')).toEqual(STATE)
    })

    it('takes the writes of a nested one with it', () => {
      const failing = () =>
        store.transaction(() => {
          store.transaction(() => store.putRecorded([recordedOf('web')]))
          throw new Error('stop')
        })
      expect(failing).toThrow('stop')
      expect(store.record()).toEqual([])
    })

    it('keeps its own writes when a nested one fails and that is caught', () => {
      store.transaction(() => {
        store.putRecorded([recordedOf('web')])
        try {
          store.transaction(() => {
            store.putRecorded([recordedOf('db')])
            throw new Error('inner')
          })
        } catch {}
      })
      expect(store.record()).toEqual([recordedOf('web')])
    })

    it('refuses an asynchronous body, whose later writes would not be in it', () => {
      expect(() => store.transaction(async () => store.putRecorded([recordedOf('web')]))).toThrow()
      expect(store.record()).toEqual([])
    })
  })

  it('can be closed twice', () => {
    store.close()
    expect(() => store.close()).not.toThrow()
  })
}
