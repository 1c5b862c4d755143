import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, labPossible, requireLab } from '../lab/lab.mjs'
import { waitUntil } from '../lab/wait.mjs'
import { createDocuments } from '../support/documents.ts'
import { createLiveFleet, type LiveFleet } from '../support/live-fleet.ts'

describe.skipIf(!labPossible())('what is ours, and what becomes of it', () => {
  let lab: Lab
  let fleet: LiveFleet
  let documents: ReturnType<typeof createDocuments>

  beforeAll(async () => {
    lab = await requireLab()
    documents = createDocuments(lab)
    fleet = await createLiveFleet(lab, 'ownership')
  })
  afterAll(async () => {
    await fleet?.dispose()
    await lab?.dispose()
  })

  const tasksOf = async (name: string): Promise<string[]> => (await lab.engine.tasks(name)).map(({ id }) => id).sort()
  const names = async (path: string, beginning: string): Promise<string[]> => {
    const rows: { Name?: string; Spec?: { Name: string } }[] = await lab.engine.call('GET', path)
    return rows.map((row) => row.Spec?.Name ?? row.Name ?? '').filter((name) => name.startsWith(beginning))
  }
  /** Writes to services, networks, secrets and configs, but for our own record. */
  const writes = () =>
    lab.counter
      .writes()
      .filter(({ body }) => body?.Name !== 'swarmkeeper-ownership')
      .map(({ method, path }) => `${method} ${path}`)

  describe('adoption (rule 10)', () => {
    const legacy = (keeper: Readonly<Record<string, unknown>> = {}) =>
      documents.service('legacy', 'app:1', { env: { A: 'b' }, keeper })
    let id: string
    let before: string[]

    beforeAll(async () => {
      const image = `${lab.registry.reference('app:1')}@${await lab.registry.digest('app:1')}`
      // As `docker service create --env A=b --stop-grace-period 1s …` makes it.
      const body = {
        Name: 'legacy',
        Labels: { 'com.example': 'kept' },
        TaskTemplate: {
          ContainerSpec: { Image: image, Env: ['A=b'], StopGracePeriod: 1e9 },
          RestartPolicy: { Condition: 'any', Delay: 5e8, MaxAttempts: 0 },
          Placement: { Platforms: [{ Architecture: 'amd64', OS: 'linux' }] },
        },
        Mode: { Replicated: { Replicas: 1 } },
        UpdateConfig: { Parallelism: 1, Monitor: 1e9, FailureAction: 'pause', Order: 'stop-first' },
      }
      id = (await lab.engine.call('POST', '/services/create', { body })).ID
      const running = () => lab.engine.tasks('legacy').then((tasks) => tasks.some(({ state }) => state === 'running'))
      await waitUntil('legacy', running)
      before = await tasksOf('legacy')
    })

    it('does not touch what exists and is not ours', async () => {
      await fleet.commit({ 'apps/legacy/legacy.yaml': legacy() })
      lab.counter.forget()
      expect(await fleet.reconcile('legacy')).toMatchObject({ outcome: 'waiting', reason: 'Conflict', steps: [] })
      expect(lab.counter.writes()).toEqual([])
    })

    it('`adopt: true` stamps it and restarts nothing', async () => {
      lab.counter.forget()
      const outcome = await fleet.ship('legacy', { 'apps/legacy/legacy.yaml': legacy({ adopt: true }) })
      expect(outcome.steps).toMatchObject([{ action: 'adopt', step: 'applied' }])
      expect(writes()).toEqual([`POST /services/${id}/update`])
      expect(await tasksOf('legacy')).toEqual(before)
      const { Spec } = await lab.engine.call('GET', '/services/legacy')
      expect(Spec.Labels).toMatchObject({ 'com.example': 'kept', 'swarmkeeper.install': 'ownership' })
      lab.counter.forget()
      expect(await fleet.reconcile('legacy')).toMatchObject({ outcome: 'unchanged' })
      expect(lab.counter.writes()).toEqual([])
    })

    it('refuses to adopt what would change, and `adopt: converge` changes it', async () => {
      const image = lab.registry.reference('app:1')
      await lab.engine.call('POST', '/services/create', {
        body: { Name: 'wild', TaskTemplate: { ContainerSpec: { Image: image } } },
      })
      const wild = (adopt: unknown) => documents.service('wild', 'app:1', { env: { NEW: '1' }, keeper: { adopt } })
      const refused = await fleet.ship('wild', { 'apps/wild/wild.yaml': wild(true) })
      expect(refused).toMatchObject({
        outcome: 'waiting',
        message: expect.stringMatching(/adopting would change .*\/env/),
      })
      expect(await fleet.ship('wild', { 'apps/wild/wild.yaml': wild('converge') })).toMatchObject({ outcome: 'proven' })
    })
  })

  it('a service that moves to another app is only stamped anew: the same tasks run (rule 11)', async () => {
    await fleet.ship('here', {
      'apps/here/all.yaml': [documents.service('mover', 'app:1'), documents.service('stays', 'app:1')],
    })
    const before = await tasksOf('mover')
    lab.counter.forget()
    const outcome = await fleet.ship('there', {
      'apps/here/all.yaml': documents.service('stays', 'app:1'),
      'apps/there/all.yaml': documents.service('mover', 'app:1'),
    })
    expect(outcome.steps).toMatchObject([{ id: 'prod/Service/mover', action: 'move', step: 'applied' }])
    expect(writes()).toHaveLength(1)
    expect(await tasksOf('mover')).toEqual(before)
    lab.counter.forget()
    expect(await fleet.reconcile('here')).toMatchObject({ outcome: 'unchanged' })
    expect(lab.counter.writes()).toEqual([])
  })

  it('secrets rotate by generations: the service gets the new one, an old one stays, the one before goes (rule 22)', async () => {
    const files = (content: string) => ({
      'apps/vault/token.txt': content,
      'apps/vault/vault.yaml': [
        { kind: 'Secret', name: 'token', file: 'token.txt', keep: 1 },
        documents.service('vault', 'app:1', { secrets: ['token'] }),
      ],
    })
    const seen: string[] = []
    for (const content of ['one', 'two', 'three']) {
      expect(await fleet.ship('vault', files(content))).toMatchObject({ outcome: 'proven' })
      const { Spec } = await lab.engine.call('GET', '/services/vault')
      seen.push(Spec.TaskTemplate.ContainerSpec.Secrets[0].SecretName)
    }
    expect(new Set(seen).size).toBe(3)
    expect((await names('/secrets', 'token_')).sort()).toEqual(seen.slice(1).sort())
  })

  it('a network that is used is not made anew: refused before anything is written (swarm.md 14)', async () => {
    const files = (attachable: boolean) => ({
      'apps/net/net.yaml': [
        { kind: 'Network', name: 'ring', driver: 'overlay', attachable },
        documents.service('ringed', 'app:1', { networks: ['ring'] }),
      ],
    })
    await fleet.ship('net', files(false))
    const before = await tasksOf('ringed')
    lab.counter.forget()
    expect(await fleet.ship('net', files(true))).toMatchObject({
      outcome: 'failed',
      message: expect.stringContaining('/attachable would make network ring anew, and ringed use it'),
    })
    expect(writes()).toEqual([])
    expect(await tasksOf('ringed')).toEqual(before)
  })

  it('a port that one service gives up and another takes goes over in one revision', async () => {
    const port = (published: number) => ({ ports: [`${published}:8080`] })
    await fleet.ship('ports', { 'apps/ports/a.yaml': documents.service('port-a', 'app:1', port(7001)) })
    const outcome = await fleet.ship('ports', {
      'apps/ports/a.yaml': documents.service('port-a', 'app:1', port(7002)),
      'apps/ports/b.yaml': documents.service('port-b', 'app:1', port(7001)),
    })
    expect(outcome).toMatchObject({ outcome: 'proven' })
    const portOf = async (name: string) =>
      (await lab.engine.call('GET', `/services/${name}`)).Endpoint.Ports[0].PublishedPort
    expect([await portOf('port-a'), await portOf('port-b')]).toEqual([7002, 7001])
  })

  it('a service that takes the port of one that goes replaces it (rule 13)', async () => {
    const outcome = await fleet.ship('ports', {
      'apps/ports/b.yaml': null,
      'apps/ports/c.yaml': documents.service('port-c', 'app:1', { ports: ['7001:8080'] }),
    })
    expect(outcome).toMatchObject({ outcome: 'proven' })
    expect(outcome.steps).toMatchObject([{ id: 'prod/Service/port-c', action: 'replace', step: 'applied' }])
    expect(await names('/services', 'port-')).toEqual(expect.arrayContaining(['port-a', 'port-c']))
    expect(await names('/services', 'port-b')).toEqual([])
  })

  it('a job runs for its own changes only', async () => {
    const files = (image: string, label: string) => ({
      'apps/jobs/jobs.yaml': [
        documents.job('seed', image, { service: { mounts: ['seeds:/var/runs'] } }),
        documents.service('seeded', 'app:1', { labels: { label } }),
      ],
    })
    const runs = (): string => readFileSync(join(lab.engine.volumeDir('seeds'), 'log'), 'utf8')
    await fleet.ship('jobs', files('job:1', 'one'))
    expect(runs()).toBe('1\n')
    expect(await fleet.ship('jobs', files('job:1', 'two'))).toMatchObject({ outcome: 'proven' })
    expect(runs()).toBe('1\n')
    expect(await fleet.ship('jobs', files('job:2', 'two'))).toMatchObject({ outcome: 'proven' })
    expect(runs()).toBe('1\n2\n')
  })

  it('an app whose folder is gone is pruned, users before what they use', async () => {
    const outcome = await fleet.ship('vault', { 'apps/vault/vault.yaml': null, 'apps/vault/token.txt': null })
    expect(outcome.steps.map(({ action, step }) => `${action} ${step}`)).toEqual(
      Array.from({ length: 3 }, () => 'prune applied'),
    )
    expect(outcome.steps[0]?.id).toBe('prod/Service/vault')
    expect(await names('/services', 'vault')).toEqual([])
    expect(await names('/secrets', 'token_')).toEqual([])
  })
})
