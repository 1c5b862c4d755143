import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FleetOutcome } from '../../src/model/outcome.ts'
import { type Lab, labPossible, requireLab } from '../lab/lab.mjs'
import { createDocuments } from '../support/documents.ts'
import { createLiveFleet, type LiveFleet, type WrittenDocument } from '../support/live-fleet.ts'

/** What each app declares at first, and in the revision that fails. */
type Apps = Readonly<
  Record<string, { readonly good?: readonly WrittenDocument[]; readonly bad: readonly WrittenDocument[] }>
>

function appsOf(lab: Lab): Apps {
  const { service, job } = createDocuments(lab)
  const migrate = (image: string, name: string, fields: object = {}) =>
    job(`${name}-migrate`, image, { ...fields, service: { mounts: [`${name}-runs:/var/runs`] } })
  const reserve = (cpus: number) => ({ resources: { reservations: { cpus } } })
  const data = { mounts: ['data:/data'] }
  return {
    'no-node': {
      good: [service('no-node', 'app:1')],
      bad: [service('no-node', 'app:1', { constraints: ['node.labels.disk == ssd'] })],
    },
    'no-room': {
      good: [service('hog', 'app:1', reserve(1.5)), service('no-room', 'app:1')],
      bad: [
        service('hog', 'app:1', reserve(1.5)),
        service('no-room', 'app:1', { ...reserve(1), keeper: { timeout: '6s' } }),
      ],
    },
    'by-swarm': {
      good: [service('by-swarm', 'app:1', { update: { monitor: '2s', failureAction: 'rollback' } })],
      bad: [service('by-swarm', 'app:crash', { update: { monitor: '2s', failureAction: 'rollback' } })],
    },
    'job-fails': {
      good: [migrate('job:1', 'job-fails'), service('job-fails', 'app:1')],
      bad: [migrate('job:fail', 'job-fails'), service('job-fails', 'app:2')],
    },
    irreversible: {
      good: [migrate('job:1', 'irreversible', { irreversible: true }), service('irreversible', 'app:1')],
      bad: [migrate('job:2', 'irreversible', { irreversible: true }), service('irreversible', 'app:crash')],
    },
    data: { good: [service('data', 'app:1', data)], bad: [service('data', 'app:crash', data)] },
    'data-all-the-same': {
      good: [service('data-2', 'app:1', data)],
      bad: [service('data-2', 'app:crash', { ...data, keeper: { rollback: 'app' } })],
    },
    first: { bad: [service('first', 'app:crash')] },
    'first-removed': { bad: [service('first-removed', 'app:crash', { keeper: { onFirstFailure: 'remove' } })] },
  }
}

