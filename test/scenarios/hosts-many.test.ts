import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Crowd, startCrowd } from '../lab/crowd.mjs'
import { hostsPossible } from '../lab/hosts.mjs'
import { createHostFleet } from '../support/host-fleet.ts'
import type { LiveFleet, WrittenDocument } from '../support/live-fleet.ts'

const HOSTS = 100
const FILES = process.env.SWARMKEEPER_TEST_FULL ? 20 : 1
const MOST_MS = 5_000

const everywhere = { hosts: { role: 'worker' }, keeper: { stableFor: '0s', bake: '0s', timeout: '170s' } }
const documents: readonly WrittenDocument[] = Array.from({ length: FILES }, (_, at) => ({
  kind: 'File',
  name: `conf-${at}`,
  path: `/etc/web-${at}.env`,
  env: { NUMBER: `${at}` },
  ...everywhere,
}))

describe.skipIf(!hostsPossible())('a hundred hosts', () => {
  let crowd: Crowd
  let fleet: LiveFleet
  beforeAll(async () => {
    crowd = await startCrowd({ count: HOSTS })
    fleet = await createHostFleet(crowd, 'hosts-many')
    await fleet.commit({ 'apps/web/web.yaml': documents })
    expect(await fleet.reconcile('web')).toMatchObject({ outcome: 'proven' })
  })
  afterAll(async () => {
    await fleet?.dispose()
    await crowd?.dispose()
  })
  const sessions = () => crowd.all.map((one) => one.sessions())
  const tick = async () => {
    const [began, before] = [performance.now(), sessions()]
    const { outcome } = await fleet.reconcile('web')
    const took = performance.now() - began
    return { outcome, took, opened: sessions().map((count, at) => count - (before[at] ?? 0)) }
  }

  it(`take an idle tick of less than ${MOST_MS / 1000} s, and one channel each, as their sshd count them`, async () => {
    const ticks = [await tick()]
    // others may use this machine meanwhile: the best of some is what it takes
    while (ticks.length < 5 && ticks.every(({ took }) => took >= MOST_MS)) ticks.push(await tick())
    for (const { outcome, opened } of ticks) {
      expect(outcome).toBe('unchanged')
      expect(opened).toEqual(crowd.all.map(() => 1))
    }
    const best = Math.min(...ticks.map(({ took }) => took))
    console.error(`an idle tick of ${HOSTS} hosts: ${(best / 1000).toFixed(2)} s`)
    expect(best).toBeLessThan(MOST_MS)
  })

  it('are not kept waiting by one that is gone', async () => {
    const [gone, ...others] = crowd.all
    await gone?.powerOff()
    const before = sessions()
    const { message } = await fleet.reconcile('web')
    expect(message).toContain(`deploy@${gone?.address}:22: `)
    expect(others.map((one, at) => one.sessions() - (before[at + 1] ?? 0))).toEqual(others.map(() => 1))
  })
})
