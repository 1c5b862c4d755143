import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Lab, labPossible, requireLab } from '../lab/lab.mjs'
import { create, prune, update } from '../support/changes.ts'
import {
  actionsOf,
  createSwarmWorld,
  INSTALL,
  idOf,
  neverAborted,
  type SwarmWorld,
  type WantedOptions,
  wantedOf,
} from '../targets/swarm/swarm-world.ts'

describe.skipIf(!labPossible())('the Swarm target', () => {
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

  const service = (name: string, fields: object = {}, options?: WantedOptions) =>
    wantedOf({ kind: 'Service', name, image: lab.registry.reference('app:1'), resolve: 'never', ...fields }, options)

  it('knows the Swarm by its cluster id', async () => {
    expect(await world.target.identity({ signal: neverAborted })).toBe(lab.swarm.id)
  })

  it('tells what time it is there, which on this machine is our own', async () => {
    const theirs = (await world.target.time?.({ signal: neverAborted }))?.getTime()
    expect(Math.abs((theirs ?? Number.NaN) - Date.now())).toBeLessThan(5_000)
  })

  it('creates network, secret, config and service, finds them healthy and ours, and plans nothing more', async () => {
    const net = wantedOf({ kind: 'Network', name: 'front' })
    const secret = wantedOf({ kind: 'Secret', name: 'token', from: 'settings:TOKEN' }, { secret: 'open sesame' })
    const config = wantedOf({ kind: 'Config', name: 'motd', content: 'hello' })
    const known = [net, secret, config]
    const web = service(
      'hello',
      { networks: ['front'], secrets: ['token'], configs: [{ source: 'motd', target: '/etc/motd' }] },
      { known, after: known.map(({ id }) => id) },
    )
    const all = [...known, web]
    await world.reconcile(all)
    const seen = await world.until(web, ({ health }) => health.status === 'healthy')
    expect(seen.owner).toEqual({ who: 'us', app: 'web', digest: web.digest })
    const live = await world.observe(...all)
    for (const { id } of all) expect(live.of.get(id)).toMatchObject({ state: 'present', owner: { who: 'us' } })

    lab.counter.forget()
    expect(actionsOf(await world.reconcile(all))).toEqual([])
    expect(lab.counter.writes()).toEqual([])

    const gone = await world.apply(...all.toReversed().map(prune))
    expect(gone.filter(({ step }) => step === 'failed')).toEqual([])
    expect((await world.observe(...all)).of.get(web.id)).toEqual({ state: 'absent' })
  })

  it('asks once for each type of object, however many there are', async () => {
    await world.observe(...Array.from({ length: 40 }, (_, index) => service(`many-${index}`)))
    const paths = lab.counter.calls.map(({ path }) => path).sort()
    expect(paths).toEqual(['/_ping', '/configs', '/info', '/networks', '/nodes', '/secrets', '/services', '/tasks'])
  })

  it('tells the digest and platforms of a tag, and what to do when there is none', async () => {
    const pin = await world.target.resolveImage(lab.registry.reference('app:1'), { signal: neverAborted })
    expect(pin).toEqual({
      digest: await lab.registry.digest('app:1'),
      platforms: [{ architecture: 'amd64', os: 'linux' }],
    })
    await expect(
      world.target.resolveImage(lab.registry.reference('app:none'), { signal: neverAborted }),
    ).rejects.toMatchObject({ reason: 'ImageUnresolved', todo: expect.stringContaining('check name and tag') })
  })

  it('says of a crash loop that it is degraded, and why, with the last lines of its log', async () => {
    const crash = service('crash', { image: lab.registry.reference('app:crash'), restart: { delay: '0s' } })
    await world.apply(create(crash))
    const { health } = await world.until(crash, (seen) => seen.health.status === 'degraded')
    expect(health.message).toMatch(/^0\/1 running; task crash\.1 failed \d times: task: non-zero exit \(1\)$/)
    const told = await world.target.diagnose(crash.id, { signal: neverAborted })
    expect(told[0]).toMatch(/^task crash\.1 on \S+: failed: task: non-zero exit \(1\)$/)
    expect(told).toContainEqual(expect.stringMatching(/^crash\.1 \| .*fatal: cannot open the database$/))
    expect((await world.target.logs(crash.id, 2, { signal: neverAborted })).length).toBe(2)
    await world.apply(prune(crash))
  })

  it('waits for what cannot be scheduled, and says why', async () => {
    const nowhere = service('nowhere', { constraints: ['node.labels.disk == ssd'] })
    const live = await world.observe(nowhere)
    const [node] = lab.engines
    expect(world.target.preflight([create(nowhere)], live)).toEqual([
      {
        id: nowhere.id,
        reason: 'Unschedulable',
        message: `no node can run it: ${node?.name} (does not match node.labels.disk == ssd)`,
      },
    ])
    await world.apply(create(nowhere))
    const { health } = await world.until(nowhere, (seen) => seen.health.message?.includes('suitable') === true)
    expect(health).toMatchObject({ status: 'progressing', message: expect.stringContaining('no suitable node') })
    await world.apply(prune(nowhere))
  })

  it('runs a job to its end, and again when it is updated', async () => {
    const job = wantedOf({
      kind: 'Job',
      name: 'migrate',
      service: { image: lab.registry.reference('job:1'), resolve: 'never' },
    })
    await world.apply(create(job))
    const first = await world.until(job, ({ health }) => health.finished === true)
    expect(first.health).toMatchObject({ status: 'healthy', message: '1/1 completed' })
    expect(actionsOf(await world.reconcile([job]))).toEqual([])
    const failing = wantedOf({
      kind: 'Job',
      name: 'migrate',
      service: { image: lab.registry.reference('job:fail'), resolve: 'never' },
    })
    expect((await world.apply(update(failing))).at(-1)?.step).toBe('applied')
    const { health } = await world.until(failing, (seen) => seen.health.status === 'degraded')
    expect(health.message).toContain('task migrate failed: task: non-zero exit (3)')
    await world.apply(prune(failing))
  })

  it('runs a command as a check, and leaves nothing behind', async () => {
    const probe = (command: readonly string[]) => ({
      name: 'Check/smoke',
      timeoutMs: 20_000,
      withinMs: 0,
      everyMs: 1_000,
      probe: {
        type: 'command' as const,
        target: 'prod',
        image: lab.registry.reference('app:1'),
        command,
        networks: [],
        env: { WHO: 'me' },
      },
    })
    const run = (command: readonly string[]) => world.target.runCheck?.(probe(command), { signal: neverAborted })
    expect(await run(['sh', '-c', 'test "$WHO" = me'])).toEqual({
      name: 'Check/smoke',
      ok: true,
      message: 'exit code 0',
    })
    expect(await run(['sh', '-c', 'echo no database; exit 3'])).toEqual({
      name: 'Check/smoke',
      ok: false,
      message: 'task: non-zero exit (3) | no database',
    })
    const services: { Spec: { Name: string } }[] = await lab.engine.call('GET', '/services')
    expect(services.map(({ Spec }) => Spec.Name).filter((name) => name.startsWith('swarmkeeper-'))).toEqual([])
  })

  it('keeps its record in the labels of a config object, and writes it only where it differs', async () => {
    const net = idOf('Network', 'front')
    const record = {
      install: INSTALL,
      apps: { web: { lastGood: { revision: 'a'.repeat(40), at: '2026-01-01T00:00:00Z' } } },
      unstamped: { [net]: { app: 'web', digest: wantedOf({ kind: 'Network', name: 'front' }).digest } },
    }
    await world.target.writeRecord(record, { signal: neverAborted })
    expect((await world.observe()) as unknown).toMatchObject({ record })
    lab.counter.forget()
    await world.target.writeRecord(record, { signal: neverAborted })
    expect(lab.counter.writes()).toEqual([])
  })
})
