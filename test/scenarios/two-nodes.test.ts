import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiCounter } from '../lab/api-counter.mjs'
import { type Lab, labPossible, requireLab } from '../lab/lab.mjs'
import { waitUntil } from '../lab/wait.mjs'
import { createDocuments } from '../support/documents.ts'
import { ask, createLiveFleet, type LiveFleet } from '../support/live-fleet.ts'

describe.skipIf(!labPossible())('a Swarm of several nodes', () => {
  let lab: Lab
  let fleet: LiveFleet
  let documents: ReturnType<typeof createDocuments>
  let second: ApiCounter

  beforeAll(async () => {
    lab = await requireLab({ nodes: ['worker', 'manager'], swarmOptions: { heartbeatSeconds: 1 } })
    documents = createDocuments(lab)
    const manager = lab.engines.find(({ name }) => name === 'node-3')
    if (!manager) throw new Error('no second manager')
    second = await lab.count(manager)
    const endpoints = [lab.dockerHost, `unix://${second.socketPath}`]
    fleet = await createLiveFleet(lab, 'nodes', { target: { endpoints } })
  })
  afterAll(async () => {
    await fleet?.dispose()
    await lab?.dispose()
  })

  const node = (name: string, fields: object = {}) => ({ kind: 'Node', name, ...fields })
  const anywhere = () => documents.service('anywhere', 'app:1', { mode: 'global' })

  /** Host names of the nodes that run the service now. */
  const nodesOf = async (service: string): Promise<string[]> => {
    const nodes: { ID: string; Description: { Hostname: string } }[] = await lab.engine.call('GET', '/nodes')
    const names = new Map(nodes.map(({ ID, Description }) => [ID, Description.Hostname]))
    const tasks = await lab.engine.tasks(service)
    const running = tasks.filter(({ state, desired }) => state === 'running' && desired === 'running')
    return running.map((task) => names.get(task.node) ?? '?').sort()
  }

  it('labels a node, and places what asks for that label there, in one revision', async () => {
    const outcome = await fleet.ship('edge', {
      'apps/edge/nodes.yaml': node('node-2', { labels: { disk: 'ssd' } }),
      'apps/edge/fast.yaml': documents.service('fast', 'app:1', {
        constraints: ['node.labels.disk == ssd'],
        keeper: { dependsOn: ['Node/node-2'] },
      }),
    })
    expect(outcome).toMatchObject({ outcome: 'proven' })
    expect(await nodesOf('fast')).toEqual(['node-2'])
  })

  it('drains a node by its document, and takes it back', async () => {
    await fleet.ship('spread', { 'apps/spread/all.yaml': anywhere() })
    expect(await nodesOf('anywhere')).toEqual(['node-1', 'node-2', 'node-3'])
    const drained = await fleet.ship('spread', {
      'apps/spread/all.yaml': [node('node-3', { availability: 'drain' }), anywhere()],
    })
    expect(drained.outcome).toBe('proven')
    await waitUntil('the drain', async () => (await nodesOf('anywhere')).length === 2)
    expect(await nodesOf('anywhere')).toEqual(['node-1', 'node-2'])
    expect(await fleet.reconcile('spread')).toMatchObject({ outcome: 'unchanged' })
    await fleet.ship('spread', { 'apps/spread/all.yaml': [node('node-3', { availability: 'active' }), anywhere()] })
    await waitUntil('the way back', async () => (await nodesOf('anywhere')).length === 3)
  })

  it('tells of a lost node what is so, rolls nothing back for it, and goes on elsewhere', async () => {
    const lost = lab.engines.find(({ name }) => name === 'node-2')
    await lost?.cutLink()
    const status = async (name: string) => {
      const { apps } = await fleet.engine.status(ask())
      return apps.flatMap(({ resources }) => resources).find(({ id }) => id === `prod/${name}`)
    }
    await waitUntil('the loss', async () => (await status('Node/node-2'))?.health === 'degraded')
    expect(await status('Node/node-2')).toMatchObject({ message: expect.stringContaining('node-2 is down') })
    const waiting = await waitUntil('its task', async () => {
      const now = await status('Service/fast')
      return now?.health === 'progressing' && now
    })
    expect(waiting.message).toMatch(/0\/1 running; .*no suitable node/)
    lab.counter.forget()
    const outcome = await fleet.apply()
    expect(outcome.apps.find(({ app }) => app === 'edge')).toMatchObject({ outcome: 'unchanged', steps: [] })
    expect(lab.counter.writes()).toEqual([])
    const elsewhere = await fleet.ship('near', {
      'apps/near/near.yaml': documents.service('near', 'app:1', { constraints: ['node.hostname == node-1'] }),
    })
    expect(elsewhere.outcome).toBe('proven')
    await lost?.mendLink()
    await waitUntil('the way back', async () => (await status('Service/fast'))?.health === 'healthy')
  })

  it('goes on at the second manager when the API of the first is gone', async () => {
    await lab.counter.dispose()
    second.forget()
    const outcome = await fleet.ship('near', {
      'apps/near/near.yaml': documents.service('near', 'app:2', { constraints: ['node.hostname == node-1'] }),
    })
    expect(outcome.outcome).toBe('proven')
    expect(second.matching('POST', /^\/services\/.+\/update$/)).toHaveLength(1)
    await fleet.restart()
    expect(await fleet.reconcile('near')).toMatchObject({ outcome: 'unchanged' })
  })
  it('knows nothing, and says so, when no manager answers', async () => {
    await second.dispose()
    expect(await fleet.reconcile('near')).toMatchObject({ outcome: 'unknown', steps: [] })
    const { apps, targets } = await fleet.engine.status(ask())
    expect(new Set(apps.map(({ health }) => health))).toEqual(new Set(['unknown']))
    expect(targets).toEqual([
      {
        name: 'prod',
        reachable: false,
        message: expect.stringContaining('no manager of prod'),
        todo: expect.stringContaining('endpoint'),
      },
    ])
  })
})
