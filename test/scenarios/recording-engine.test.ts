import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, labPossible, requireLab } from '../lab/lab.mjs'
import { waitUntil } from '../lab/wait.mjs'
import { createRecordingEngine, type RecordingEngine } from '../support/recording-engine/recording-engine.ts'

// The stand-in is only worth something where it answers as the real engine does: both are asked the same here.

interface Answer {
  readonly status: number
  readonly value: unknown
}

interface Talk {
  ask(method: string, path: string, body?: unknown): Promise<Answer>
}

const image = 'registry.test:5000/app:1'
const service = (name: string, more: object = {}, template: object = {}) => ({
  Name: name,
  TaskTemplate: { ContainerSpec: { Image: image }, ...template },
  ...more,
})
const data = Buffer.from('content').toString('base64')

describe.skipIf(!labPossible())('the recording engine answers as a real one', () => {
  let lab: Lab
  let standIn: RecordingEngine
  beforeAll(async () => {
    lab = await requireLab()
    standIn = await createRecordingEngine({ apiVersion: '1.41', minApiVersion: '1.12' })
  })
  afterAll(async () => {
    await standIn?.dispose()
    await lab?.dispose()
  })

  /** Runs the same conversation with both, and compares what came of it; ids are numbered as they appear. */
  const same = async (talk: (engine: Talk) => Promise<unknown>): Promise<unknown> => {
    const real = normal(await talk({ ask: (...words) => viaSocket(lab.engine.socketPath, words) }))
    const played = normal(await talk({ ask: (...words) => viaUrl(standIn.url, words) }))
    expect(played).toEqual(real)
    return real
  }

  it('about versions that are too new, and pages that are not there', async () => {
    await same(async ({ ask }) => [await ask('GET', '/v1.99/info'), await ask('GET', '/nonsense')])
  })

  it.each(['config', 'secret'])('about a %s: names, sizes, labels, versions', async (what) => {
    await same(async ({ ask }) => {
      const create = (body: object) => ask('POST', `/${what}s/create`, body)
      const { value } = await create({ Name: 'one', Data: data, Labels: { a: 'b' } })
      const { ID: id } = value as { ID: string }
      const before = await ask('GET', `/${what}s/one`)
      const at = versionOf(before)
      return [
        await create({ Name: 'one', Data: data }),
        await create({ Name: 'two', Data: '' }),
        await create({ Name: 'b@d name', Data: data }),
        await create({ Name: 'x'.repeat(65), Data: data }),
        specOf(before),
        await ask('GET', `/${what}s/nope`),
        await ask('DELETE', `/${what}s/nope`),
        await ask('POST', `/${what}s/nope/update?version=1`, { Name: 'one' }),
        await ask('POST', `/${what}s/${id}/update`, {}),
        await ask('POST', `/${what}s/${id}/update?version=${at}`, { Name: 'one', Data: 'eQ==' }),
        await ask('POST', `/${what}s/${id}/update?version=1`, { Name: 'one', Labels: { c: 'd' } }),
        await ask('POST', `/${what}s/${id}/update?version=${at}`, { Name: 'one', Labels: { c: 'd' } }),
        specOf(await ask('GET', `/${what}s/one`)),
      ]
    })
  })

  it('about networks', async () => {
    await same(async ({ ask }) => [
      (await ask('POST', '/networks/create', { Name: 'net', Driver: 'overlay', Labels: { a: 'b' } })).status,
      await ask('POST', '/networks/create', { Name: 'net', Driver: 'overlay' }),
      await ask('GET', '/networks/nope'),
      await ask('DELETE', '/networks/nope'),
    ])
  })

  it('about services that are not acceptable', async () => {
    await same(async ({ ask }) => {
      const create = (body: object) => ask('POST', '/services/create', body)
      const port = { EndpointSpec: { Ports: [{ TargetPort: 80, PublishedPort: 18090 }] } }
      const config = (reference: object) => ({ ContainerSpec: { Image: image, Configs: [reference] } })
      const { ID: one } = (await ask('GET', '/configs/one')).value as { ID: string }
      return [
        await create(service('web', port)),
        await create(service('web')),
        await create(service('other', port)),
        await create(service('other', {}, config({ File: { Name: '/c' }, ConfigID: 'zzz', ConfigName: 'zzz' }))),
        await create(service('other', {}, config({ File: { Name: '/c' }, ConfigID: one, ConfigName: 'wrong' }))),
        await create(service('other', {}, { Networks: [{ Target: 'nope' }] })),
        await create(service('not a name')),
        await create(service('x'.repeat(64))),
        await create(service('other', {}, { ContainerSpec: {} })),
        await create(service('job', { UpdateConfig: { Parallelism: 1 }, Mode: { ReplicatedJob: {} } })),
        await ask('GET', '/services/nope'),
        await ask('DELETE', '/services/nope'),
        await ask('POST', '/services/nope/update?version=1', service('nope')),
        await ask('GET', `/services?filters=${encodeURIComponent('{"label":["a=b"]}')}`),
      ]
    })
  })

  it('about what a service becomes once stored, with and without defaults', async () => {
    await same(async ({ ask }) => {
      const full = service(
        'full',
        {
          Labels: { a: 'b' },
          UpdateConfig: { Parallelism: 2, FailureAction: 'rollback' },
          EndpointSpec: { Ports: [{ TargetPort: 8080, PublishedPort: 18091, PublishMode: 'host' }] },
        },
        { RestartPolicy: { Condition: 'on-failure' }, Networks: [{ Target: 'net' }], Placement: { Constraints: [] } },
      )
      await ask('POST', '/services/create', full)
      await ask('POST', '/services/create', service('plain'))
      await ask('POST', '/services/create', service('once', { Mode: { ReplicatedJob: {} } }))
      const specs = []
      for (const name of ['full', 'plain', 'once']) {
        specs.push(specOf(await ask('GET', `/services/${name}`)))
        specs.push(specOf(await ask('GET', `/services/${name}?insertDefaults=true`)))
      }
      return specs
    })
  })

  it('about updates: versions, names, modes, rollback without a spec before', async () => {
    await same(async ({ ask }) => {
      await runs({ ask }, 'plain')
      const found = await ask('GET', '/services/plain')
      const spec = specOf(found) as Record<string, unknown>
      const update = (body: unknown, query = `version=${versionOf(found)}`) =>
        ask('POST', `/services/plain/update?${query}`, body)
      return [
        await update({ ...spec, Name: 'renamed' }),
        await update({ ...spec, Mode: { Global: {} } }),
        await update(spec, 'version=1'),
        await update(spec, ''),
        await update(spec, `version=${versionOf(found)}&rollback=previous`),
        await update({ ...spec, Mode: { Replicated: {} }, Labels: { now: 'labelled' } }),
        specOf(await ask('GET', '/services/plain')),
        previousOf(await ask('GET', '/services/plain')),
      ]
    })
  })

  it('about an update that replaces its task, and the way back by hand', async () => {
    await same(async ({ ask }) => {
      const quick = { Parallelism: 1, Monitor: 100_000_000, Order: 'start-first' }
      await ask('POST', '/services/create', service('rolling', { UpdateConfig: quick, RollbackConfig: quick }))
      await runs({ ask }, 'rolling')
      const first = await ask('GET', '/services/rolling')
      const container = { Image: image, Env: ['A=1'] }
      const changed = service('rolling', { UpdateConfig: quick, RollbackConfig: quick }, { ContainerSpec: container })
      await ask('POST', `/services/rolling/update?version=${versionOf(first)}`, changed)
      const updated = await ended({ ask }, 'rolling', 'completed')
      await ask('POST', `/services/rolling/update?version=${versionOf(updated)}&rollback=previous`, changed)
      const back = await ended({ ask }, 'rolling', 'rollback_completed')
      return [stateOf(updated), previousOf(updated), stateOf(back), specOf(back), previousOf(back)]
    })
  })

  it('about an update that fails and is rolled back by Swarm', async () => {
    standIn.world.script = (_, task) =>
      task.Spec.ContainerSpec?.Image?.endsWith('app:crash') ? { state: 'failed', exitCode: 1 } : undefined
    await same(async ({ ask }) => {
      const quick = { Parallelism: 1, Monitor: 2_000_000_000, FailureAction: 'rollback' }
      await ask('POST', '/services/create', service('failing', { UpdateConfig: quick, RollbackConfig: quick }))
      await runs({ ask }, 'failing')
      const first = await ask('GET', '/services/failing')
      const crash = { ContainerSpec: { Image: 'registry.test:5000/app:crash' }, RestartPolicy: { Condition: 'none' } }
      const bad = service('failing', { UpdateConfig: quick, RollbackConfig: quick }, crash)
      await ask('POST', `/services/failing/update?version=${versionOf(first)}`, bad)
      const back = await ended({ ask }, 'failing', 'rollback_completed')
      const again = await ask(
        'POST',
        `/services/failing/update?version=${versionOf(back)}&rollback=previous`,
        specOf(back),
      )
      return [stateOf(back), specOf(back), previousOf(back), again]
    })
  })

  it('about what is in use', async () => {
    await same(async ({ ask }) => {
      const { ID: config } = (await ask('GET', '/configs/one')).value as { ID: string }
      const container = { Image: image, Configs: [{ File: { Name: '/c' }, ConfigID: config, ConfigName: 'one' }] }
      await ask(
        'POST',
        '/services/create',
        service('user', {}, { ContainerSpec: container, Networks: [{ Target: 'net' }] }),
      )
      const refused = [await ask('DELETE', '/configs/one')]
      await ask('DELETE', '/services/full')
      refused.push(await ask('DELETE', '/networks/net'))
      await ask('DELETE', '/services/user')
      return [...refused, await ask('DELETE', '/configs/one')]
    })
  })

  it('about a node', async () => {
    await same(async ({ ask }) => {
      const [node] = (await ask('GET', '/nodes')).value as [{ ID: string; Spec: object; Version: { Index: number } }]
      const update = (version: number) =>
        ask('POST', `/nodes/${node.ID}/update?version=${version}`, { ...node.Spec, Labels: { zone: 'a' } })
      return [await update(1), await update(node.Version.Index), await ask('GET', '/nodes/nope'), node.Spec]
    })
  })
})

