import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Wanted } from '../../src/model/resource.ts'
import { type Lab, labPossible, requireLab } from '../lab/lab.mjs'
import { waitUntil } from '../lab/wait.mjs'
import { adopt, create, move, prune, update } from '../support/changes.ts'
import {
  actionsOf,
  createSwarmWorld,
  type SwarmWorld,
  type WantedOptions,
  wantedOf,
} from '../targets/swarm/swarm-world.ts'

describe.skipIf(!labPossible())('updates on a real Swarm', () => {
  let lab: Lab
  let world: SwarmWorld
  const made: Wanted[] = []
  beforeAll(async () => {
    lab = await requireLab()
  })
  beforeEach(async () => {
    for (const wanted of made.splice(0)) await world.apply(prune(wanted))
    world = createSwarmWorld({ endpoint: lab.dockerHost })
    lab.counter.forget()
  })
  afterAll(() => lab?.dispose())

  const service = (name: string, fields: object = {}, options?: WantedOptions): Wanted => {
    const image = lab.registry.reference('app:1')
    const quick = { restart: { delay: '0s' }, stopGracePeriod: '1s', update: { monitor: '1s', ...update1(fields) } }
    const wanted = wantedOf({ kind: 'Service', name, image, resolve: 'never', ...quick, ...without(fields) }, options)
    if (!made.some(({ id }) => id === wanted.id)) made.push(wanted)
    return wanted
  }
  const update1 = (fields: { update?: object }): object => fields.update ?? {}
  const without = ({ update: _, ...fields }: { update?: object }): object => fields
  const running = async (wanted: Wanted): Promise<Wanted> => {
    await world.reconcile([wanted])
    await world.until(wanted, ({ health }) => health.status === 'healthy')
    return wanted
  }
  const inspect = (name: string) => lab.engine.call('GET', `/services/${name}`)
  const byHand = async (name: string, change: (spec: Record<string, unknown> & { Labels: object }) => object) => {
    const live = await inspect(name)
    const body = change(live.Spec)
    await lab.engine.call('POST', `/services/${live.ID}/update?version=${live.Version.Index}`, { body })
  }
  const taskIds = async (name: string) =>
    (await lab.engine.tasks(name)).filter(({ state }) => state === 'running').map(({ id }) => id)
  const crashing = (action: string) => ({
    image: lab.registry.reference('app:crash'),
    update: { monitor: '2s', failureAction: action },
  })

  it('swarm.md 3: nothing is sent when nothing differs, so Swarm keeps what it could go back to', async () => {
    const web = await running(service('quiet', { labels: { a: '1' } }))
    await running({ ...web, ...service('quiet', { labels: { a: '2' } }) })
    const before = await inspect('quiet')
    lab.counter.forget()
    await world.reconcile([service('quiet', { labels: { a: '2' } })])
    expect(lab.counter.writes()).toEqual([])
    expect((await inspect('quiet')).PreviousSpec).toEqual(before.PreviousSpec)
  })

  it('swarm.md 3: a paused service is not stamped, for any update would clear the pause', async () => {
    await running(service('paused'))
    const broken = service('paused', crashing('pause'))
    await world.apply(update(broken))
    await world.until(broken, ({ health }) => health.message?.startsWith('update paused') === true)
    lab.counter.forget()
    const moved = await world.apply(move({ ...broken, app: 'other' }, 'web'))
    expect(moved.at(-1)).toMatchObject({
      step: 'applied',
      note: { message: 'recorded; it is stamped when it is at rest' },
    })
    expect(lab.counter.writes()).toEqual([])
    expect((await inspect('paused')).UpdateStatus.State).toBe('paused')
  })

  it('swarm.md 4: what Swarm rolled back by itself is a failed apply', async () => {
    await running(service('reverted', { labels: { release: 'one' } }))
    const broken = service('reverted', { labels: { release: 'two' }, ...crashing('rollback') })
    await world.apply(update(broken))
    const seen = await world.until(
      broken,
      ({ health }) => health.status === 'healthy' && health.revertedByTarget === true,
    )
    expect(seen.health.message).toMatch(/^Swarm rolled the update back: rollback completed; now 1\/1 running$/)
    expect((await inspect('reverted')).Spec.Labels.release).toBe('one') // swarm.md 5: labels revert too
  })

  it('swarm.md 4: a create that crash-loops has no update status; its tasks tell', async () => {
    const crash = service('loop', { image: lab.registry.reference('app:crash') })
    await world.apply(create(crash))
    await world.until(crash, ({ health }) => health.status === 'degraded')
    expect((await inspect('loop')).UpdateStatus).toBeUndefined()
  })

  it('swarm.md 5: a paused update is degraded, with the reason of its tasks at hand', async () => {
    await running(service('stuck'))
    const broken = service('stuck', crashing('pause'))
    await world.apply(update(broken))
    const { health } = await world.until(broken, (seen) => seen.health.status === 'degraded')
    expect(health.message).toMatch(/update paused|failed \d times: task: non-zero exit \(1\)/)
    const told = await world.target.diagnose(broken.id, { signal: new AbortController().signal })
    expect(told.join('\n')).toContain('fatal: cannot open the database')
  })

  it('swarm.md 6: an update that no node can run stays progressing, and says why', async () => {
    await running(service('homeless'))
    const nowhere = service('homeless', { constraints: ['node.labels.disk == ssd'] })
    await world.apply(update(nowhere))
    const { health } = await world.until(nowhere, (seen) => seen.health.message?.includes('no suitable node') === true)
    expect(health.status).toBe('progressing')
  })

  it('swarm.md 7: running counts as healthy only once the health check of the image says so', async () => {
    const sick = service('sick', { image: lab.registry.reference('web:sick') })
    await world.apply(create(sick))
    const { health } = await world.until(sick, (seen) => seen.health.status !== 'progressing')
    expect(health).toMatchObject({ status: 'degraded', message: expect.stringContaining('unhealthy') })
  })

  it('swarm.md 8: a service that changed meanwhile is not overwritten, but observed and planned again', async () => {
    await running(service('raced'))
    const next = service('raced', { env: { A: '1' } })
    await world.observe(next)
    await byHand('raced', (spec) => ({ ...spec, Labels: { ...spec.Labels, theirs: 'kept' } }))
    const [, mark] = await world.apply(update(next))
    expect(mark).toMatchObject({ step: 'failed', note: { reason: 'VersionConflict' } })
    expect(actionsOf(await world.reconcile([next]))).toEqual(['update Service/raced'])
    expect((await inspect('raced')).Spec.Labels.theirs).toBe('kept')
  })

  it('swarm.md 9: a forced update by hand is no drift, and our updates keep its counter', async () => {
    const web = await running(service('forced'))
    await byHand('forced', (spec) => {
      const template = spec.TaskTemplate as { ForceUpdate: number }
      return { ...spec, TaskTemplate: { ...template, ForceUpdate: 7 } }
    })
    expect(actionsOf(await world.reconcile([web]))).toEqual([])
    await world.until(web, ({ health }) => health.status === 'healthy')
    await running(service('forced', { env: { A: '1' } }))
    expect((await inspect('forced')).Spec.TaskTemplate.ForceUpdate).toBe(7)
  })

  it('swarm.md 10: labels of the service, replicas and update settings restart nothing; container labels do', async () => {
    const web = await running(service('calm'))
    const before = await taskIds('calm')
    await running(service('calm', { labels: { a: '1' }, replicas: 2, update: { parallelism: 3 } }))
    const scaled = await taskIds('calm')
    expect(scaled).toEqual(expect.arrayContaining(before))
    await world.apply(adopt({ ...web, app: 'other' }))
    expect((await taskIds('calm')).sort()).toEqual(scaled.sort())
    await running(service('calm', { containerLabels: { a: '1' }, replicas: 2 }))
    expect((await taskIds('calm')).some((id) => scaled.includes(id))).toBe(false)
  })

  it('swarm.md 11: replicas that we do not manage stay as somebody scaled them', async () => {
    await running(service('scaled', { replicas: 'unmanaged' }))
    await byHand('scaled', (spec) => ({ ...spec, Mode: { Replicated: { Replicas: 3 } } }))
    const next = service('scaled', { replicas: 'unmanaged', labels: { a: '1' } })
    expect(actionsOf(await world.reconcile([next]))).toEqual(['update Service/scaled'])
    expect((await inspect('scaled')).Spec.Mode).toEqual({ Replicated: { Replicas: 3 } })
  })

  it('swarm.md 12: a rich service comes back from the engine without a difference', async () => {
    const rich = await running(
      service('rich', {
        env: { B: '2', A: '1' },
        mounts: ['/tmp:/host:ro', { type: 'tmpfs', target: '/scratch', size: '16MiB' }],
        resources: { limits: { cpus: 0.5, memory: '64MiB' }, reservations: { memory: '16MiB' } },
        healthcheck: { test: ['CMD', 'true'], interval: '1s', retries: 3 },
        labels: { z: '1', a: '2' },
        constraints: ['node.role == manager'],
        hosts: { db: '10.0.0.1' },
        logging: { driver: 'json-file', options: { 'max-size': '1m' } },
      }),
    )
    expect(actionsOf(await world.reconcile([rich]))).toEqual([])
  })

  it('swarm.md 16: a change of mode is a replacement, and the old tasks are gone before the new service comes', async () => {
    await running(service('mode'))
    const before = (await inspect('mode')).ID
    const global = service('mode', { mode: 'global' })
    expect(actionsOf(await world.reconcile([global]))).toEqual(['replace Service/mode'])
    await world.until(global, ({ health }) => health.status === 'healthy')
    expect((await inspect('mode')).ID).not.toBe(before)
  })

  it('swarm.md 16: a port moves from one service to another in one plan', async () => {
    const port = { target: 8080, published: 18090, mode: 'ingress' }
    await running(service('holder', { ports: [port] }))
    const taker = service('taker', { ports: [port] })
    const plan = await world.reconcile([taker])
    expect(actionsOf(plan)).toEqual(['replace Service/taker'])
    await world.until(taker, ({ health }) => health.status === 'healthy')
    await expect(inspect('holder')).rejects.toThrow('404')
  })

  it('rule 14: an answer that is lost leaves the step unknown, and the next attempt takes what is there', async () => {
    const web = service('lost')
    await world.observe(web)
    lab.counter.inject({ method: 'POST', path: '/services/create', times: 1, drop: 'after' })
    expect((await world.apply(create(web))).at(-1)).toMatchObject({ step: 'unknown' })
    await waitUntil(
      'the service to be there',
      async () => (await lab.engine.request('GET', '/services/lost')).status === 200,
    )
    expect((await world.apply(create(web))).at(-1)).toMatchObject({ step: 'applied' })
    expect((await lab.engine.tasks('lost')).length).toBe(1)
  })

  it("rule 10: what is somebody else's is neither created over nor removed", async () => {
    const theirs = createSwarmWorld({ endpoint: lab.dockerHost, install: 'theirs' })
    const web = service('theirs')
    await theirs.apply(create(web))
    await world.observe(web)
    for (const change of [create(web), update(web), adopt(web), prune(web)]) {
      expect((await world.apply(change)).at(-1)).toMatchObject({ step: 'failed', note: { reason: 'Conflict' } })
    }
    await theirs.apply(prune(web))
  })
})
