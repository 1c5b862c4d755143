import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ImportReport } from '../../src/model/import.ts'
import { changesOf } from '../../src/model/plan.ts'
import { stacksOf } from '../conformance/stacks/folder.ts'
import { type Lab, labPossible, requireLab } from '../lab/lab.mjs'
import { type DeployedStacks, deployStacks } from '../support/deploy-stacks.ts'
import { dockerStackPossible } from '../support/docker-stack.ts'
import { importEverything, liveTasks, waitForRest } from '../support/import-world.ts'
import { ask, createLiveFleet, type LiveFleet } from '../support/live-fleet.ts'

const FOLDER = 'test/conformance/stacks/own'

/** Those that a Swarm of one Linux node can run side by side. */
const NAMES = [
  'configs',
  'deploy-empty-parts',
  'deploy-global',
  'env-file',
  'environment',
  'external-default-names',
  'jobs',
  'labels',
  'network-default',
  'networks',
  'ports-short',
  'restart-plain',
  'volumes-short',
]

describe.skipIf(!labPossible() || !dockerStackPossible())('import of stacks that the docker CLI deployed', () => {
  let lab: Lab
  let fleet: LiveFleet
  let stacks: DeployedStacks
  let report: ImportReport
  let atRest: ReadonlySet<string>

  beforeAll(async () => {
    lab = await requireLab()
    fleet = await createLiveFleet(lab, 'import-stacks')
    const cases = stacksOf(FOLDER, {}).filter(({ name }) => NAMES.includes(name.replace('.yml', '')))
    stacks = await deployStacks(lab, FOLDER, cases)
    atRest = await waitForRest(lab)
    lab.counter.forget()
    report = await importEverything(fleet)
  }, 180_000)
  afterAll(async () => {
    await fleet?.dispose()
    await lab?.dispose()
  })

  it('writes every one as a compose file that means what is live, and touches nothing', () => {
    expect([...stacks.refused.keys()]).toEqual([])
    expect({ notes: report.notes, leftOut: report.leftOut }).toEqual({ notes: [], leftOut: [] })
    expect(report.counts.stacks).toBe(NAMES.length)
    expect(report.files.filter(({ path }) => path.endsWith('/compose.yaml'))).toHaveLength(NAMES.length)
    expect(lab.counter.writes()).toEqual([])
  })

  it('names the content of configs beside them, and secrets without any', () => {
    const contents = report.files.filter(({ path }) => path.includes('/configs/')).map(({ path }) => path)
    expect(contents.length).toBeGreaterThan(3)
    const text = report.files.map(({ content }) => content).join('\n')
    expect(text).not.toContain('content of sec')
  })

  it('the first plan only adopts, and the apply runs no task anew', async () => {
    await fleet.commit(Object.fromEntries(report.files.map(({ path, content }) => [path, content])))
    const before = await liveTasks(lab, atRest)
    const plan = await fleet.engine.plan(ask())
    expect(plan.problems.filter(({ severity }) => severity === 'error')).toEqual([])
    const changes = plan.apps.flatMap((app) => changesOf(app.plan))
    expect(changes.filter(({ action }) => action !== 'adopt')).toEqual([])
    const held = plan.apps.flatMap((app) => app.plan.held).filter(({ id }) => atRest.has(id.split('/').at(-1) ?? ''))
    expect(held).toEqual([])
    await fleet.apply()
    expect(await liveTasks(lab, atRest)).toEqual(before)
  })

  it('the second plan is empty, but for what came to rest since', async () => {
    const plan = await fleet.engine.plan(ask())
    const changes = plan.apps.flatMap((app) => changesOf(app.plan))
    const late = changes.filter(({ action, id }) => action === 'adopt' && !atRest.has(id.split('/').at(-1) ?? ''))
    expect(changes.filter((change) => !late.includes(change))).toEqual([])
  })

  it('finds nothing more, but for what was not at rest', async () => {
    const again = await importEverything(fleet)
    // More may have come to rest since, and was adopted as well.
    expect(again.counts.services).toBeLessThanOrEqual(report.counts.services - atRest.size)
    expect(again.counts.networks).toBe(0)
  })
})
