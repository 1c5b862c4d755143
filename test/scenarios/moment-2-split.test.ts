import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { plainPaint } from '../../src/report/paint.ts'
import { renderPlan } from '../../src/report/render-plan.ts'
import { standardImages } from '../lab/images.mjs'
import { type Lab, labPossible, requireLab } from '../lab/lab.mjs'
import { waitUntil } from '../lab/wait.mjs'
import { ask, createLiveFleet, type LiveFleet, type WrittenFile } from '../support/live-fleet.ts'

const DATA = '/var/lib/postgresql/data'

describe.skipIf(!labPossible())('moment 2: a pull request splits a stack', () => {
  let lab: Lab
  let fleet: LiveFleet

  beforeAll(async () => {
    const images = { ...standardImages, 'postgres:16': { env: { VERSION: '16' } } }
    lab = await requireLab({ nodes: ['worker', 'worker'], images })
    fleet = await createLiveFleet(lab, 'moment-2')
  })
  afterAll(async () => {
    await fleet?.dispose()
    await lab?.dispose()
  })

  const quick = { restart_policy: { delay: '500ms' }, update_config: { monitor: '1s' } }
  const web = (image: string) => ({ image: lab.registry.reference(image), stop_grace_period: '1s', deploy: quick })
  /** Writes a line into its data with every start. */
  const postgres = () => ({
    image: lab.registry.reference('postgres:16'),
    entrypoint: ['/bin/sh', '-c', `echo "row of $$(hostname)" >> ${DATA}/rows; exec /bin/app`],
    volumes: [`data:${DATA}`],
    stop_grace_period: '1s',
    deploy: { ...quick, placement: { constraints: ['node.hostname == node-3'] } },
  })
  const stack = (name: string, keeper: object = {}): WrittenFile => ({
    kind: 'Stack',
    name,
    compose: [`${name}.yaml`],
    keeper: { stableFor: '1s', bake: '0s', timeout: '40s', ...keeper },
  })
  const whole = (): Readonly<Record<string, WrittenFile>> => ({
    'apps/platform/stack.yaml': stack('platform'),
    'apps/platform/platform.yaml': stringify({
      services: { web: web('app:1'), postgres: postgres() },
      volumes: { data: {} },
    }),
  })
  const split = (keeper: object = {}): Readonly<Record<string, WrittenFile>> => ({
    'apps/platform/platform.yaml': stringify({ services: { web: web('app:2') } }),
    'apps/db/stack.yaml': stack('db', keeper),
    'apps/db/db.yaml': stringify({ services: { postgres: postgres() }, volumes: { data: {} } }),
  })

  const rows = (volume: string): string | undefined => {
    const node = lab.engines.find(({ name }) => name === 'node-3')
    const file = join(node?.volumeDir(volume) ?? '', 'rows')
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined
  }
  const services = async (): Promise<readonly string[]> => {
    const list: { Spec: { Name: string } }[] = await lab.engine.call('GET', '/services')
    return list.map(({ Spec }) => Spec.Name).sort()
  }
  const tasksOf = async (name: string): Promise<readonly string[]> =>
    (await lab.engine.tasks(name)).map(({ id }) => id).sort()
  const planned = async (): Promise<string> => renderPlan(await fleet.engine.plan(ask()), plainPaint).join('\n')
  let tasks: readonly string[]

  it('data was written by what runs, on node-3', async () => {
    expect((await fleet.ship('platform', whole())).outcome).toBe('proven')
    await waitUntil('data', async () => rows('platform_data') !== undefined)
    expect(rows('platform_data')?.split('\n')).toHaveLength(2)
    tasks = await tasksOf('platform_postgres')
  })

  it('the plan blocks: postgres would start EMPTY; its data stays in platform_data on node-3', async () => {
    await fleet.commit(split())
    const text = await planned()
    expect(text).toContain('postgres would start EMPTY; its data stays in platform_data on node-3')
    expect(text).toContain('{services: {postgres: platform/postgres}}')
  })

  it('merged all the same, nothing becomes of it: the old one runs on, the rest is applied', async () => {
    await fleet.apply()
    expect(await services()).toEqual(['platform_postgres', 'platform_web'])
    expect(await tasksOf('platform_postgres')).toEqual(tasks)
    const { Spec } = await lab.engine.call('GET', '/services/platform_web')
    expect(Spec.TaskTemplate.ContainerSpec.Image).toContain('app:2@')
    lab.counter.forget()
    expect(await fleet.reconcile('db')).toMatchObject({
      outcome: 'waiting',
      reason: 'DataChange',
      message: expect.stringContaining('postgres would start EMPTY; its data stays in platform_data on node-3'),
    })
    expect(lab.counter.writes()).toEqual([])
  })

  it('with `moved` it says 0 restarts, and so it is', async () => {
    await fleet.commit(split({ moved: { services: { postgres: 'platform/postgres' } } }))
    const text = await planned()
    expect(text).toContain('0 restarts')
    expect(text).not.toContain('EMPTY')
    const outcome = await fleet.apply()
    expect(outcome.apps.map(({ app, outcome: became }) => [app, became])).toEqual([
      ['db', 'proven'],
      ['platform', 'unchanged'],
    ])
    expect(await services()).toEqual(['platform_postgres', 'platform_web'])
    expect(await tasksOf('platform_postgres')).toEqual(tasks)
    expect(rows('platform_data')?.split('\n')).toHaveLength(2)
    expect(rows('db_data')).toBeUndefined()
    lab.counter.forget()
    await fleet.apply()
    expect(lab.counter.writes()).toEqual([])
  })

  it('and by the name of the volume the data is taken over, one after the other', async () => {
    await fleet.commit({
      'apps/db/stack.yaml': stack('db'),
      'apps/db/db.yaml': stringify({
        services: { postgres: postgres() },
        volumes: { data: { name: 'platform_data' } },
      }),
    })
    const outcome = await fleet.apply()
    expect(fleet.app(outcome, 'db').outcome).toBe('proven')
    expect(await services()).toEqual(['db_postgres', 'platform_web'])
    await waitUntil('the second start', async () => rows('platform_data')?.split('\n').length === 3)
  })
})