describe.skipIf(!labPossible())('rule 17: what a failure means, on a real Swarm', () => {
  let lab: Lab
  let fleet: LiveFleet
  let outcome: FleetOutcome

  beforeAll(async () => {
    lab = await requireLab()
    fleet = await createLiveFleet(lab, 'failures', { settings: 'parallelApps: 9', fleet: { maxFailedApps: 99 } })
    const apps = Object.entries(appsOf(lab))
    await fleet.commit(
      Object.fromEntries(apps.flatMap(([app, { good }]) => (good ? [[`apps/${app}/all.yaml`, good]] : []))),
    )
    const first = await fleet.apply()
    expect(new Set(first.apps.map((one) => one.outcome))).toEqual(new Set(['proven']))
    lab.counter.forget()
    await fleet.commit(Object.fromEntries(apps.map(([app, { bad }]) => [`apps/${app}/all.yaml`, bad])))
    outcome = await fleet.apply()
  })
  afterAll(async () => {
    await fleet?.dispose()
    await lab?.dispose()
  })

  const of = (app: string) => fleet.app(outcome, app)
  const live = (name: string) => lab.engine.call('GET', `/services/${name}`)
  const imageOf = async (name: string): Promise<string> => (await live(name)).Spec.TaskTemplate.ContainerSpec.Image
  const runsOf = (name: string): string => readFileSync(join(lab.engine.volumeDir(`${name}-runs`), 'log'), 'utf8')
  const isRunning = async (name: string): Promise<boolean> =>
    (await lab.engine.tasks(name)).some(({ state, desired }) => state === 'running' && desired === 'running')

  it('before the first write (no node can run it): nothing is written, nothing is held, it is tried again', async () => {
    expect(of('no-node')).toMatchObject({
      outcome: 'failed',
      reason: 'Unschedulable',
      message: expect.stringContaining('no node can run it: node-1 (does not match node.labels.disk == ssd)'),
    })
    expect(lab.counter.matching('POST', `/services/${(await live('no-node')).ID}/update`)).toEqual([])
    expect(await isRunning('no-node')).toBe(true)
  })

  it('no room for it now: our own deadline ends it, and the old one runs again (swarm.md 6)', async () => {
    expect(of('no-room')).toMatchObject({
      outcome: 'rolled-back',
      reason: 'ProgressDeadlineExceeded',
      message: expect.stringMatching(/^prod\/Service\/no-room: not proven after 6 s: .*insufficient resources/),
    })
    expect(await isRunning('no-room')).toBe(true)
  })

  it('what Swarm rolls back by itself is a failed apply, held back (swarm.md 4)', async () => {
    expect(of('by-swarm')).toMatchObject({ outcome: 'rolled-back', reason: 'RolledBackBySwarm' })
    expect(await imageOf('by-swarm')).toContain('app:1@')
    lab.counter.forget()
    expect(await fleet.reconcile('by-swarm')).toMatchObject({ outcome: 'held-back' })
    expect(lab.counter.writes()).toEqual([])
  })

  it('a job that fails before the rest: the rest is not touched, the job does not run backwards', async () => {
    expect(of('job-fails')).toMatchObject({ outcome: 'rolled-back', reason: 'JobFailed' })
    expect(of('job-fails').diagnosis.join('\n')).toMatch(/non-zero exit \(3\)/)
    expect(await imageOf('job-fails')).toContain('app:1@')
    expect(runsOf('job-fails')).toBe('1\nfail\n')
    await fleet.reconcile('job-fails')
    expect(runsOf('job-fails')).toBe('1\nfail\n')
  })

  it('past an irreversible job: it stays, and calls for a person', async () => {
    expect(of('irreversible')).toMatchObject({
      outcome: 'held-back',
      todo: expect.stringMatching(/irreversible, and it ran.*retry irreversible/),
    })
    expect(await imageOf('irreversible')).toContain('app:crash@')
    expect(runsOf('irreversible')).toBe('1\n2\n')
  })

  it('a new image on data: it stays, for the old program may not read the new data', async () => {
    expect(of('data')).toMatchObject({ outcome: 'held-back', todo: expect.stringContaining('a writable volume') })
    expect(await imageOf('data')).toContain('app:crash@')
  })

  it('a new image on data with `rollback: app`: it goes back', async () => {
    expect(of('data-all-the-same')).toMatchObject({ outcome: 'rolled-back' })
    expect(await imageOf('data-2')).toContain('app:1@')
  })

  it('a first deploy: it stays for inspection, with its log', async () => {
    expect(of('first')).toMatchObject({ outcome: 'held-back', reason: 'TaskFailed' })
    expect(of('first').diagnosis.join('\n')).toContain('fatal: cannot open the database')
    expect(await imageOf('first')).toContain('app:crash@')
  })

  it('a first deploy with `onFirstFailure: remove`: it is gone', async () => {
    expect(of('first-removed')).toMatchObject({ outcome: 'rolled-back', todo: expect.stringContaining('was removed') })
    expect((await lab.engine.request('GET', '/services/first-removed')).status).toBe(404)
  })

  it('the next run changes none of them', async () => {
    lab.counter.forget()
    const next = await fleet.apply()
    expect(next.apps.filter(({ app }) => app !== 'no-node').map((one) => one.outcome)).toEqual(
      Array.from({ length: 8 }, () => 'held-back'),
    )
    expect(lab.counter.writes()).toEqual([])
  })
})
