import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { request as requestTls } from 'node:https'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KeyPair } from '../lab/certificates.mjs'
import type { Engine } from '../lab/engine.mjs'
import { importImage } from '../lab/images.mjs'
import { type Lab, labPossible, requireLab } from '../lab/lab.mjs'
import { removeLeftovers } from '../lab/leftovers.mjs'
import { startTime } from '../lab/processes.mjs'
import { waitUntil } from '../lab/wait.mjs'

const run = promisify(execFile)

describe.skipIf(!labPossible())('the lab', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await requireLab()
  })
  afterAll(() => lab?.dispose())

  it('runs a service from its registry and answers over its address', async () => {
    await createService(lab.engine, { name: 'web', image: lab.registry.reference('web:1'), published: 18080 })
    expect(await answer(lab, 18080, '/status.json')).toMatchObject({ version: '1', ready: true })
    await waitUntil('its health check', async () => (await lab.engine.tasks('web'))[0]?.state === 'running')
  })

  it('tells the digest and the platforms of an image through the engine', async () => {
    const pushed = await lab.registry.push('app:many', {}, { platforms: ['linux/amd64', 'linux/arm/v7'] })
    const asked = await lab.engine.call('GET', `/distribution/${lab.registry.reference('app:many')}/json`)
    expect(asked.Descriptor.digest).toBe(pushed)
    expect(asked.Platforms).toEqual([
      { architecture: 'amd64', os: 'linux' },
      { architecture: 'arm', os: 'linux', variant: 'v7' },
    ])
    expect(await lab.registry.digest('app:many')).toBe(pushed)
  })

  it('knows images that crash, fail their health check, or end as jobs', async () => {
    const { engine, registry } = lab
    await createService(engine, { name: 'crash', image: registry.reference('app:crash'), restart: 'none' })
    await createService(engine, { name: 'sick', image: registry.reference('web:sick'), restart: 'none' })
    await createService(engine, { name: 'job', image: registry.reference('job:1'), restart: 'none' })
    expect(await lastTask(engine, 'crash')).toMatchObject({ state: 'failed', exitCode: 1 })
    expect(await lastTask(engine, 'sick')).toMatchObject({
      state: 'failed',
      error: expect.stringContaining('unhealthy'),
    })
    expect(await lastTask(engine, 'job')).toMatchObject({ state: 'complete', exitCode: 0 })
  })

  it('imports an image that no registry knows', async () => {
    await importImage(lab.engine, 'local:1', { env: { VERSION: 'local one' }, healthcheck: true })
    const image = await lab.engine.call('GET', '/images/local:1/json')
    expect(image.RepoDigests).toEqual([])
    expect(image.Config.Env).toContain('VERSION=local one')
    expect(image.Config.Healthcheck.Test).toEqual(['CMD', '/bin/health'])
  })

  it('serves repositories to clone from and push to, and counts by kind', async () => {
    const repository = await lab.git.create('config')
    const first = await repository.commit({ 'a.txt': 'one\n', 'deep/b.txt': 'two\n', link: { link: 'a.txt' } })
    await withClone(repository.url, async (clone) => {
      expect(readFileSync(join(clone, 'deep/b.txt'), 'utf8')).toBe('two\n')
      expect((await run('git', ['-C', clone, 'rev-parse', 'HEAD'])).stdout.trim()).toBe(first)
      await commitByHand(clone)
      await run('git', ['-C', clone, 'push', '--quiet', 'origin', 'main'])
    })
    expect(await repository.git('show', 'main:c.txt')).toBe('three\n')
    expect(lab.git.count('fetch')).toBe(1)
    expect(lab.git.count('push')).toBeGreaterThan(0)
    const second = await repository.commit({ 'a.txt': null })
    expect(await repository.git('ls-tree', '--name-only', second)).toBe('c.txt\ndeep\nlink\n')
    const apart = await repository.commit({ 'z.txt': 'new history' }, { orphan: true })
    expect(await repository.git('rev-list', '--count', apart)).toBe('1\n')
  })

  it('asks for credentials where told to, and fails where told to', async () => {
    const repository = await lab.git.create('private')
    await repository.commit({ 'a.txt': 'one\n' })
    const list = (url: string) => run('git', ['ls-remote', url], { env: { ...process.env, GIT_TERMINAL_PROMPT: '0' } })
    lab.git.requireAuth({ token: 's3cret' })
    await expect(list(repository.url)).rejects.toThrow(/could not read Username/)
    expect((await list(repository.url.replace('://', '://any:s3cret@'))).stdout).toContain('refs/heads/main')
    lab.git.requireAuth(undefined)
    lab.git.setFault({ status: 503 })
    await expect(list(repository.url)).rejects.toThrow(/503/)
    lab.git.setFault(undefined)
    expect((await list(repository.url)).stdout).toContain('refs/heads/main')
  })
})

