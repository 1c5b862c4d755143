import { expect, it } from 'vitest'
import { runningNow } from '../../src/announce/running-now.ts'
import type { Digest } from '../../src/model/digest.ts'
import { makeId } from '../../src/model/id.ts'
import { defaultHandling, type Recorded } from '../../src/model/resource.ts'
import { createMemoryStore } from '../../src/store/memory.ts'

const recorded = (kind: string, name: string, rest: Partial<Recorded>): Recorded => ({
  id: makeId({ target: 'prod', kind, name }),
  kind,
  spec: {},
  digest: 'd' as Digest,
  app: 'web',
  handling: defaultHandling,
  format: 1,
  state: 'owned',
  ...rest,
})

it('what runs now is what the record owns, by the digests of its images; a job in the past does not run', () => {
  const store = createMemoryStore()
  const digest = `sha256:${'a'.repeat(64)}`
  store.putRecorded([
    recorded('Service', 'web', { spec: { image: 'web:1', pin: { digest } } }),
    recorded('Service', 'db', { spec: { image: `db@${digest}` } }),
    recorded('Service', 'gone', { spec: { image: 'gone:1' }, state: 'retiring' }),
    recorded('Service', 'other', { spec: { image: 'other:1' }, app: 'api' }),
    recorded('Job', 'migrate', { spec: { service: { image: 'web:1' } } }),
  ])
  store.putApp({ ...store.app('web'), lastGood: { revision: 'f'.repeat(40), at: '2026-01-01T00:00:00.000Z' } })
  const images = [`web: web:1@${digest}`, `db: db@${digest}`]
  expect(runningNow('web', 'rolled-back', store)).toEqual({ revision: 'f'.repeat(40), images })
  // Left for a person to look at: of no single revision.
  expect(runningNow('web', 'held-back', store)).toEqual({ images })
})
