import { describe, expect, it } from 'vitest'
import { incidentsOf } from '../../src/announce/incidents/incidents-of.ts'
import { ReconcileError } from '../../src/model/error.ts'
import type { IncidentBody } from '../../src/model/incident.ts'
import { pinApp, suspendApp, unpinApp } from '../../src/reconcile/operator.ts'
import { thing, type WrittenFleet } from '../support/fleet.ts'
import { type Announcing, announcing, unreadable } from './announcing.ts'

const BAKES = { keeper: { bakeMs: 120_000 } }
const app = (name: string, value: number, spec: object = {}): WrittenFleet => ({
  [name]: [thing(name, { value, ...spec }, BAKES)],
})

async function standing(fleet: WrittenFleet = { ...app('api', 1), ...app('web', 1) }): Promise<Announcing> {
  const world = announcing()
  world.fleet.commit(fleet)
  await world.tick()
  await world.minutes(3)
  return world
}

/** What a chat was told, in order: `open failed:web: title`. */
const told = ({ outbox }: Announcing): readonly string[] =>
  outbox.messages.flatMap(({ sink, body }) => {
    const { state, incident } = body as IncidentBody
    return sink === 'chat:ops' ? [`${state} ${incident.key}`] : []
  })

const bodies = ({ outbox }: Announcing): readonly IncidentBody[] =>
  outbox.messages.flatMap(({ sink, body }) => (sink === 'chat:ops' ? [body as IncidentBody] : []))

const last = (world: Announcing): IncidentBody => {
  const body = bodies(world).at(-1)
  if (!body) throw new Error('nothing was told')
  return body
}

