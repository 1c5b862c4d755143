import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Crowd, startCrowd } from '../lab/crowd.mjs'
import { hostsPossible } from '../lab/hosts.mjs'
import { createHostFleet } from '../support/host-fleet.ts'

import type { LiveFleet, WrittenDocument } from '../support/live-fleet.ts'

const HOSTS = 100
const keeper = { stableFor: '0s', bake: '0s', timeout: '120s' }
const everywhere = { hosts: { role: 'worker' }, keeper }
const files = (revision: number): readonly WrittenDocument[] =>
  Array.from({ length: 8 }, (_, at) => ({
    kind: 'File',
    name: `conf-${at}`,
    path: `/etc/web/${at}.env`,
    env: { NUMBER: `${at}`, REVISION: at === 0 ? `${revision}` : '1' },
    ...everywhere,
  }))
const documents = (revision: number): readonly WrittenDocument[] => [
  { kind: 'Group', name: 'web', ...everywhere },
  { kind: 'Directory', name: 'etc-web', path: '/etc/web', mode: '0755', ...everywhere },
  ...files(revision),
]

describe.skipIf(!hostsPossible())('a hundred hosts', () => {
  let crowd: Crowd
  let fleet: LiveFleet
  beforeAll(async () => {
    const began = performance.now()
    crowd = await startCrowd({ count: HOSTS })
    console.error(`crowd: ${(performance.now() - began).toFixed(0)} ms`)
    fleet = await createHostFleet(crowd, 'hosts-many')
    await fleet.commit({ 'apps/web/web.yaml': documents(1) })
  })
  afterAll(async () => {
    await fleet?.dispose()
    await crowd?.dispose()
  })
  const sessions = () => crowd.all.map((one) => one.sessions())
  const timed = async <T>(what: string, body: () => Promise<T>): Promise<readonly [T, number]> => {
    const [began, cpu] = [performance.now(), process.cpuUsage()]
    const done = await body()
    const took = performance.now() - began
    const { user, system } = process.cpuUsage(cpu)
    console.error(`${what}: ${took.toFixed(0)} ms, of them ${((user + system) / 1000).toFixed(0)} ms ours`)
    return [done, took]
  }

  it('are all brought to what is declared', async () => {
    const [outcome] = await timed('first apply', () => fleet.reconcile('web'))
    expect(outcome).toMatchObject({ outcome: 'proven' })
  })

  it('take an idle tick of less than five seconds, and one channel each', async () => {
    await timed('warm-up', () => fleet.apply())
    const before = sessions()
    const [outcome, took] = await timed('idle tick', () => fleet.reconcile('web'))
    expect(outcome).toMatchObject({ outcome: 'unchanged' })
    expect(took).toBeLessThan(5_000)
    const after = sessions()
    expect(after.map((count, at) => count - (before[at] ?? 0))).toEqual(before.map(() => 1))
  })
})
