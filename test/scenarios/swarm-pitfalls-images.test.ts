import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Sensitive } from '../../src/model/sensitive.ts'
import type { SwarmCredentials } from '../../src/targets/swarm/config.ts'
import { type Lab, labPossible, requireLab } from '../lab/lab.mjs'
import { waitUntil } from '../lab/wait.mjs'
import { create, prune } from '../support/changes.ts'
import {
  actionsOf,
  createSwarmWorld,
  neverAborted,
  pinned,
  type SwarmWorld,
  TARGET,
  wantedOf,
} from '../targets/swarm/swarm-world.ts'

const LOGIN = { username: 'puller', password: 'open sesame' }

describe.skipIf(!labPossible())('images on a real Swarm whose registry asks for a login', () => {
  let lab: Lab
  let world: SwarmWorld
  beforeAll(async () => {
    lab = await requireLab({ registryAuth: LOGIN })
    world = worldWith(['registry-main'])
  })
  afterAll(() => lab?.dispose())

  const credentials: SwarmCredentials = {
    endpoint: () => ({}),
    registry: () => ({
      addresses: [lab.registry.reference('').split('/')[0] ?? ''],
      username: LOGIN.username,
      password: new Sensitive(LOGIN.password),
    }),
  }
  const worldWith = (registries: readonly string[]) =>
    createSwarmWorld({
      endpoint: lab.dockerHost,
      credentials,
      config: { name: TARGET, endpoints: [{ url: lab.dockerHost }], registries },
    })
  const service = (name: string, fields: object = {}) =>
    wantedOf({ kind: 'Service', name, image: lab.registry.reference('app:1'), ...fields })

  it('swarm.md 1: a tag is pinned by us, with its platforms, and what runs is the digest', async () => {
    const web = await pinned(service('pinned'), world.target)
    await world.reconcile([web])
    await world.until(web, ({ health }) => health.status === 'healthy')
    const { Spec } = await lab.engine.call('GET', '/services/pinned')
    const digest = await lab.registry.digest('app:1')
    expect(Spec.TaskTemplate.ContainerSpec.Image).toBe(`${lab.registry.reference('app:1')}@${digest}`)
    expect(Spec.TaskTemplate.Placement.Platforms).toEqual([{ Architecture: 'amd64', OS: 'linux' }])
    expect(actionsOf(await world.reconcile([web]))).toEqual([])
    await world.apply(prune(web))
  })

  it('swarm.md 1: a lookup that fails is an error that says what is missing', async () => {
    const error = await worldWith([])
      .target.resolveImage(lab.registry.reference('app:1'), { signal: neverAborted })
      .catch((caught: unknown) => caught)
    expect(error).toMatchObject({
      reason: 'ImageUnresolved',
      todo: expect.stringContaining('names a credential for it'),
    })
  })

  it('swarm.md 2: platforms are kept by every update, so that a port change is never swallowed', async () => {
    const ports = (published: number) => ({ ports: [{ target: 8080, published, mode: 'host' }] })
    const first = await pinned(service('moved', ports(18081)), world.target)
    await world.reconcile([first])
    await world.until(first, ({ health }) => health.status === 'healthy')
    const second = await pinned(service('moved', ports(18082)), world.target)
    expect(actionsOf(await world.reconcile([second]))).toEqual(['update Service/moved'])
    await world.until(second, ({ health }) => health.status === 'healthy')
    const { Spec } = await lab.engine.call('GET', '/services/moved')
    expect(Spec.TaskTemplate.Placement.Platforms).toEqual([{ Architecture: 'amd64', OS: 'linux' }])
    expect(await answerAt(18082)).toBe('1')
    await world.apply(prune(second))
  })

  it('swarm.md 2: a port change is not swallowed either where somebody had dropped the placement', async () => {
    const ports = (published: number) => ({ ports: [{ target: 8080, published, mode: 'host' }] })
    const first = await pinned(service('dropped', ports(18083)), world.target)
    await world.reconcile([first])
    await world.until(first, ({ health }) => health.status === 'healthy')
    const live = await lab.engine.call('GET', '/services/dropped')
    live.Spec.TaskTemplate.Placement = {}
    await lab.engine.call('POST', `/services/${live.ID}/update?version=${live.Version.Index}`, { body: live.Spec })
    const second = await pinned(service('dropped', ports(18084)), world.target)
    await world.reconcile([second])
    await world.until(second, ({ health }) => health.status === 'healthy')
    expect(await answerAt(18084)).toBe('1')
    await world.apply(prune(second))
  })

  it('swarm.md 17: the login for the registry goes with create and update, and nowhere else', async () => {
    lab.counter.forget()
    const web = service('login', { resolve: 'never' })
    await world.apply(create(web))
    await world.until(web, ({ health }) => health.status === 'healthy')
    const [call] = lab.counter.matching('POST', '/services/create')
    const sent = JSON.parse(Buffer.from(String(call?.headers['x-registry-auth']), 'base64url').toString('utf8'))
    expect(sent).toMatchObject(LOGIN)
    expect(lab.counter.calls.filter(({ headers }) => headers['x-registry-auth']).length).toBe(1)
    await world.apply(prune(web))
  })

  it('swarm.md 7: an image that is not there is named as the reason', async () => {
    const web = service('nowhere', {
      image: lab.registry.reference('app:none'),
      resolve: 'never',
      restart: { delay: '0s' },
    })
    await world.apply(create(web))
    const { health } = await world.until(web, (seen) => seen.health.status === 'degraded')
    expect(health.message).toMatch(/task nowhere\.1 failed \d times: .*No such image/)
    await world.apply(prune(web))
  })

  const answerAt = async (port: number): Promise<string> => {
    let text = ''
    await waitUntil(`port ${port} to answer`, async () => {
      const response = await fetch(`http://${lab.address}:${port}/version`).catch(() => undefined)
      text = (await response?.text()) ?? ''
      return text !== ''
    })
    return text.trim()
  }
})
