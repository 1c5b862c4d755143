import { describe, expect, it } from 'vitest'
import type { Digest } from '../../../src/model/digest.ts'
import { makeId } from '../../../src/model/id.ts'
import type { TargetRecord } from '../../../src/model/target.ts'
import { labelsWithRecord, readRecord } from '../../../src/targets/swarm/record.ts'
import { ownerOf } from '../../../src/targets/swarm/stamp.ts'

const id = makeId({ target: 'prod', kind: 'Network', name: 'front' })
const record = (reason = 'TaskFailed'): TargetRecord => ({
  install: 'main',
  apps: {
    'team/web #1': {
      lastGood: { revision: 'abc', at: '2026-01-01T00:00:00Z' },
      held: { revision: 'def', reason, message: 'm', at: 't', keepAt: 'last-good', members: [{ id, digest: null }] },
    },
  },
  unstamped: { [id]: { app: 'team/web #1', digest: 'd1' as Digest } },
})

describe('the record in labels', () => {
  it('comes back as it was written', () => {
    expect(readRecord('main', labelsWithRecord(record(), {}))).toEqual(record())
    const withKey = { ...record(), key: '0123' }
    expect(readRecord('main', labelsWithRecord(withKey, {}))).toEqual(withKey)
  })

  it('is divided over labels where it is long, and put together again', () => {
    const long = record('x'.repeat(100_000))
    const labels = labelsWithRecord(long, {})
    expect(Math.max(...Object.values(labels).map((text) => text.length))).toBeLessThanOrEqual(30_000)
    expect(readRecord('main', labels)).toEqual(long)
  })

  it('leaves nothing of a longer one behind, and the labels of the lease alone', () => {
    const before = labelsWithRecord(record('x'.repeat(100_000)), { 'swarmkeeper.lease.holder': 'me' })
    const after = labelsWithRecord(record(), before)
    expect(readRecord('main', after)).toEqual(record())
    expect(Object.keys(after).filter((key) => key.includes('#'))).toEqual([])
    expect(after['swarmkeeper.lease.holder']).toBe('me')
  })

  it('does not grow beyond what a Swarm object holds', () => {
    expect(() => labelsWithRecord(record('x'.repeat(1_000_000)), {})).toThrow(/would be \d+ characters long/)
  })

  it('is none where only the lease is', () => {
    expect(readRecord('main', { 'swarmkeeper.lease.holder': 'me' })).toBeUndefined()
  })

  it('of another format, or edited by hand, is refused and not guessed', () => {
    expect(() => readRecord('main', { 'swarmkeeper.record': '2' })).toThrow(/its format is 2/)
    expect(() => readRecord('main', { 'swarmkeeper.record': '1', 'swarmkeeper.app.web': '{' })).toThrow(/not the JSON/)
  })
})

describe('whose a live object is', () => {
  const stamp = { 'swarmkeeper.install': 'main', 'swarmkeeper.app': 'web', 'swarmkeeper.digest': 'd0' }
  const owner = (labels: Record<string, string> | null, stampless = false, known = record()) =>
    ownerOf({ id, labels, stampless }, 'main', known)

  it('is told by its stamp', () => {
    expect(owner(stamp, false)).toEqual({ who: 'us', app: 'web', digest: 'd0' })
    expect(owner({ ...stamp, 'swarmkeeper.install': 'other' })).toEqual({ who: 'other', install: 'other' })
  })

  it('is told by the record where it carries none', () => {
    expect(owner(null)).toEqual({ who: 'us', app: 'team/web #1', digest: 'd1' })
    expect(owner({ some: 'label' }, true, { ...record(), unstamped: {} })).toEqual({ who: 'nobody' })
  })

  it('is told by the record first where the stamp can never be written again', () => {
    expect(owner(stamp, true)).toEqual({ who: 'us', app: 'team/web #1', digest: 'd1' })
    expect(owner(stamp, true, { ...record(), unstamped: {} })).toEqual({ who: 'us', app: 'web', digest: 'd0' })
  })
})