describe.skipIf(!labPossible())('the counter before an engine', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await requireLab({ registry: false })
  })
  afterAll(() => lab?.dispose())

  it('writes down lists and writes apart, with the body and the version asked for', async () => {
    lab.counter.forget()
    await viaCounter(lab, 'GET', '/v1.41/services?status=true')
    await viaCounter(lab, 'POST', '/v1.41/networks/create', { Name: 'n', Driver: 'overlay' })
    expect(lab.counter.matching('GET', '/services')).toMatchObject([{ version: '1.41', status: 200 }])
    expect(lab.counter.writes()).toMatchObject([{ path: '/networks/create', status: 201, body: { Name: 'n' } }])
  })

  it('answers in the place of the engine, once', async () => {
    lab.counter.inject({ method: 'GET', path: '/services', status: 500, message: 'update out of sequence', times: 1 })
    expect(await viaCounter(lab, 'GET', '/services')).toEqual({
      status: 500,
      text: '{"message":"update out of sequence"}',
    })
    expect((await viaCounter(lab, 'GET', '/services')).status).toBe(200)
  })

  it('loses the answer of a write that the engine did', async () => {
    const remove = lab.counter.inject({ path: '/networks/create', drop: 'after' })
    await expect(viaCounter(lab, 'POST', '/networks/create', { Name: 'lost', Driver: 'overlay' })).rejects.toThrow()
    remove()
    expect((await lab.engine.request('GET', '/networks/lost')).status).toBe(200)
  })

  it('loses a write before the engine sees it', async () => {
    const remove = lab.counter.inject({ path: '/networks/create', drop: 'before' })
    await expect(viaCounter(lab, 'POST', '/networks/create', { Name: 'never', Driver: 'overlay' })).rejects.toThrow()
    remove()
    expect((await lab.engine.request('GET', '/networks/never')).status).toBe(404)
  })

  it('runs a function between the engine and the client', async () => {
    const seen: string[] = []
    const remove = lab.counter.inject({
      path: '/networks/create',
      before: () => seen.push('before'),
      after: async () => seen.push(`after: ${(await lab.engine.request('GET', '/networks/hooked')).status}`),
    })
    await viaCounter(lab, 'POST', '/networks/create', { Name: 'hooked', Driver: 'overlay' })
    remove()
    expect(seen).toEqual(['before', 'after: 200'])
  })

  it('is reached by TCP with TLS, with a certificate of its own authority alone', async () => {
    const { url, ca, client, stranger, counter } = await lab.listenTls()
    const ping = (pair: KeyPair) => statusByTls(`${url.replace('tcp:', 'https:')}/_ping`, { ca, ...pair })
    expect(await ping(client)).toBe(200)
    await expect(ping(stranger)).rejects.toThrow()
    expect(counter.calls).toMatchObject([{ path: '/_ping', status: 200 }])
  })

  it('passes streams and upgraded connections through', async () => {
    const { engine, counter } = lab
    await importImage(engine, 'local:1', {})
    const events = request({ socketPath: counter.socketPath, path: '/events' }).end()
    const [stream] = await once(events, 'response')
    const { Id: id } = await engine.call('POST', '/containers/create', { body: { Image: 'local:1' } })
    expect(JSON.parse(String((await once(stream, 'data'))[0])).Actor.ID).toBe(id)
    events.destroy()
    await engine.call('POST', `/containers/${id}/start`)
    expect(await execThroughCounter(lab, id, ['echo', 'hello'])).toContain('hello')
  })
})