async function runs({ ask }: Talk, name: string): Promise<void> {
  await waitUntil(`${name} to run`, async () => {
    const { value } = await ask('GET', `/tasks?filters=${encodeURIComponent(JSON.stringify({ service: [name] }))}`)
    return (value as { Status: { State: string } }[]).some((task) => task.Status.State === 'running')
  })
}

async function ended({ ask }: Talk, name: string, state: string): Promise<Answer> {
  return waitUntil(`${name} to be ${state}`, async () => {
    const answer = await ask('GET', `/services/${name}`)
    return (stateOf(answer) as { State?: string } | undefined)?.State === state && answer
  })
}

const part = (answer: Answer): Record<string, unknown> => answer.value as Record<string, unknown>
const specOf = (answer: Answer) => part(answer).Spec
const previousOf = (answer: Answer) => part(answer).PreviousSpec ?? 'none'
const versionOf = (answer: Answer) => (part(answer).Version as { Index: number }).Index

function stateOf(answer: Answer): unknown {
  const status = part(answer).UpdateStatus as { State: string; Message: string } | undefined
  return status && { State: status.State, Message: status.Message }
}

/** Ids of the two sides differ: they are numbered in the order in which they appear. */
function normal(value: unknown): unknown {
  const seen = new Map<string, string>()
  const text = JSON.stringify(value).replace(/\b(?=[a-z0-9]*\d)[a-z0-9]{25}\b/g, (id) => {
    seen.set(id, seen.get(id) ?? `#${seen.size + 1}`)
    return seen.get(id) ?? id
  })
  return JSON.parse(text)
}

type Words = Parameters<Talk['ask']>

async function viaUrl(url: string, [method, path, body]: Words): Promise<Answer> {
  const init = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
  const response = await fetch(`${url.replace('tcp:', 'http:')}${path}`, { method, ...init })
  return { status: response.status, value: parsed(await response.text()) }
}

function viaSocket(socketPath: string, [method, path, body]: Words): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' }
    const call = request({ socketPath, method, path, headers, agent: false }, async (response) => {
      const chunks: Buffer[] = []
      for await (const chunk of response) chunks.push(chunk)
      resolve({ status: response.statusCode ?? 0, value: parsed(Buffer.concat(chunks).toString()) })
    })
    call.on('error', reject)
    call.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

function parsed(text: string): unknown {
  return text.trim() === '' ? undefined : JSON.parse(text)
}
