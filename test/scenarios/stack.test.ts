import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { type Lab, labPossible, requireLab } from '../lab/lab.mjs'
import { waitUntil } from '../lab/wait.mjs'
import { type DockerStack, dockerStack, dockerStackPossible } from '../support/docker-stack.ts'
import { createLiveFleet, type LiveFleet, type WrittenFile } from '../support/live-fleet.ts'

type Compose = Readonly<Record<string, unknown>> & { readonly services: Readonly<Record<string, object>> }

describe.skipIf(!labPossible() || !dockerStackPossible())('a stack that the docker CLI has deployed', () => {
  let lab: Lab
  let fleet: LiveFleet
  let docker: DockerStack
  let folder: string

  beforeAll(async () => {
    lab = await requireLab()
    fleet = await createLiveFleet(lab, 'stacks')
    docker = dockerStack(`unix://${lab.engine.socketPath}`)
    folder = mkdtempSync(join(tmpdir(), 'swarmkeeper-test-stack-'))
  })
  afterAll(async () => {
    await fleet?.dispose()
    await lab?.dispose()
    rmSync(folder, { recursive: true, force: true })
  })

  const quick = { restart_policy: { delay: '500ms' }, update_config: { monitor: '1s' } }
  const compose = (web: object = {}): Compose => ({
    version: '3.8',
    services: {
      web: {
        image: lab.registry.reference('app:1'),
        command: ['/app'].slice(1),
        environment: { GREETING: 'hello' },
        networks: ['default', 'back'],
        configs: [{ source: 'site', target: '/etc/site.conf', mode: 0o440 }],
        secrets: ['token'],
        labels: { 'com.example.in': 'container' },
        stop_grace_period: '1s',
        deploy: { replicas: 2, labels: { 'com.example.on': 'service' }, ...quick },
        ...web,
      },
      extra: { image: lab.registry.reference('app:1'), networks: ['back'], stop_grace_period: '1s', deploy: quick },
      migrate: { image: lab.registry.reference('job:1'), deploy: { mode: 'replicated-job' } },
    },
    networks: { back: { attachable: true } },
    configs: { site: { file: './site.conf' } },
    secrets: { token: { file: './files/token.txt' } },
  })

  const stack = (keeper: object = {}): WrittenFile => ({
    kind: 'Stack',
    name: 'shop',
    compose: ['compose.yaml'],
    keeper: { stableFor: '1s', bake: '0s', timeout: '40s', ...keeper },
  })
  const app = (written: Compose, files: Readonly<Record<string, WrittenFile>> = {}) => ({
    'apps/shop/compose.yaml': stringify(written),
    ...files,
  })

  const tasksOf = async (name: string): Promise<string[]> => (await lab.engine.tasks(name)).map(({ id }) => id).sort()
  const spec = async (name: string) => (await lab.engine.call('GET', `/services/${name}`)).Spec
  const container = async (name: string) => (await spec(name)).TaskTemplate.ContainerSpec
  const live = async (path: string): Promise<string[]> => {
    const rows: { Name?: string; Spec?: { Name: string } }[] = await lab.engine.call('GET', path)
    const names = rows.map((row) => row.Spec?.Name ?? row.Name ?? '')
    return names.filter((name) => name.startsWith('shop_')).sort()
  }
  const writes = () =>
    lab.counter
      .writes()
      .filter(({ body }) => body?.Name !== 'swarmkeeper-stacks')
      .map(({ method, path }) => `${method} ${path}`)
      .sort()

  /** `docker stack` sees the same stack as the engine's own API does. */
  async function agree(services: Readonly<Record<string, string>>): Promise<void> {
    expect(await docker.ls()).toEqual({ shop: Object.keys(services).length })
    const seen = (await docker.services('shop')).map((line) => line.split(' ').slice(0, 2).join(' '))
    expect(seen).toEqual(Object.entries(services).map(([name, replicas]) => `shop_${name} ${replicas}`))
    const running = await Promise.all(
      Object.keys(services).map(async (name) =>
        (await lab.engine.tasks(`shop_${name}`)).filter(({ state }) => state === 'running').map(({ id }) => id),
      ),
    )
    expect(await docker.ps('shop')).toEqual(running.flat().sort())
  }

  const ALL = { extra: '1/1', migrate: '0/1', web: '2/2' }
  let before: Readonly<Record<string, readonly string[]>>

  beforeAll(async () => {
    mkdirSync(join(folder, 'files'))
    writeFileSync(join(folder, 'site.conf'), 'one\n')
    writeFileSync(join(folder, 'files/token.txt'), 'secret one')
    writeFileSync(join(folder, 'compose.yaml'), stringify(compose()))
    await docker.deploy('shop', folder, ['compose.yaml'])
    await waitUntil('shop to run', async () => (await docker.ps('shop')).length === 3)
    const done = async () => (await lab.engine.tasks('shop_migrate')).some(({ state }) => state === 'complete')
    await waitUntil('the job to end', done)
    before = Object.fromEntries(
      await Promise.all(Object.keys(ALL).map(async (name) => [name, await tasksOf(`shop_${name}`)] as const)),
    )
  })

  it('is a conflict as long as nobody says that it is to be adopted', async () => {
    await fleet.commit(
      app(compose(), {
        'apps/shop/shop.yaml': stack(),
        'apps/shop/site.conf': 'one\n',
        'apps/shop/files/token.txt': 'secret one',
      }),
    )
    lab.counter.forget()
    expect(await fleet.reconcile('shop')).toMatchObject({ outcome: 'waiting', reason: 'Conflict' })
    expect(await live('/configs')).toEqual(['shop_site'])
    await agree(ALL)
  })

  it('is adopted by stamps and the record alone: the same tasks run, and the job does not run again', async () => {
    lab.counter.forget()
    const outcome = await fleet.ship('shop', { 'apps/shop/shop.yaml': stack({ adopt: true }) })
    expect(outcome).toMatchObject({ outcome: 'proven' })
    expect(outcome.steps.filter(({ action }) => action !== 'adopt')).toEqual([])
    const ids = await Promise.all(
      ['/services/shop_web', '/services/shop_extra', '/configs/shop_site', '/secrets/shop_token'].map(
        async (path) =>
          `POST ${path.split('/').slice(0, 2).join('/')}/${(await lab.engine.call('GET', path)).ID}/update`,
      ),
    )
    expect(writes()).toEqual(ids.sort())
    for (const name of Object.keys(ALL)) expect(await tasksOf(`shop_${name}`)).toEqual(before[name])
    await agree(ALL)
  })

  it('needs nothing after that: no writes, also without the database', async () => {
    lab.counter.forget()
    expect(await fleet.reconcile('shop')).toMatchObject({ outcome: 'unchanged' })
    await fleet.restart({ withoutDatabase: true })
    expect(await fleet.reconcile('shop')).toMatchObject({ outcome: 'unchanged' })
    expect(writes()).toEqual([])
    for (const name of Object.keys(ALL)) expect(await tasksOf(`shop_${name}`)).toEqual(before[name])
  })

  it('changes: only the service that differs, and a label that is gone is gone', async () => {
    const web = { environment: { GREETING: 'goodbye' }, labels: {}, image: lab.registry.reference('app:2') }
    const outcome = await fleet.ship('shop', app(compose({ ...web, deploy: { replicas: 2, ...quick } })))
    expect(outcome).toMatchObject({ outcome: 'proven', steps: [{ id: 'prod/Service/shop_web', action: 'update' }] })
    const { Labels } = await spec('shop_web')
    expect(Labels['com.example.on']).toBeUndefined()
    expect(Labels['com.docker.stack.image']).toBe(lab.registry.reference('app:2'))
    expect((await container('shop_web')).Labels).toEqual({ 'com.docker.stack.namespace': 'shop' })
    for (const name of ['extra', 'migrate']) expect(await tasksOf(`shop_${name}`)).toEqual(before[name])
    await agree(ALL)
  })

  it('is rolled back where a revision does not prove itself', async () => {
    const bad = await fleet.ship('shop', app(compose({ image: lab.registry.reference('app:crash') })))
    expect(bad).toMatchObject({ outcome: 'rolled-back' })
    expect((await container('shop_web')).Image).toContain(lab.registry.reference('app:2'))
    await waitUntil('two tasks', async () => (await docker.services('shop')).some((line) => line.includes('web 2/2')))
    await agree(ALL)
  })

  it('rotates configs and secrets: the adopted ones stay as the old generation', async () => {
    const files = { 'apps/shop/site.conf': 'two\n', 'apps/shop/files/token.txt': 'secret two' }
    expect(await fleet.ship('shop', app(compose(), files))).toMatchObject({ outcome: 'proven' })
    const { Configs, Secrets } = await container('shop_web')
    expect(Configs[0].ConfigName).toMatch(/^shop_site_[0-9a-f]{12}$/)
    expect(Secrets[0].SecretName).toMatch(/^shop_token_[0-9a-f]{12}$/)
    expect(await live('/configs')).toEqual(['shop_site', Configs[0].ConfigName])
    expect(await live('/secrets')).toEqual(['shop_token', Secrets[0].SecretName])
    for (const name of ['extra', 'migrate']) expect(await tasksOf(`shop_${name}`)).toEqual(before[name])
    await agree(ALL)
  })

  it('goes back to the adopted generation with its content', async () => {
    expect(await fleet.ship('shop', { 'apps/shop/site.conf': 'one\n' })).toMatchObject({ outcome: 'proven' })
    expect((await container('shop_web')).Configs[0].ConfigName).toBe('shop_site')
  })

  it('is pruned of what its file does not declare any more', async () => {
    const { extra: _, ...services } = compose().services
    const outcome = await fleet.ship('shop', app({ ...compose(), services }))
    expect(outcome).toMatchObject({ outcome: 'proven', steps: [{ id: 'prod/Service/shop_extra', action: 'prune' }] })
    await agree({ migrate: '0/1', web: '2/2' })
  })

  it('goes with its document: services, networks, and every generation of its configs and secrets', async () => {
    await fleet.commit({ 'apps/shop/shop.yaml': null, 'apps/shop/compose.yaml': null })
    // The whole fleet would be gone: a person confirms that (rule 13).
    const held = await fleet.reconcile('shop')
    expect(held).toMatchObject({ outcome: 'waiting', reason: 'GuardHeld', steps: [] })
    const removed = await fleet.reconcile('shop', { confirm: (held.guards ?? []).map(({ name }) => name) })
    expect(removed.steps.map(({ action, step }) => `${action} ${step}`)).toEqual(Array(8).fill('prune applied'))
    // A network stays listed until the last task on it is gone (swarm.md 15).
    await waitUntil('the networks to go', async () => (await live('/networks')).length === 0)
    expect(await docker.ls()).toEqual({})
    for (const path of ['/services', '/networks', '/configs', '/secrets']) expect(await live(path)).toEqual([])
  })
})
