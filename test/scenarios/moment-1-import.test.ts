import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { changesOf } from '../../src/model/plan.ts'
import { readRecord, stacksOf } from '../conformance/stacks/folder.ts'
import { type Lab, labPossible, requireLab } from '../lab/lab.mjs'
import { type BuiltProgram, buildProgram, type Ended } from '../support/built-program.ts'
import { type DeployedStacks, deployStacks } from '../support/deploy-stacks.ts'
import { dockerStackPossible } from '../support/docker-stack.ts'
import { liveTasks, waitForRest } from '../support/import-world.ts'
import { ask, createLiveFleet, type LiveFleet } from '../support/live-fleet.ts'

const CORPUS = process.env.SWARMKEEPER_CORPUS ?? '../shared/data'
const OWN = 'test/conformance/stacks/own'
/** Stacks that people deploy, where they are at hand; else our own. */
const [FOLDER, EXPECTED] = existsSync(`${CORPUS}/stacks`)
  ? [`${CORPUS}/stacks`, `${CORPUS}/stacks.expected`]
  : [OWN, `${OWN}.expected`]
const cases = stacksOf(FOLDER, {}).filter(({ name }) => readRecord(EXPECTED, name)?.accepted)

describe.skipIf(!labPossible() || !dockerStackPossible())('moment 1: import of a live Swarm of many stacks', () => {
  let lab: Lab
  let fleet: LiveFleet
  let program: BuiltProgram
  let stacks: DeployedStacks
  let atRest: ReadonlySet<string>
  let before: Readonly<Record<string, string[]>>
  let imported: Ended
  let folder: string

  let told: readonly string[] = []

  beforeAll(async () => {
    program = buildProgram()
    lab = await requireLab({ nodes: ['worker'] })
    fleet = await createLiveFleet(lab, 'moment-1')
    stacks = await deployStacks(lab, FOLDER, cases)
    atRest = await waitForRest(lab)
    expect(atRest.size).toBeGreaterThan(40)
    before = await liveTasks(lab, atRest)
    folder = join(fleet.directory, 'fleet')
    mkdirSync(folder)
    lab.counter.forget()
    const words = ['import', 'swarm', 'prod', '--out', folder, '--endpoint', lab.dockerHost]
    imported = await program.start(['--config', fleet.settingsFile, ...words]).ended
  }, 600_000)
  afterAll(async () => {
    await fleet?.dispose()
    await lab?.dispose()
    program?.remove()
  })

  it('says 0 restarts, and lists real hazards', () => {
    expect(imported).toMatchObject({ code: 0, err: '' })
    expect(imported.out).toContain('first plan: only adopts, 0 restarts')
    expect(stacks.deployed.length).toBeGreaterThan(20)
    const [, count] = /^(\d+) stacks, \d+ services/m.exec(imported.out) ?? []
    // What the CLI gave up in the middle of is live, too.
    expect(Number(count)).toBeGreaterThanOrEqual(stacks.deployed.length)
    expect(imported.out).toMatch(
      /nothing keeps it on the node of its volume .*; its data is on .*=> add the constraint/,
    )
    expect(imported.out).toContain('no health check')
    expect(imported.out).not.toContain('not imported:')
    expect(lab.counter.writes()).toEqual([])
  })

  it('the first plan adopts, and nothing else; the same tasks run after it', async () => {
    const paths = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    const texts = paths.map((entry) => join(entry.parentPath, entry.name))
    await fleet.commit(
      Object.fromEntries(texts.map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')])),
    )
    const plan = await fleet.engine.plan(ask())
    expect(plan.problems.filter(({ severity }) => severity === 'error')).toEqual([])
    const changes = plan.apps.flatMap((app) => changesOf(app.plan))
    expect(changes.filter(({ action }) => action !== 'adopt')).toEqual([])
    const services = changes.filter(({ id }) => id.startsWith('prod/Service/')).map(({ id }) => id.slice(13))
    expect([...atRest].filter((name) => !services.includes(name))).toEqual([])
    const { apps } = await fleet.apply()
    told = apps.flatMap(({ app, outcome, message }) => (message ? [`${app}: ${outcome}: ${message}`] : []))
    expect(await liveTasks(lab, atRest)).toEqual(before)
  }, 120_000)

  it('the second plan is empty', async () => {
    const plan = await fleet.engine.plan(ask())
    const left = plan.apps.flatMap((app) => [...changesOf(app.plan), ...app.plan.held]).map(({ id }) => id.slice(13))
    // What the apply said comes with it: it is the reason for whatever is left.
    expect({ left: left.filter((name) => atRest.has(name)), told }).toEqual({ left: [], told })
  })
})