describe.skipIf(!labPossible())('labs and the machine', () => {
  it('run side by side with the same names and ports', async () => {
    const labs = await Promise.all([requireLab(), requireLab()])
    try {
      for (const [at, lab] of labs.entries()) {
        const image = lab.registry.reference(`app:${at + 1}`)
        await createService(lab.engine, { name: 'web', image, published: 18080 })
      }
      for (const [at, lab] of labs.entries()) expect(await answer(lab, 18080, '/version')).toBe(at + 1)
    } finally {
      await Promise.all(labs.map((lab) => lab.dispose()))
    }
  })

  it('leave nothing when disposed, with services still running', async () => {
    const lab = await requireLab()
    await createService(lab.engine, { name: 'web', image: lab.registry.reference('app:1'), published: 18080 })
    await answer(lab, 18080, '/version')
    const owned = ledger(lab.dir)
    expect(owned.filter(isRunning)).not.toEqual([])
    await lab.dispose()
    expect(owned.filter(isRunning)).toEqual([])
    expectNothingOf(lab)
  })

  it('leave nothing when the start fails half-way, and say why', async () => {
    const before = ourFolders()
    const failing = requireLab({ images: { 'NOT A NAME:1': {} } })
    await expect(failing).rejects.toThrow(/registry: POST/)
    expect(ourFolders()).toEqual(before)
  })

  it('end with a killed process, and the next one removes the folder', async () => {
    const child = spawn(process.execPath, ['test/lab/main.mjs'], { stdio: ['ignore', 'pipe', 'inherit'] })
    const dir = await waitForLine(child.stdout, /logs and data: (\S+)/)
    const id: string = JSON.parse(readFileSync(join(dir, 'lab.json'), 'utf8')).id
    const owned = ledger(dir)
    child.kill('SIGKILL')
    await waitUntil('its processes to end', () => !owned.some(isRunning))
    await waitUntil('the folder to be removed', async () => (await removeLeftovers()).includes(dir) || !existsSync(dir))
    expectNothingOf({ dir, id })
  })
})

describe.skipIf(!labPossible())('a lab of two nodes', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await requireLab({ nodes: ['worker'], swarmOptions: { heartbeatSeconds: 1 } })
  })
  afterAll(() => lab?.dispose())

  it('places a task on the node that a constraint names', async () => {
    const constraint = 'node.hostname==node-2'
    await createService(lab.engine, {
      name: 'there',
      image: lab.registry.reference('app:1'),
      published: 18081,
      constraint,
    })
    const second = secondOf(lab)
    expect(await answer({ address: second.address }, 18081, '/version')).toBe(1)
  })

  it('sees a node go down when its cable is cut, and come back', async () => {
    const second = secondOf(lab)
    await second.cutLink()
    await nodeState(lab, 'down')
    await second.mendLink()
    await nodeState(lab, 'ready')
  })

  it('survives the power failure of a node', async () => {
    const second = secondOf(lab)
    await second.kill()
    await nodeState(lab, 'down')
    await second.start()
    await nodeState(lab, 'ready')
    expect(await answer({ address: second.address }, 18081, '/version')).toBe(1)
  })

  it('takes a further manager in', async () => {
    const third = await lab.addNode('manager')
    expect(await third.call('GET', '/services')).toHaveLength(1)
  })
})

describe.skipIf(!labPossible())('a registry with a login', () => {
  it('refuses without and answers with credentials', async () => {
    const lab = await requireLab({ registryAuth: { username: 'keeper', password: 'open sesame' } })
    try {
      const path = `/distribution/${lab.registry.reference('app:1')}/json`
      expect((await lab.engine.request('GET', path)).status).toBeGreaterThanOrEqual(400)
      const login = JSON.stringify({ ...lab.registry.auth, serveraddress: lab.registry.host })
      const headers = { 'x-registry-auth': Buffer.from(login).toString('base64') } // padded: else ignored
      expect((await lab.engine.request('GET', path, { headers })).status).toBe(200)
    } finally {
      await lab.dispose()
    }
  })
})

interface ServiceWish {
  readonly name: string
  readonly image: string
  readonly published?: number
  readonly restart?: 'none'
  readonly constraint?: string
}

async function createService(
  engine: Engine,
  { name, image, published, restart, constraint }: ServiceWish,
): Promise<void> {
  const port = { Protocol: 'tcp', TargetPort: 8080, PublishedPort: published, PublishMode: 'host' }
  const body = {
    Name: name,
    TaskTemplate: {
      ContainerSpec: { Image: image },
      RestartPolicy: { Condition: restart ?? 'any' },
      Placement: { Constraints: constraint === undefined ? [] : [constraint] },
    },
    EndpointSpec: { Ports: published === undefined ? [] : [port] },
  }
  await engine.call('POST', '/services/create', { body })
}

async function answer({ address }: { readonly address: string }, port: number, path: string): Promise<unknown> {
  return waitUntil(`an answer from ${address}:${port}`, async () => {
    const response = await fetch(`http://${address}:${port}${path}`, { signal: AbortSignal.timeout(2000) })
    return response.json()
  })
}

