import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Wanted } from '../../src/model/resource.ts'
import { type Lab, labPossible, requireLab } from '../lab/lab.mjs'
import { waitUntil } from '../lab/wait.mjs'
import { create, prune } from '../support/changes.ts'
import {
  actionsOf,
  createSwarmWorld,
  neverAborted,
  type SwarmWorld,
  TARGET,
  wantedOf,
} from '../targets/swarm/swarm-world.ts'

describe.skipIf(!labPossible())('a Swarm of several nodes', () => {
  let lab: Lab
  let world: SwarmWorld
  beforeAll(async () => {
    lab = await requireLab({ nodes: ['manager', 'manager'] })
    world = createSwarmWorld({ endpoint: lab.dockerHost })
  })
  afterAll(() => lab?.dispose())

  const nameOf = (index: number): string => lab.engines[index]?.name ?? ''
  const node = (index: number, fields: object): Wanted =>
    wantedOf({ kind: 'Node', name: nameOf(index), ...fields }, { handling: { adopt: 'converge' } })
  const service = (name: string, fields: object = {}): Wanted => {
    const image = lab.registry.reference('app:1')
    const fast = { restart: { delay: '0s' }, stopGracePeriod: '1s' }
    return wantedOf({ kind: 'Service', name, image, resolve: 'never', ...fast, ...fields })
  }
  const nodesOf = async (name: string): Promise<readonly string[]> => {
    const nodes: { ID: string; Description: { Hostname: string } }[] = await lab.engine.call('GET', '/nodes')
    const names = new Map(nodes.map(({ ID, Description }) => [ID, Description.Hostname]))
    const tasks = (await lab.engine.tasks(name)).filter(
      ({ desired, state }) => desired === 'running' && state === 'running',
    )
    return tasks.map((task) => names.get(task.node) ?? task.node)
  }

  it('labels a node, and a service finds it by its constraint', async () => {
    const labelled = node(1, { labels: { disk: 'ssd' } })
    expect(actionsOf(await world.reconcile([labelled]))).toEqual([`update Node/${nameOf(1)}`])
    expect(actionsOf(await world.reconcile([labelled]))).toEqual([])
    const placed = service('placed', { constraints: ['node.labels.disk == ssd'] })
    expect(world.target.preflight([create(placed)], await world.observe(placed))).toEqual([])
    await world.apply(create(placed))
    await world.until(placed, ({ health }) => health.status === 'healthy')
    expect(await nodesOf('placed')).toEqual([nameOf(1)])
    await world.apply(prune(placed))
  })

  it('drains a node: a global service is healthy on those that are left', async () => {
    const everywhere = service('everywhere', { mode: 'global' })
    await world.apply(create(everywhere))
    const { health } = await world.until(everywhere, (seen) => seen.health.status === 'healthy')
    expect(health.message).toBe('3/3 running')
    await world.reconcile([everywhere, node(1, { availability: 'drain', labels: { disk: 'ssd' } })])
    await world.until(everywhere, (seen) => seen.health.message === '2/2 running')
    expect([...(await nodesOf('everywhere'))].sort()).toEqual([nameOf(0), nameOf(2)].sort())
    const there = service('there', { constraints: ['node.labels.disk == ssd'] })
    const [unfit] = world.target.preflight([create(there)], await world.observe(there))
    expect(unfit?.message).toContain('no node can run it')
    await world.reconcile([everywhere, node(1, { availability: 'active', labels: { disk: 'ssd' } })])
    await world.until(everywhere, (seen) => seen.health.message === '3/3 running')
    await world.apply(prune(everywhere))
  })

  it('lets a node go without moving what runs there', async () => {
    const labelled = node(1, { availability: 'active', labels: { disk: 'ssd' } })
    await world.observe(labelled)
    expect((await world.apply(prune(labelled))).at(-1)?.step).toBe('applied')
    expect(await world.one(labelled)).toMatchObject({ owner: { who: 'nobody' }, live: { labels: { disk: 'ssd' } } })
  })

  it('goes on through another manager when the first one is lost, and sees the node down and its tasks moved', async () => {
    const counter = await lab.count(lab.engines[2] as (typeof lab.engines)[number])
    const endpoints = [{ url: `unix://${lab.engines[1]?.socketPath}` }, { url: `unix://${counter.socketPath}` }]
    const two = createSwarmWorld({ endpoint: '', config: { name: TARGET, endpoints, registries: [] } })
    const moved = service('moved', { constraints: [`node.hostname != ${nameOf(0)}`], replicas: 2 })
    await two.apply(create(moved))
    await two.until(moved, ({ health }) => health.status === 'healthy')
    expect(counter.calls).toEqual([])

    await lab.engines[1]?.kill()
    expect(await two.target.identity({ signal: neverAborted })).toBe(lab.swarm.id)
    await waitUntil(
      'the node to be down',
      async () => {
        const lost = await two.one(node(1, {}))
        return lost.state === 'present' && lost.health.status === 'degraded'
      },
      { timeoutMs: 90_000, everyMs: 500 },
    )
    await two.until(moved, ({ health }) => health.status === 'healthy')
    expect(counter.calls.length).toBeGreaterThan(0)
    expect(await nodesOf('moved')).toEqual([nameOf(2), nameOf(2)])
    await two.apply(prune(moved))
  })
})
