import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { digestOf } from './images.ts'
import { createRecordingEngine, type RecordingEngine } from './recording-engine.ts'

// What a real engine is compared with stands in test/scenarios/recording-engine.test.ts; here is what only the
// stand-in can show: new API versions, scripted ends, faults and numbers.

const web = (more: object = {}, template: object = {}) => ({
  Name: 'web',
  TaskTemplate: { ContainerSpec: { Image: 'web:1' }, ...template },
  ...more,
})

interface ServiceView {
  readonly ID: string
  readonly Version: { readonly Index: number }
  readonly Spec: ReturnType<typeof web>
  readonly PreviousSpec?: object
  readonly UpdateStatus?: { readonly State: string }
  readonly ServiceStatus?: object
}

interface TaskView {
  readonly DesiredState: string
  readonly Status: { readonly State: string; readonly Err?: string }
  readonly JobIteration?: object
}

describe('the recording engine', () => {
  let engine: RecordingEngine
  beforeEach(async () => {
    engine = await createRecordingEngine()
  })
  afterEach(() => engine.dispose())

  const ask = async <T = unknown>(
    method: string,
    path: string,
    body?: object,
  ): Promise<{ status: number; value: T }> => {
    const response = await fetch(`${engine.url.replace('tcp:', 'http:')}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, value: text === '' ? undefined : JSON.parse(text) }
  }
  const inspect = async (): Promise<ServiceView> => (await ask<ServiceView>('GET', '/services/web')).value
  const tasks = async (): Promise<readonly TaskView[]> => (await ask<TaskView[]>('GET', '/tasks')).value
  const update = async (body: object) =>
    ask('POST', `/services/web/update?version=${(await inspect()).Version.Index}`, body)

  it('refuses API versions below 1.44 as Engine 29 does, and says which it speaks', async () => {
    const message =
      'client version 1.41 is too old. Minimum supported API version is 1.44, please upgrade your client to a newer version'
    expect(await ask('GET', '/v1.41/info')).toEqual({ status: 400, value: { message } })
    expect((await ask('GET', '/v1.44/info')).status).toBe(200)
    const ping = await fetch(`${engine.url.replace('tcp:', 'http:')}/_ping`)
    expect(ping.headers.get('api-version')).toBe('1.52')
  })

  it('records every request with version, query, body and status', async () => {
    await ask('POST', '/v1.50/services/create?x=1', web())
    await ask('GET', '/services')
    expect(engine.writes()).toMatchObject([{ path: '/services/create', version: '1.50', status: 201, body: web() }])
    expect(engine.writes()[0]?.query.get('x')).toBe('1')
    expect(engine.matching('GET', '/services')).toHaveLength(1)
    engine.forget()
    expect(engine.calls).toEqual([])
  })

  it('runs tasks at once', async () => {
    await ask('POST', '/services/create', web({ Mode: { Replicated: { Replicas: 3 } } }))
    expect((await tasks()).map((task) => task.Status.State)).toEqual(['running', 'running', 'running'])
    const [listed] = (await ask<ServiceView[]>('GET', '/services?status=true')).value
    expect(listed?.ServiceStatus).toEqual({ RunningTasks: 3, DesiredTasks: 3, CompletedTasks: 0 })
  })

  it('pauses an update whose tasks fail by the script, and tells why', async () => {
    await ask('POST', '/services/create', web())
    engine.world.script = () => ({ state: 'failed', exitCode: 3, error: 'task: non-zero exit (3)' })
    await update(web({}, { ContainerSpec: { Image: 'web:2' } }))
    expect((await inspect()).UpdateStatus?.State).toBe('paused')
    expect((await tasks()).at(-1)?.Status.Err).toBe('task: non-zero exit (3)')
  })

  it('keeps an update under way until it is settled by hand', async () => {
    await ask('POST', '/services/create', web())
    engine.world.byHand = true
    await update(web({}, { ContainerSpec: { Image: 'web:2' } }))
    expect((await inspect()).UpdateStatus?.State).toBe('updating')
    engine.settle('web')
    expect((await inspect()).UpdateStatus?.State).toBe('completed')
    expect((await tasks()).map((task) => task.Status.State)).toEqual(['shutdown', 'running'])
  })

  it('moves versions during a rollout, so that a reader from before it is out of sequence', async () => {
    await ask('POST', '/services/create', web())
    const before = await inspect()
    await update(web({}, { ContainerSpec: { Image: 'web:2' } }))
    const late = await ask('POST', `/services/web/update?version=${before.Version.Index}`, web())
    expect(late).toEqual({ status: 500, value: { message: 'rpc error: code = Unknown desc = update out of sequence' } })
  })

  it('leaves a task pending when no node satisfies its constraints', async () => {
    engine.addNode({ hostname: 'node-2', labels: { disk: 'ssd' } })
    const on = (disk: string) => ({ Placement: { Constraints: [`node.labels.disk==${disk}`] } })
    await ask('POST', '/services/create', web({}, on('ssd')))
    expect((await tasks())[0]?.Status.State).toBe('running')
    await ask('DELETE', '/services/web')
    await ask('POST', '/services/create', web({}, on('tape')))
    expect((await tasks())[0]?.Status).toMatchObject({
      State: 'pending',
      Err: 'no suitable node (scheduling constraints not satisfied on 2 nodes)',
    })
  })

  it('loses a changed port when the placement changes with it (swarm.md 2)', async () => {
    const ports = (published: number) => ({ EndpointSpec: { Ports: [{ TargetPort: 80, PublishedPort: published }] } })
    const placed = { Placement: { Platforms: [{ OS: 'linux', Architecture: 'amd64' }] } }
    await ask('POST', '/services/create', web(ports(8080), placed))
    await update(web(ports(8081)))
    expect((await inspect()).UpdateStatus).toBeUndefined()
    expect(await tasks()).toHaveLength(1)
  })

  it('erases what Swarm knew of the last update with an update that changes nothing (swarm.md 3)', async () => {
    await ask('POST', '/services/create', web())
    engine.world.script = () => ({ state: 'failed', exitCode: 1 })
    await update(web({}, { ContainerSpec: { Image: 'web:2' } }))
    await update((await inspect()).Spec)
    const { Spec: spec, PreviousSpec: previous, UpdateStatus: status } = await inspect()
    expect(previous).toEqual(spec)
    expect(status).toBeUndefined()
  })

  it('runs a job again on any update (swarm.md 16)', async () => {
    await ask('POST', '/services/create', web({ Mode: { ReplicatedJob: {} } }))
    await update(web({ Mode: { ReplicatedJob: {} }, Labels: { changed: 'a label' } }))
    expect((await tasks()).map((task) => task.JobIteration)).toEqual([{}, { Index: 1 }])
  })

  it('holds a network for tasks that have not ended (swarm.md 15)', async () => {
    await ask('POST', '/networks/create', { Name: 'net', Driver: 'overlay' })
    await ask('POST', '/services/create', web({}, { Networks: [{ Target: 'net' }] }))
    engine.world.byHand = true
    await ask('DELETE', '/services/web')
    expect((await ask<{ message: string }>('DELETE', '/networks/net')).value.message).toMatch(/is in use by task/)
    engine.settle('web')
    expect((await ask('DELETE', '/networks/net')).status).toBe(204)
  })

  it('never tells the content of a secret, and keeps the login of a service where none is sent', async () => {
    await ask('POST', '/secrets/create', { Name: 'token', Data: 'c2VjcmV0' })
    expect(JSON.stringify((await ask('GET', '/secrets')).value)).not.toContain('c2VjcmV0')
    const url = `${engine.url.replace('tcp:', 'http:')}/services/create`
    await fetch(url, { method: 'POST', body: JSON.stringify(web()), headers: { 'x-registry-auth': 'bG9naW4=' } })
    await update(web({ Labels: { a: 'b' } }))
    expect(engine.world.registryAuth.get((await inspect()).ID)).toBe('bG9naW4=')
  })

  it('knows digests of images, and images that are not there', async () => {
    await engine.dispose()
    engine = await createRecordingEngine({ images: { 'gone:1': null, 'known:1': { digest: 'sha256:abc' } } })
    const digest = async (name: string) =>
      (await ask<{ Descriptor: object }>('GET', `/distribution/${name}/json`)).value
    expect(await digest('known:1')).toMatchObject({ Descriptor: { digest: 'sha256:abc' } })
    expect(await digest('host:5000/a/b:1')).toMatchObject({ Descriptor: { digest: digestOf('host:5000/a/b:1') } })
    expect((await ask('GET', '/distribution/gone:1/json')).status).toBe(404)
  })

  it('frames the lines of a log, and counts them from the end', async () => {
    await ask('POST', '/services/create', web())
    engine.world.logs.set('web', ['one', 'two', 'three'])
    const response = await fetch(`${engine.url.replace('tcp:', 'http:')}/services/web/logs?stdout=true&tail=2`)
    const bytes = Buffer.from(await response.arrayBuffer())
    expect([...bytes.subarray(0, 8)]).toEqual([1, 0, 0, 0, 0, 0, 0, 4])
    expect(bytes.subarray(8, 12).toString()).toBe('two\n')
  })

  it('cuts the connection before or after the effect, as told', async () => {
    engine.inject({ path: '/services/create', drop: 'before', times: 1 })
    await expect(ask('POST', '/services/create', web())).rejects.toThrow()
    expect((await ask('GET', '/services/web')).status).toBe(404)
    engine.inject({ path: '/services/create', drop: 'after', times: 1 })
    await expect(ask('POST', '/services/create', web())).rejects.toThrow()
    expect((await ask('GET', '/services/web')).status).toBe(200)
  })

  it('lets another writer come first', async () => {
    await ask('POST', '/services/create', web())
    const { ID: id } = await inspect()
    const remove = engine.inject({
      path: /\/update$/,
      before: () => {
        const service = engine.world.services.get(id)
        if (service) service.Version = { Index: engine.world.nextIndex() }
      },
    })
    expect((await update(web())).status).toBe(500)
    remove()
    expect((await update(web())).status).toBe(200)
  })

  it('lists 300 services in one call', async () => {
    for (let at = 0; at < 300; at += 1) await ask('POST', '/services/create', { ...web(), Name: `web-${at}` })
    expect((await ask<unknown[]>('GET', '/services?status=true')).value).toHaveLength(300)
    expect(engine.matching('GET', '/services')).toHaveLength(1)
  })
})