async function lastTask(engine: Engine, service: string) {
  return waitUntil(`${service} to end`, async () =>
    (await engine.tasks(service)).find((task) => ['failed', 'complete', 'rejected'].includes(task.state)),
  )
}

function secondOf(lab: Lab): Engine {
  const [, second] = lab.engines
  if (second === undefined) throw new Error('the lab has one node only')
  return second
}

async function nodeState(lab: Lab, state: 'ready' | 'down'): Promise<void> {
  await waitUntil(`node-2 to be ${state}`, async () => {
    const nodes: { Description: { Hostname: string }; Status: { State: string } }[] = await lab.engine.call(
      'GET',
      '/nodes',
    )
    return nodes.some((node) => node.Description.Hostname === 'node-2' && node.Status.State === state)
  })
}

function viaCounter(lab: Lab, method: string, path: string, body?: unknown): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' }
    const call = request({ socketPath: lab.counter.socketPath, method, path, headers }, async (response) => {
      const chunks: Buffer[] = []
      for await (const chunk of response) chunks.push(chunk)
      resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() })
    })
    call.on('error', reject)
    call.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

function statusByTls(url: string, options: { ca: string; key: string; cert: string }): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const call = requestTls(url, { ...options, agent: false }, (response) => resolve(response.resume().statusCode))
    call.on('error', reject).end()
  })
}

async function execThroughCounter(lab: Lab, container: string, words: readonly string[]): Promise<string> {
  const body = { AttachStdout: true, Tty: true, Cmd: words }
  const { Id: id } = await lab.engine.call('POST', `/containers/${container}/exec`, { body })
  const headers = { connection: 'Upgrade', upgrade: 'tcp', 'content-type': 'application/json' }
  const call = request({ socketPath: lab.counter.socketPath, method: 'POST', path: `/exec/${id}/start`, headers })
  call.end(JSON.stringify({ Tty: true }))
  const [, socket, head] = await once(call, 'upgrade')
  const chunks: Buffer[] = [head]
  for await (const chunk of socket) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

async function withClone(url: string, use: (clone: string) => Promise<void>): Promise<void> {
  const clone = mkdtempSync(join(tmpdir(), 'lab-clone-'))
  try {
    await run('git', ['clone', '--quiet', url, clone])
    await use(clone)
  } finally {
    rmSync(clone, { recursive: true })
  }
}

async function commitByHand(clone: string): Promise<void> {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.test']
  await run('sh', ['-c', 'echo three > c.txt && git add c.txt'], { cwd: clone })
  await run('git', ['-C', clone, ...identity, 'commit', '--quiet', '-m', 'By hand'])
}

interface OwnedProcess {
  readonly pid: number
  readonly started: string
}

function ledger(dir: string): readonly OwnedProcess[] {
  const lines = readFileSync(join(dir, 'processes'), 'utf8').trim().split('\n')
  return lines.map((line) => ({ pid: Number(line.split(' ')[0]), started: line.split(' ')[1] ?? '' }))
}

function isRunning({ pid, started }: OwnedProcess): boolean {
  return startTime(pid) === started
}

function expectNothingOf({ dir, id }: { readonly dir: string; readonly id: string }): void {
  expect(existsSync(dir)).toBe(false)
  expect(Object.keys(networkInterfaces())).not.toContain(`swk${id}`)
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(dir)
  const named = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && commandOf(pid).includes(dir))
  expect(named.map(commandOf)).toEqual([])
  expect(existsSync(`/sys/fs/cgroup/memory/swarmkeeper-lab-${id}`)).toBe(false)
  expect(existsSync(`/sys/fs/cgroup/swarmkeeper-lab-${id}`)).toBe(false)
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

/** Labs of other runs may come and go meanwhile: only those of this process count. */
function ourFolders(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => {
    const file = join(tmpdir(), name, 'lab.json')
    return (
      name.startsWith('swarmkeeper-lab-') &&
      existsSync(file) &&
      JSON.parse(readFileSync(file, 'utf8')).pid === process.pid
    )
  })
}

async function waitForLine(stream: AsyncIterable<Buffer>, pattern: RegExp): Promise<string> {
  let text = ''
  for await (const chunk of stream) {
    text += chunk.toString()
    const found = pattern.exec(text)?.[1]
    if (found !== undefined) return found
  }
  throw new Error(`the process ended without saying ${pattern}: ${text}`)
}
