import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, labPossible, requireLab } from '../lab/lab.mjs'
import { createDocuments } from '../support/documents.ts'
import { createLiveDaemon, type LiveDaemon } from '../support/live-daemon.ts'

const APPS = 200

describe.skipIf(!labPossible())('a revision that touches 200 apps', () => {
  let lab: Lab
  let daemon: LiveDaemon

  beforeAll(async () => {
    lab = await requireLab()
    daemon = await createLiveDaemon(lab, 'many')
  })
  afterAll(async () => {
    await daemon?.dispose()
    await lab?.dispose()
  })

  it('stops after three failures, within the limits of GitHub, and says so', async () => {
    const { service } = createDocuments(lab)
    const files = Array.from({ length: APPS }, (_, index) => [
      `apps/app-${index}/service.yaml`,
      service(`service-${index}`, 'app:crash', { keeper: { timeout: '10s' } }),
    ])
    const sha = await daemon.fleet.commit(Object.fromEntries(files))
    await daemon.start()
    await expect
      .poll(() => daemon.statuses(sha).apply, { timeout: 120_000, interval: 100 })
      .toMatch(/^failure: 3 apps held back \(.*\), 197 apps waiting$/)
    // With more than ten apps only one context tells of all of them.
    expect(Object.keys(daemon.statuses(sha))).toEqual(['apply'])
    expect(await lab.engine.call('GET', '/services')).toHaveLength(3)
    expect(daemon.github.requests.length).toBeLessThan(50)
    expect(daemon.github.limits).toMatchObject({ refusals: 0, ignored: 0 })
    expect(daemon.discord.messages.size).toBeLessThan(10)
  })
})
