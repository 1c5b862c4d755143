import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Wanted } from '../../src/model/resource.ts'
import { type Lab, labPossible, requireLab } from '../lab/lab.mjs'
import { adopt, create, move, prune } from '../support/changes.ts'
import {
  actionsOf,
  createSwarmWorld,
  idOf,
  neverAborted,
  type SwarmWorld,
  type WantedOptions,
  wantedOf,
} from '../targets/swarm/swarm-world.ts'

describe.skipIf(!labPossible())('networks, secrets and configs on a real Swarm', () => {
  let lab: Lab
  let world: SwarmWorld
  beforeAll(async () => {
    lab = await requireLab()
  })
  beforeEach(() => {
    world = createSwarmWorld({ endpoint: lab.dockerHost })
    lab.counter.forget()
  })
  afterAll(() => lab?.dispose())

  const service = (name: string, fields: object = {}, options?: WantedOptions): Wanted => {
    const image = lab.registry.reference('app:1')
    const fast = { restart: { delay: '0s' }, stopGracePeriod: '1s', update: { monitor: '1s' } }
    return wantedOf({ kind: 'Service', name, image, resolve: 'never', ...fast, ...fields }, options)
  }
  const secretOf = (content: string) =>
    wantedOf({ kind: 'Secret', name: 'token', from: 'settings:TOKEN' }, { secret: content })
  const answerIn = async (name: string, path: string): Promise<string> => {
    const [task] = await lab.engine.tasks(name)
    const filters = encodeURIComponent(JSON.stringify({ label: [`com.docker.swarm.task.id=${task?.id}`] }))
    const [container] = await lab.engine.call('GET', `/containers/json?filters=${filters}`)
    const exec = await lab.engine.call('POST', `/containers/${container.Id}/exec`, {
      body: { Cmd: ['cat', path], AttachStdout: true, Tty: true },
    })
    return (await lab.engine.request('POST', `/exec/${exec.Id}/start`, { body: { Tty: true } })).body.toString('utf8')
  }
  const healthy = (wanted: Wanted) => world.until(wanted, ({ health }) => health.status === 'healthy')

  it('swarm.md 13: a new content is a new generation; the old one goes when nothing uses it any more', async () => {
    const [old, fresh] = [secretOf('one'), secretOf('two')]
    const using = (secret: Wanted) =>
      service('rotated', { secrets: ['token'] }, { known: [secret], after: [secret.id] })
    const before = using(old)
    await world.reconcile([old, before])
    await healthy(before)
    expect(await answerIn('rotated', '/run/secrets/token')).toBe('one')

    // Still in use: the refusal is kept for the next tick, and nothing else of it happens.
    const refused = createSwarmWorld({ endpoint: lab.dockerHost, clock: impatient() })
    expect((await refused.apply(prune(old))).at(-1)).toMatchObject({
      step: 'failed',
      note: { reason: 'TargetRefused', message: expect.stringContaining('in use by the following service: rotated') },
    })

    const after = using(fresh)
    const plan = await world.reconcile([fresh, after])
    expect(actionsOf(plan).slice(0, 2)).toEqual([`create Secret/${fresh.id.split('/')[2]}`, 'update Service/rotated'])
    await healthy(after)
    expect(await answerIn('rotated', '/run/secrets/token')).toBe('two')
    expect((await world.apply(prune(old))).at(-1)?.step).toBe('applied')
    await world.apply(prune(after), prune(fresh))
  })

  it('swarm.md 13: of a generation only labels are ever sent, and its content never comes back', async () => {
    const secret = secretOf('hush')
    await world.apply(create(secret))
    const moved = { ...secret, app: 'other' }
    await world.observe(secret)
    await world.apply(move(moved, 'web'))
    expect(await world.one(secret)).toMatchObject({ owner: { who: 'us', app: 'other' } })
    const [, relabel] = lab.counter.writes()
    expect(relabel?.body).not.toHaveProperty('Data')
    expect(JSON.stringify(await lab.engine.call('GET', '/secrets'))).not.toContain(
      Buffer.from('hush').toString('base64'),
    )
    await world.apply(prune(moved))
  })

  it('swarm.md 13: contents that differ by one byte do not share a name, the same content does', () => {
    expect(secretOf('a').id).not.toBe(secretOf('b').id)
    expect(secretOf('a').id).toBe(secretOf('a').id)
  })

  it('swarm.md 14: a changed option of a network is seen, and is a replacement', async () => {
    const net = (internal: boolean) => wantedOf({ kind: 'Network', name: 'changed', internal })
    await world.reconcile([net(false)])
    expect(actionsOf(await world.reconcile([net(true)]))).toEqual(['replace Network/changed'])
    expect((await lab.engine.call('GET', '/networks/changed')).Internal).toBe(true)
    expect(actionsOf(await world.reconcile([net(true)]))).toEqual([])
    await world.apply(prune(net(true)))
  })

  it('swarm.md 14: what is pruned is pruned whole: network and config too', async () => {
    const net = wantedOf({ kind: 'Network', name: 'whole' })
    const config = wantedOf({ kind: 'Config', name: 'whole', content: 'x' }, { handling: { keep: 0 } })
    await world.reconcile([net, config])
    await world.reconcile([])
    const live = await world.observe(net, config)
    expect(live.of.get(net.id)).toEqual({ state: 'absent' })
    expect(live.of.get(config.id)).toEqual({ state: 'absent' })
  })

  it('swarm.md 15: a network goes although the tasks of its service are still ending', async () => {
    const net = wantedOf({ kind: 'Network', name: 'busy' })
    // No shell answers SIGTERM here: the task lives for its whole grace period after its service is gone.
    const stubborn = service(
      'stubborn',
      { networks: ['busy'], command: ['sleep', '1000'], entrypoint: [], stopGracePeriod: '4s' },
      { known: [net], after: [net.id] },
    )
    await world.reconcile([net, stubborn])
    await healthy(stubborn)
    const marks = await world.apply(prune(stubborn), prune(net))
    expect(marks.filter(({ step }) => step === 'failed')).toEqual([])
    await world.apply(create(net))
    expect(await world.one(net)).toMatchObject({ state: 'present', owner: { who: 'us' } })
    const again = service('stubborn', { networks: ['busy'] }, { known: [net], after: [net.id] })
    expect((await world.apply(create(again))).at(-1)).toEqual({ id: again.id, step: 'applied', note: {} })
    await healthy(again)
    await world.apply(prune(again), prune(net))
  })

  it('swarm.md 15: removed and made again under the same name, as one change', async () => {
    const first = service('again', { mode: 'global' })
    await world.reconcile([first])
    await healthy(first)
    const second = service('again', { mode: 'replicated' })
    await world.reconcile([second])
    await healthy(second)
    expect((await lab.engine.tasks('again')).filter(({ state }) => state === 'running').length).toBe(1)
    await world.apply(prune(second))
  })

  it('swarm.md 19: a secret of this name that is not ours is a conflict, never adopted in silence', async () => {
    const secret = secretOf('theirs')
    await lab.engine.call('POST', '/secrets/create', {
      body: { Name: secret.id.split('/')[2], Data: Buffer.from('other').toString('base64') },
    })
    const plan = await world.reconcile([secret])
    expect(plan.held).toMatchObject([{ id: secret.id, why: 'conflict' }])
    expect(actionsOf(plan)).toEqual([])
    expect((await world.apply(prune(secret))).at(-1)).toMatchObject({ step: 'failed', note: { reason: 'Conflict' } })
  })

  it('rule 10: adopting writes the stamp where there can be one, and nothing at all where there cannot', async () => {
    await lab.engine.call('POST', '/networks/create', { body: { Name: 'found', Driver: 'overlay' } })
    const net = wantedOf({ kind: 'Network', name: 'found' }, { handling: { adopt: 'stamp' } })
    expect(actionsOf(await world.reconcile([net]))).toEqual(['adopt Network/found'])
    expect(lab.counter.writes()).toEqual([])
    expect(await world.one(net)).toMatchObject({ owner: { who: 'nobody' } })
    const unstamped = { [net.id]: { app: 'web', digest: net.digest } }
    await world.target.writeRecord({ install: 'test', apps: {}, unstamped }, { signal: neverAborted })
    expect(await world.one(net)).toMatchObject({ owner: { who: 'us', app: 'web' } })

    const web = service('found', {}, { handling: { adopt: 'stamp' } })
    const theirs = createSwarmWorld({ endpoint: lab.dockerHost })
    await theirs.apply(create(web))
    await healthy(web)
    const { Spec, ID, Version } = await lab.engine.call('GET', '/services/found')
    await lab.engine.call('POST', `/services/${ID}/update?version=${Version.Index}`, { body: { ...Spec, Labels: {} } })
    const before = await lab.engine.tasks('found')
    await world.observe(web)
    expect((await world.apply(adopt(web))).at(-1)?.step).toBe('applied')
    expect(await lab.engine.tasks('found')).toEqual(before)
    expect(await world.one(web)).toMatchObject({ owner: { who: 'us' } })
    await world.apply(prune(web))
  })

  it('rule 8: whatever carries our stamp is seen without being asked for', async () => {
    const all = [secretOf('seen'), wantedOf({ kind: 'Config', name: 'seen', content: 'x' }), service('seen')]
    await world.apply(...all.map(create))
    const live = await createSwarmWorld({ endpoint: lab.dockerHost }).observe()
    for (const { id } of all) expect(live.of.get(id)).toMatchObject({ owner: { who: 'us', app: 'web' } })
    expect(live.of.has(idOf('Config', 'swarmkeeper-test'))).toBe(false)
    await world.apply(...all.toReversed().map(prune))
  })
})

/** A clock on which waiting takes no time. */
function impatient() {
  let ms = 0
  return {
    now: () => new Date(),
    monotonic: () => ms,
    sleep: async (by: number) => {
      ms += by
    },
  }
}
