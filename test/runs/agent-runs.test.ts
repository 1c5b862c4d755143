import { beforeEach, describe, expect, it } from 'vitest'
import { ReconcileError } from '../../src/model/error.ts'
import { agentOf } from './agents.ts'
import { createDaemonOn, createPlace, type Daemon, type Place } from './runs-world.ts'

const away = new ReconcileError('TargetUnreachable', { message: 'no route to host', retryable: true })

describe('runs of a scheduled agent', () => {
  let place: Place
  let daemon: Daemon
  beforeEach(async () => {
    place = createPlace()
    daemon = createDaemonOn(place)
    await daemon.at('06:59:30')
  })

  it('start at their time, are followed to their end, and are kept with what they came to', async () => {
    daemon.world.spent = 100
    await daemon.at('07:00:01')
    expect(daemon.last()).toMatchObject({ outcome: 'running', startedAt: '2026-11-21T07:00:01.000Z' })
    await daemon.at('07:00:06')
    place.end('07:00', { ok: true, message: 'exit code 0', lines: ['read 3 mails with hunter2'] })
    daemon.world.spent = 350
    await daemon.at('07:00:11')
    expect(daemon.last()).toEqual({
      agent: 'web/digest',
      id: 'prod/Service/digest',
      tick: '2026-11-21T07:00:00.000Z',
      askedAt: '2026-11-21T07:00:01.000Z',
      startedAt: '2026-11-21T07:00:01.000Z',
      endedAt: '2026-11-21T07:00:06.000Z',
      outcome: 'succeeded',
      message: 'exit code 0',
      cost: { micros: 250, currency: 'USD' },
      lines: ['read 3 mails with [REDACTED]'],
    })
    expect(place.started).toEqual(['07:00'])
    expect(daemon.store.history({ app: 'web', limit: 9 })).toMatchObject([
      {
        what: 'run',
        message: 'Agent/digest as prod/Service/digest, due 2026-11-21 07:00Z: succeeded after 5 s: exit code 0',
      },
    ])
    expect(daemon.events).toMatchObject([
      { type: 'agent:run', agent: 'web/digest', outcome: 'running' },
      { type: 'agent:run', agent: 'web/digest', outcome: 'succeeded', tookMs: 5_000 },
    ])
  })

  it('have no cost as long as nothing was counted for them, and none over the end of a window: that is not nought', async () => {
    daemon.world.spent = 100
    await daemon.at('07:00:01')
    place.end('07:00', { ok: true, message: 'exit code 0' })
    await daemon.at('07:00:11')
    expect(daemon.last()).not.toHaveProperty('cost')
    daemon.ask()
    await daemon.at('07:00:12')
    Object.assign(daemon.world, { spent: 300, window: 'the next' })
    place.end('07:00', { ok: true, message: 'exit code 0' })
    await daemon.at('07:00:20')
    expect(daemon.last()).toMatchObject({ tick: '2026-11-21T07:00:11.000Z', outcome: 'succeeded' })
    expect(daemon.last()).not.toHaveProperty('cost')
  })

  it('are started once by two daemons, of which each has its own database', async () => {
    const other = createDaemonOn(place)
    await other.at('06:59:30')
    await daemon.at('07:00:01')
    await other.at('07:00:02')
    place.end('07:00', { ok: true, message: 'exit code 0' })
    await daemon.at('07:00:30')
    await other.at('07:00:31')
    expect(place.started).toEqual(['07:00'])
    expect([...daemon.runs(), ...other.runs()]).toEqual([
      '07:00 succeeded: exit code 0',
      '07:00 succeeded: exit code 0',
    ])
  })

  it('are started by nobody without the right to write, and by who gets it in time', async () => {
    const lease = { held: false }
    const other = createDaemonOn(place, { lease })
    await other.at('06:59:30')
    await other.at('07:00:01')
    expect(other.runs()).toEqual(['07:00 running: due'])
    lease.held = true
    await other.at('07:00:40')
    expect([place.started, other.last().outcome]).toEqual([['07:00'], 'running'])
  })

  it('that another daemon has run while this one was down are not missed', async () => {
    const other = createDaemonOn(place)
    await other.at('06:30:00')
    await daemon.at('07:00:01')
    place.end('07:00', { ok: true, message: 'exit code 0' })
    await daemon.at('07:00:30')
    await other.at('09:30:00')
    expect([place.started, other.runs()]).toEqual([['07:00'], ['07:00 succeeded: exit code 0']])
  })

  it('survive a kill at the moment of the start: before it, and after it', async () => {
    place.trouble.start = away
    await daemon.at('07:00:01')
    delete place.trouble.start
    daemon.restart()
    await daemon.at('07:00:20')
    expect(place.started).toEqual(['07:00'])
    // The start went through, and its answer was never kept.
    const key = 'prod/Service/digest 2026-11-21T07:00:00.000Z'
    const shelf = daemon.store.shelf<object>('run')
    const { startedAt: _, ...cut } = daemon.last()
    shelf.put(key, cut, '')
    daemon.restart()
    await daemon.at('07:00:40')
    expect(place.started).toEqual(['07:00'])
    expect(daemon.last()).toMatchObject({ outcome: 'running', startedAt: '2026-11-21T07:00:20.000Z' })
    place.end('07:00', { ok: false, message: 'exit code 3', lines: ['the key expired'] })
    daemon.restart()
    await daemon.at('07:05:00')
    expect(daemon.last()).toMatchObject({ outcome: 'failed', message: 'exit code 3', lines: ['the key expired'] })
  })

  it('are missed after a downtime; with `once`, one takes their place', async () => {
    await daemon.at('09:00:00')
    expect(daemon.runs()).toEqual(['07:00 missed: nobody could start it at its time'])
    const second = createPlace()
    const once = createDaemonOn(second, { agent: agentOf({ missed: 'once' }) })
    await once.at('06:59:30')
    await once.at('09:00:00')
    expect([second.started, once.runs()]).toEqual([['07:00'], ['07:00 running: started']])
  })

  it('are missed where their target does not answer in time, and started late with `once`', async () => {
    place.trouble.look = away
    await daemon.at('07:00:01')
    await daemon.at('07:05:00')
    expect(daemon.runs()).toEqual(['07:00 running: due'])
    delete place.trouble.look
    await daemon.at('07:05:05')
    expect(daemon.runs()).toEqual(['07:00 missed: nobody could start it at its time: no route to host'])

    const second = createPlace()
    const once = createDaemonOn(second, { agent: agentOf({ missed: 'once' }) })
    await once.at('06:59:30')
    second.trouble.look = away
    await once.at('07:00:01')
    delete second.trouble.look
    await once.at('07:30:00')
    expect(second.started).toEqual(['07:00'])
  })

  it('are refused while the one before goes on, and for what holds them', async () => {
    daemon.world.agents = [agentOf({ cron: '* * * * *' })]
    await daemon.at('07:00:01')
    await daemon.at('07:01:01')
    expect(daemon.runs().slice(1)).toEqual(['07:01 refused: the run of 2026-11-21 07:00Z still goes on'])
    place.end('07:00', { ok: true, message: 'exit code 0' })
    await daemon.at('07:01:30')
    daemon.world.why = { message: 'web is suspended until noon' }
    await daemon.at('07:02:01')
    expect(daemon.runs().slice(2)).toEqual(['07:02 refused: web is suspended until noon'])
    expect(place.started).toEqual(['07:00'])
  })

  it('wait for an apply that ends in time, and are refused by one that does not', async () => {
    daemon.world.why = { message: 'web is being applied', wait: true }
    await daemon.at('07:00:01')
    expect(daemon.runs()).toEqual(['07:00 running: due'])
    daemon.world.why = undefined
    await daemon.at('07:00:31')
    expect(place.started).toEqual(['07:00'])

    const second = createPlace()
    const other = createDaemonOn(second)
    await other.at('06:59:30')
    other.world.why = { message: 'web is being applied', wait: true }
    await other.at('07:00:01')
    await other.at('07:01:31')
    expect([second.started, other.runs()]).toEqual([[], ['07:00 refused: web is being applied']])
  })

  it('are stopped when they take too long, for their budget, and when the agent is not declared any more', async () => {
    await daemon.at('07:00:01')
    await daemon.at('08:00:02')
    expect(daemon.last()).toMatchObject({
      outcome: 'stopped',
      message: 'it took longer than its timeout of 60 min',
      lines: ['last words'],
    })
    for (const [why, say] of [
      ['stopped for its budget', (other: Daemon) => Object.assign(other.world, { halt: 'stopped for its budget' })],
      [
        'its agent is not declared any more, or has no schedule',
        (other: Daemon) => Object.assign(other.world, { agents: [] }),
      ],
    ] as const) {
      const other = createDaemonOn(createPlace())
      await other.at('06:59:30')
      await other.at('07:00:01')
      say(other)
      await other.at('07:00:10')
      expect(other.last()).toMatchObject({ outcome: 'stopped', message: why })
    }
  })

  it('go on where the document cannot be read, and where the fleet is frozen', async () => {
    await daemon.at('07:00:01')
    daemon.world.agents = []
    daemon.world.unread = true
    await daemon.at('07:00:10')
    expect(daemon.last().outcome).toBe('running')
    Object.assign(daemon.world, { agents: [agentOf()], unread: false, halt: 'stopped for its budget' })
    daemon.store.putFleet({ ...daemon.store.fleet(), frozen: { reason: '', by: 'ada', at: '' } })
    await daemon.at('07:00:20')
    expect(daemon.last().outcome).toBe('running')
  })

  it('that are found there, by a clock that is wrong, do not take too long by that', async () => {
    const other = createDaemonOn(place)
    await other.at('06:59:30')
    await daemon.at('07:00:01')
    place.setBack(17 * 3_600_000)
    await other.at('07:00:10')
    expect(other.last()).toMatchObject({ outcome: 'running', startedAt: '2026-11-21T07:00:00.000Z' })
  })

  it('are unknown where nothing is left of them, or where their target stays away', async () => {
    await daemon.at('07:00:01')
    place.lose()
    await daemon.at('07:00:10')
    expect(daemon.runs()).toEqual(['07:00 unknown: nothing is left of it on its target'])

    const second = createPlace()
    const other = createDaemonOn(second)
    await other.at('06:59:30')
    await other.at('07:00:01')
    second.trouble.look = away
    await other.at('08:05:00')
    expect(other.last().outcome).toBe('running')
    await other.at('08:11:00')
    expect(other.runs()).toEqual(['07:00 unknown: no route to host'])
  })

  it('fail when they cannot be started', async () => {
    place.trouble.start = new ReconcileError('TargetRefused', { message: 'no such image' })
    await daemon.at('07:00:01')
    await daemon.at('07:00:40')
    expect(daemon.last().outcome).toBe('running')
    await daemon.at('07:01:01')
    expect(daemon.runs()).toEqual(['07:00 failed: it could not be started: no such image'])
  })

  it('leave the newest on their target, as long as the agent is there', async () => {
    daemon.world.agents = [agentOf({ cron: '0 * * * *' })]
    await daemon.at('07:00:01')
    place.end('07:00', { ok: true, message: 'exit code 0' })
    await daemon.at('07:00:10')
    await daemon.at('08:00:01')
    place.end('08:00', { ok: true, message: 'exit code 0' })
    await daemon.at('08:00:10')
    expect(place.cleared).toEqual(['07:00'])
    daemon.world.agents = []
    await daemon.at('08:01:00')
    expect(place.cleared).toEqual(['07:00', '08:00'])
  })

  it('begin when a person asks, beside the schedule, and are refused as any', async () => {
    await daemon.at('08:30:15')
    daemon.ask()
    await daemon.at('08:30:16')
    expect(daemon.last()).toMatchObject({ tick: '2026-11-21T08:30:15.000Z', outcome: 'running', by: 'ada' })
    expect(() => daemon.ask()).toThrow('the run of 2026-11-21 08:30Z still goes on')
    place.end('08:30', { ok: true, message: 'exit code 0' })
    await daemon.at('08:30:20')
    expect(daemon.store.history({ app: 'web', limit: 1 })).toMatchObject([{ what: 'run', by: 'ada' }])
    daemon.world.why = { message: 'web is suspended' }
    await daemon.at('08:30:30')
    expect(() => daemon.ask()).toThrow('web is suspended')
  })

  it('are kept fifty of each agent, and what goes on', async () => {
    daemon.world.agents = [agentOf({ cron: '* * * * *' })]
    daemon.world.why = { message: 'not now' }
    for (let minute = 0; minute < 70; minute += 1) {
      await daemon.at(`${minute < 60 ? '10' : '11'}:${String(minute % 60).padStart(2, '0')}:01`)
    }
    expect(daemon.runs()).toHaveLength(50)
    expect(daemon.runs().at(-1)).toBe('11:09 refused: not now')
  })
})