describe('incidents', () => {
  it('of a fleet that is well there are none', async () => {
    expect(told(await standing())).toEqual([])
  })

  it('a failure is opened once with what failed and how to go on, and resolved when what mends it is proven', async () => {
    const world = await standing()
    const good = world.fleet.store.app('web').lastGood?.revision
    const bad = world.fleet.commit({ ...app('api', 1), ...app('web', 100, { image: 'web:2' }) })
    await world.tick()
    await world.minutes(10)
    expect(told(world)).toEqual([`open failed:web:${bad}`])
    expect(last(world).incident).toEqual({
      key: `failed:web:${bad}`,
      type: 'failed',
      severity: 'warning',
      app: 'web',
      title: `web: ${bad.slice(0, 12)} failed and was rolled back`,
      lines: ['TaskFailed: prod/Thing/web: it crashes', 'web: diagnosis', `runs now: ${good?.slice(0, 12)}`],
      command: 'swarmkeeper retry web',
    })
    world.fleet.commit({ ...app('api', 1), ...app('web', 3) })
    await world.tick()
    expect(told(world)).toHaveLength(1)
    await world.minutes(3)
    expect(told(world)).toEqual([`open failed:web:${bad}`, `resolved failed:web:${bad}`])
  })

  it('a revert resolves it as well', async () => {
    const world = await standing()
    const bad = world.fleet.commit({ ...app('api', 1), ...app('web', 100) })
    await world.tick()
    world.fleet.commit({ ...app('api', 1), ...app('web', 1) })
    await world.tick()
    await world.minutes(4)
    expect(told(world)).toEqual([`open failed:web:${bad}`, `resolved failed:web:${bad}`])
  })

  it('a restart in between opens nothing twice', async () => {
    const world = await standing()
    world.fleet.commit({ ...app('api', 1), ...app('web', 100) })
    await world.tick()
    world.restart()
    await world.minutes(3)
    expect(told(world)).toHaveLength(1)
  })

  it('a retry that fails again is told again', async () => {
    const world = await standing()
    world.fleet.commit({ ...app('api', 1), ...app('web', 100) })
    await world.tick()
    await world.minutes(1)
    await world.tick({ retry: true })
    expect(told(world)).toHaveLength(2)
  })

  it('a first apply that fails stays for a person, and is critical', async () => {
    const world = announcing()
    const bad = world.fleet.commit(app('web', 100))
    await world.tick()
    await world.minutes(3)
    expect(told(world)).toEqual([`open held-back:web:${bad}`])
    expect(last(world).incident).toMatchObject({ type: 'held-back', severity: 'critical' })
  })

  it('drift is told with what differs and what accepts it, and is resolved when it was put right', async () => {
    const world = await standing()
    world.fleet.byHand('Thing/web', { label: 'by hand' })
    await world.tick()
    await world.minutes(2)
    expect(told(world)).toEqual(['open drift:web', 'resolved drift:web'])
    expect(bodies(world)[0]?.incident).toMatchObject({
      type: 'drift',
      title: 'web: prod/Thing/web has drifted, and is put right',
      lines: [
        'prod/Thing/web: the next apply puts it right',
        '  label: "by hand" -> (none)',
        'to accept it, merge what the command prints before it is put right',
      ],
      command: 'swarmkeeper drift --as-patch',
    })
  })

  it('drift that is only reported stays open, is told again when it is another one, and not at each look', async () => {
    const world = await standing()
    world.fleet.byHand('Thing/web', { value: 5 })
    await world.tick()
    await world.minutes(8)
    expect(told(world)).toEqual(['open drift:web'])
    world.fleet.byHand('Thing/web', { value: 6 })
    await world.minutes(2)
    expect(told(world)).toEqual(['open drift:web', 'open drift:web'])
    world.fleet.byHand('Thing/web', { value: 1 })
    await world.minutes(2)
    expect(told(world).at(-1)).toBe('resolved drift:web')
    expect(bodies(world)[0]?.since).toBe(last(world).since)
  })

  it('drift that is another one at each look is told again after five minutes, and not at each', async () => {
    const world = await standing()
    for (let minute = 0; minute < 11; minute += 1) {
      world.fleet.byHand('Thing/web', { value: 5 + minute })
      await world.minutes(1)
    }
    expect(told(world)).toEqual(['open drift:web', 'open drift:web', 'open drift:web'])
  })

  it('what an outcome cannot know of stays as it is: only a look ends it', async () => {
    const world = await standing()
    world.fleet.byHand('Thing/api', { value: 5 })
    await world.minutes(1)
    const bad = world.fleet.commit({ ...app('api', 1), ...app('web', 100) })
    await world.tick()
    expect(told(world)).toEqual(['open drift:api', `open failed:web:${bad}`])
  })

  it('what comes and goes within five minutes is told once, and again only when it stays', async () => {
    const world = await standing()
    const drift = (value: number): void => world.fleet.byHand('Thing/web', { value })
    drift(5)
    await world.minutes(1)
    drift(1)
    await world.minutes(1)
    expect(told(world)).toEqual(['open drift:web', 'resolved drift:web'])
    drift(5)
    await world.minutes(1)
    drift(1)
    await world.minutes(1)
    expect(told(world)).toHaveLength(2)
    drift(5)
    await world.minutes(8)
    expect(told(world).slice(2)).toEqual(['open drift:web'])
  })

  it('what becomes unhealthy outside of an attempt is told when it is so at two looks in a row', async () => {
    const world = await standing()
    world.fleet.world.healthOf = () => ({ status: 'degraded', message: '0/2 running' })
    await world.minutes(1)
    expect(told(world)).toEqual([])
    await world.minutes(1)
    expect(told(world)).toEqual(['open unhealthy:api', 'open unhealthy:web'])
    world.fleet.world.healthOf = (_id, object) => ({ status: 'healthy', instance: String(object.starts) })
    await world.minutes(1)
    expect(told(world).slice(2)).toEqual(['resolved unhealthy:api', 'resolved unhealthy:web'])
  })

  it('a target that does not answer is told at the third look, with how much is unknown by it', async () => {
    const world = await standing()
    world.fleet.world.reachable = false
    await world.minutes(2)
    expect(told(world)).toEqual([])
    await world.minutes(3)
    expect(told(world)).toEqual(['open target:prod'])
    expect(last(world).incident).toMatchObject({ severity: 'critical', title: 'target prod cannot be reached' })
    expect(last(world).incident.lines.join('\n')).toContain('2 resources on it are unknown')
    world.fleet.world.reachable = true
    await world.minutes(1)
    expect(told(world)).toEqual(['open target:prod', 'resolved target:prod'])
  })

  it('looks that follow each other at once count as one', async () => {
    const world = await standing()
    world.fleet.world.reachable = false
    for (let look = 0; look < 6; look += 1) await world.tick()
    expect(told(world)).toEqual([])
  })

  it('the source that is down is told at the third look', async () => {
    const world = await standing()
    world.fleet.sourceDown = true
    await world.minutes(3)
    expect(told(world)).toEqual(['open source'])
    world.fleet.sourceDown = false
    await world.minutes(1)
    expect(told(world)).toEqual(['open source', 'resolved source'])
  })

  it.each([
    ['source', new ReconcileError('SourceUnreachable', { message: 'it hangs' })],
    ['refused', new ReconcileError('SourceRefused', { message: 'a symlink' })],
    ['look', new ReconcileError('StoreLocked', { message: 'another run' })],
    ['look', new Error('a fault of ours')],
  ])('a look that cannot be taken is told at the third time: %s, %s', async (key, error) => {
    const world = announcing()
    for (let look = 0; look < 4; look += 1) {
      world.announcer.onSourceDown(error)
      await world.fleet.clock.sleep(60_000)
    }
    expect(told(world)).toEqual([`open ${key}`])
    expect(last(world).incident.lines[0]).toBe(error.message)
    world.fleet.commit(app('web', 1))
    await world.tick()
    expect(told(world)).toEqual([`open ${key}`, `resolved ${key}`])
  })

  it('a guard that holds several apps is one incident, with the command that confirms it', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'] as const
    const world = await standing(Object.assign({}, ...names.map((name) => app(name, 1))))
    world.fleet.commit(app('a', 1))
    await world.tick()
    const open = incidentsOf(world.view(), world.fleet.clock.now())
    const guards = [...new Set(world.view().planned.flatMap((planned) => planned.guards.map(({ name }) => name)))]
    expect(open.map(({ command }) => command)).toEqual(guards.map((name) => `swarmkeeper apply --confirm ${name}`))
    await world.tick({ confirm: guards })
    await world.minutes(1)
    expect(told(world).filter((line) => line.startsWith('resolved'))).toHaveLength(guards.length)
  })

  it('another history is held, and told as what waits for a person', async () => {
    const world = await standing()
    world.fleet.rewriteHistory()
    const forced = world.fleet.commit({ ...app('api', 1), ...app('web', 2) })
    await world.tick()
    expect(told(world)).toEqual([`open revision:${forced}`])
    expect(last(world).incident).toMatchObject({
      lines: ['see what was pushed; if it is meant'],
      command: `swarmkeeper apply --confirm revision:${forced.slice(0, 12)}`,
    })
  })

  it('three apps that failed in one revision: one failure each, and one guard for the rest', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'] as const
    const world = await standing(Object.assign({}, ...names.map((name) => app(name, 1))))
    const bad = world.fleet.commit(Object.assign({}, ...names.map((name) => app(name, 100)))).slice(0, 12)
    await world.tick()
    await world.minutes(2)
    expect(told(world).filter((line) => line.startsWith('open failed:'))).toHaveLength(3)
    expect(told(world).filter((line) => !line.startsWith('open failed:'))).toEqual([`open guard:failures:${bad}`])
  })

  it('a suspension is told before it ends, and a pin is nobody’s incident', async () => {
    const world = await standing()
    const decision = { by: 'ann', reason: 'disk is full' }
    suspendApp(world.fleet.collaborators(), 'web', { ...decision, forMs: 3_600_000 })
    const signal = new AbortController().signal
    await pinApp(world.fleet.collaborators(), 'api', { ...decision, signal, to: world.view().look.revision })
    await world.minutes(50)
    expect(told(world)).toEqual([])
    await world.minutes(5)
    expect(told(world)).toEqual(['open suspension:web'])
    expect(last(world).incident).toMatchObject({
      title: 'web: its suspension ends soon, and it runs again',
      lines: ['suspended by ann: disk is full', 'runs again: prod/Thing/web', expect.stringMatching(/^at /)],
    })
    await world.minutes(10)
    expect(told(world)).toEqual(['open suspension:web', 'resolved suspension:web'])
    unpinApp(world.fleet.collaborators(), 'api', decision)
  })

  it('a document that cannot be read is told with its place', async () => {
    const world = await standing()
    const mend = unreadable(world, 'web')
    await world.tick()
    expect(told(world)).toEqual(['open invalid:web'])
    expect(last(world).incident.lines).toEqual(['apps/all.yaml:3:5 /image: no such field'])
    mend()
    await world.tick()
    expect(told(world)).toEqual(['open invalid:web', 'resolved invalid:web'])
  })
})
