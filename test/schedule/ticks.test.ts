import { afterEach, describe, expect, it } from 'vitest'
import { ReconcileError } from '../../src/model/error.ts'
import type { MemoryObject } from '../../src/targets/memory/world.ts'
import { createFleet, healthByValue, shortId, type TestFleet, thing } from '../support/fleet.ts'
import { startTicking, type Ticking } from '../support/ticking.ts'

const HOUR_MS = 3_600_000
const slow = { keeper: { timeoutMs: 100 * HOUR_MS } }

let ticking: Ticking | undefined
afterEach(async () => {
  await ticking?.stop()
  ticking = undefined
})

const start = (fleet: TestFleet): Ticking => {
  ticking = startTicking(fleet)
  return ticking
}

/** Values of 50 never come up, and never fail. */
const hangingAt50 = (fleet: TestFleet): void => {
  fleet.world.healthOf = (id, object: MemoryObject) =>
    (object.spec as { value?: number }).value === 50
      ? { status: 'progressing', message: 'starting' }
      : healthByValue(id, object)
}

const valueIn = (fleet: TestFleet, name: string): unknown =>
  (fleet.spec(`Thing/${name}`) as { value?: number } | undefined)?.value

describe('ticks', () => {
  it('apply what is merged, and write nothing more when nothing differs', async () => {
    const fleet = createFleet()
    fleet.commit({ web: [thing('a')] })
    const { until, views } = start(fleet)
    await until('applied', () => valueIn(fleet, 'a') === 1 && fleet.store.app('web').lastGood !== undefined)
    fleet.writes()
    const looks = views.length
    await until('five looks', () => views.length > looks + 5)
    expect(fleet.writes()).toEqual([])
    fleet.commit({ web: [thing('a', { value: 2 })] })
    await until('the next revision', () => valueIn(fleet, 'a') === 2)
  })

  it('come at the interval with jitter, and at once when they are nudged', async () => {
    const fleet = createFleet()
    fleet.commit({ web: [thing('a')] })
    const { until, views, ticks } = start(fleet)
    await until('at rest', () => views.length > 5)
    const at = views.slice(-3).map(({ look }) => look.live.at.getTime())
    expect((at[2] ?? 0) - (at[1] ?? 0)).toBe(60_000)
    const before = views.length
    let nudged = 0
    const { sleep } = fleet.clock
    Object.assign(fleet.clock, {
      sleep: (ms: number, options?: object) => {
        if (ms > 30_000 && nudged++ === 0) queueMicrotask(() => ticks.nudge())
        return sleep(ms, options)
      },
    })
    await until('nudged', () => views.length > before + 3)
    const gaps = views.slice(before - 1).map(({ look }) => look.live.at.getTime())
    expect(gaps.some((time, index) => index > 0 && time - (gaps[index - 1] ?? 0) <= 500)).toBe(true)
  })

  it('go on after a look that failed, and say what failed meanwhile', async () => {
    const fleet = createFleet()
    fleet.sourceDown = true
    const { until, ticks, failures } = start(fleet)
    await until('a failure', () => failures.length > 2)
    expect(ticks.state()).toMatchObject({ failure: 'the repository does not answer' })
    expect(ticks.state().firstTickAt).toBeUndefined()
    fleet.sourceDown = false
    fleet.commit({ web: [thing('a')] })
    await until('applied', () => valueIn(fleet, 'a') === 1)
    expect(ticks.state().failure).toBeUndefined()
  })

  it('SEC-23: a listener that throws is told of, and stops nothing', async () => {
    const fleet = createFleet()
    fleet.commit({ web: [thing('a')] })
    const running = start(fleet)
    running.onLook = () => {
      throw new Error('a fault of a listener')
    }
    await running.until('applied', () => fleet.store.app('web').lastGood !== undefined)
    expect(running.failures[0]).toEqual(new Error('a fault of a listener'))
  })

  it('go on where even that they failed cannot be told: the disk is full', async () => {
    const fleet = createFleet()
    fleet.sourceDown = true
    const running = start(fleet)
    running.onFailure = () => {
      throw new Error('database or disk is full')
    }
    await running.until('failures', () => running.failures.length > 2)
    fleet.sourceDown = false
    fleet.commit({ web: [thing('a')] })
    await running.until('applied', () => valueIn(fleet, 'a') === 1)
  })
})

describe('one slot per app', () => {
  it('an app that takes its time delays no other', async () => {
    const fleet = createFleet()
    hangingAt50(fleet)
    fleet.commit({ slow: [thing('s', { value: 50 }, slow)], web: [thing('a')] })
    const { until, ticks } = start(fleet)
    await until('web is applied', () => fleet.store.app('web').lastGood !== undefined)
    expect(ticks.state().running).toEqual(['slow'])
    fleet.commit({ slow: [thing('s', { value: 50 }, slow)], web: [thing('a', { value: 2 })] })
    await until('web moves on', () => valueIn(fleet, 'a') === 2)
    expect(ticks.state().running).toContain('slow')
  })

  it('rule 20: a revision that does not change the app lets it wait; one that does takes it over', async () => {
    const fleet = createFleet()
    hangingAt50(fleet)
    fleet.commit({ slow: [thing('s', { value: 50 }, slow)], web: [thing('a')] })
    const { until, outcomes, views } = start(fleet)
    await until('slow is written', () => valueIn(fleet, 's') === 50)
    const other = fleet.commit({ slow: [thing('s', { value: 50 }, slow)], web: [thing('a', { value: 2 })] })
    await until('the other revision was looked at', () => views.filter((v) => v.look.revision === other).length > 3)
    expect(outcomes.filter(({ app }) => app === 'slow')).toEqual([])
    fleet.commit({ slow: [thing('s', { value: 3 })], web: [thing('a', { value: 2 })] })
    await until('slow goes on', () => valueIn(fleet, 's') === 3 && fleet.store.app('slow').attempt === undefined)
    expect(outcomes.find(({ app }) => app === 'slow')).toMatchObject({ outcome: 'waiting', reason: 'Superseded' })
  })

  it('rule 16: a rollback is not cancelled by a newer revision', async () => {
    const fleet = createFleet()
    fleet.commit({ web: [thing('a', {}, slow), thing('b')] })
    const running = start(fleet)
    await running.until('good', () => fleet.store.app('web').lastGood !== undefined)
    // The way back takes its time: a is starting again until it is let.
    let isLet = false
    fleet.world.healthOf = (id, object) => {
      const rolling = fleet.store.app('web').attempt?.phase === 'rolling-back'
      return rolling && !isLet ? { status: 'progressing', message: 'starting again' } : healthByValue(id, object)
    }
    fleet.commit({ web: [thing('a', { value: 100 }, slow), thing('b')] })
    await running.until('rolling back', () => fleet.store.app('web').attempt?.phase === 'rolling-back')
    const next = fleet.commit({ web: [thing('a', { value: 100 }, slow), thing('b', { value: 7 })] })
    const seen = () => running.views.filter(({ look }) => look.revision === next).length
    await running.until('the newer revision was seen', () => seen() > 3)
    expect(running.outcomes.filter(({ reason }) => reason === 'Superseded')).toEqual([])
    isLet = true
    await running.until('held back', () => fleet.store.app('web').held !== undefined && valueIn(fleet, 'b') === 7)
    expect(valueIn(fleet, 'a')).toBe(1)
  })

  it('drift is not seen in what is being applied, and its journal stays open', async () => {
    const fleet = createFleet()
    hangingAt50(fleet)
    fleet.commit({ slow: [thing('s', { value: 50 }, slow)], web: [thing('a')] })
    const { until, views } = start(fleet)
    await until('some looks', () => valueIn(fleet, 's') === 50 && views.length > 5)
    expect(fleet.store.fleet().drift).toEqual({})
    expect(fleet.writes().filter((what) => what.endsWith('/s'))).toEqual(['create prod/Thing/s'])
  })
})

describe('what is asked', () => {
  it('runs in turn, and is answered with what became of it', async () => {
    const fleet = createFleet()
    fleet.commit({ web: [thing('a')], shop: [thing('s')] })
    const { until, ticks } = start(fleet)
    await until('good', () => fleet.store.app('web').lastGood !== undefined)
    fleet.commit({ web: [thing('a', { value: 2 })], shop: [thing('s')] })
    const outcome = await ticks.ask({ by: 'ada', app: 'web' })
    expect(outcome.apps).toMatchObject([{ app: 'web' }])
    expect(valueIn(fleet, 'a')).toBe(2)
  })

  it('waits for an app that is being applied; a decision ends its waiting', async () => {
    const fleet = createFleet()
    hangingAt50(fleet)
    fleet.commit({ slow: [thing('s')] })
    const { until, ticks } = start(fleet)
    await until('good', () => fleet.store.app('slow').lastGood !== undefined)
    fleet.commit({ slow: [thing('s', { value: 50 }, slow)] })
    await until('being applied', () => valueIn(fleet, 's') === 50 && ticks.state().running.length === 1)
    const asked = ticks.ask({ by: 'ada', app: 'slow' })
    expect(await Promise.race([asked, until('looks', () => false).catch(() => 'waits'), soon()])).toBe('waits')
    const { suspension: _none, ...state } = fleet.store.app('slow')
    const pin = { revision: '1'.padStart(40, '0'), at: fleet.clock.now().toISOString(), by: 'ada', reason: 'no' }
    fleet.store.putApp({ ...state, pin })
    const decided = await ticks.ask({ by: 'ada', app: 'slow', decided: true })
    expect(decided.apps).toMatchObject([{ app: 'slow' }])
    expect(valueIn(fleet, 's')).toBe(1)
    await asked
  })

  it('a budget stops its agent at once while another resource of the app is being proven, which goes on', async () => {
    const fleet = createFleet()
    hangingAt50(fleet)
    fleet.commit({ slow: [thing('s'), thing('agent')] })
    const { until, ticks } = start(fleet)
    await until('good', () => fleet.store.app('slow').lastGood !== undefined)
    fleet.commit({ slow: [thing('s', { value: 50 }, slow), thing('agent')] })
    await until('being applied', () => valueIn(fleet, 's') === 50 && ticks.state().running.length === 1)
    const before = fleet.clock.now().getTime()
    const halt = {
      budget: 'slow/daily',
      why: 'exceeded',
      since: fleet.clock.now().toISOString(),
      message: 'used up',
    } as const
    const ids = [shortId('Thing/agent')]
    fleet.store.putApp({ ...fleet.store.app('slow'), halts: [{ ...halt, ids }] })
    void ticks.ask({ by: 'its budget', app: 'slow', patient: true, decided: true }).catch(() => undefined)
    await until('stopped', () => (fleet.spec('Thing/agent') as { resting?: boolean }).resting === true)
    expect(fleet.clock.now().getTime() - before).toBeLessThan(60_000)
    await until('proven on', () => ticks.state().running.length === 1)
    expect(fleet.store.app('slow').attempt).toMatchObject({ phase: 'applying', wrote: true })
  })

  it('a mistake of who asks is told to them, and is no failure of a tick', async () => {
    const fleet = createFleet()
    fleet.commit({ web: [thing('a')] })
    const { until, ticks, failures } = start(fleet)
    await until('good', () => fleet.store.app('web').lastGood !== undefined)
    await expect(ticks.ask({ by: 'ada', app: 'wbe' })).rejects.toMatchObject({ reason: 'NotFound' })
    expect(failures).toEqual([])
    expect(ticks.state().failure).toBeUndefined()
  })

  it('of a view gives a new one where something was written since', async () => {
    const fleet = createFleet()
    fleet.commit({ web: [thing('a')] })
    const { until, ticks } = start(fleet)
    await until('good', () => fleet.store.app('web').lastGood !== undefined)
    fleet.commit({ web: [thing('a', { value: 2 })] })
    await ticks.ask({ by: 'ada' })
    const view = await ticks.view()
    expect(view.planned.flatMap(({ plan }) => plan.stages)).toEqual([])
  })
})

describe('a stop', () => {
  it('lets what runs end for a time, then ends its waiting; the next start goes on from what was written', async () => {
    const fleet = createFleet()
    hangingAt50(fleet)
    fleet.commit({ slow: [thing('s', { value: 50 }, slow)] })
    const first = start(fleet)
    await first.until('being applied', () => valueIn(fleet, 's') === 50)
    await first.stop()
    const said = fleet.events.filter(({ type }) => type.startsWith('loop:'))
    expect(said).toEqual([
      { type: 'loop:draining', apps: ['slow'] },
      { type: 'loop:aborting', apps: ['slow'] },
    ])
    await expect(first.ticks.ask({ by: 'ada' })).rejects.toMatchObject({ reason: 'Aborted' })
    fleet.writes()
    fleet.world.healthOf = healthByValue
    const again = start(fleet)
    await again.until('proven', () => fleet.store.app('slow').lastGood !== undefined)
    expect(fleet.writes()).toEqual([])
  })

  it('ends at once where nothing runs, and who still waits is told', async () => {
    const fleet = createFleet()
    fleet.commit({ web: [thing('a')] })
    const running = start(fleet)
    await running.until('good', () => fleet.store.app('web').lastGood !== undefined)
    await running.stop()
    expect(fleet.events.filter(({ type }) => type.startsWith('loop:'))).toEqual([])
    expect(running.failures.filter((error) => !(error instanceof ReconcileError))).toEqual([])
  })
})

it('ticks that overlap while an app takes its time put no listener each on one signal', async () => {
  const fleet = createFleet()
  hangingAt50(fleet)
  fleet.commit({ slow: [thing('s', { value: 50 }, slow)] })
  const warnings: string[] = []
  const note = ({ name }: Error): void => void warnings.push(name)
  process.on('warning', note)
  const { until, views } = start(fleet)
  await until('many looks', () => views.length > 30)
  await ticking?.stop()
  process.off('warning', note)
  expect(warnings).toEqual([])
})

describe('a stop during a look', () => {
  /** A repository that does not answer before the call is aborted, or that answers in spite of it. */
  const slowly = (fleet: TestFleet, answers: 'never' | 'late') => {
    const engine = fleet.collaborators()
    const asked = { times: 0 }
    const resolve: typeof engine.source.resolve = async (request) => {
      asked.times += 1
      await new Promise((_, reject) =>
        request.signal.addEventListener('abort', () => reject(request.signal.reason)),
      ).catch((reason) => {
        if (answers === 'never') throw reason
      })
      return engine.source.resolve(request)
    }
    ticking = startTicking(fleet, 60_000, { ...engine, source: { ...engine.source, resolve } })
    return { running: ticking, asked }
  }

  it('does not wait for it, and calls it no failure; who asked is told', async () => {
    const fleet = createFleet()
    fleet.commit({ web: [thing('a')] })
    const { running, asked } = slowly(fleet, 'never')
    await running.until('a look', () => asked.times > 0)
    const told = expect(running.ticks.ask({ by: 'ada' })).rejects.toMatchObject({ reason: 'Aborted' })
    await running.stop()
    await told
    expect(running.failures).toEqual([])
    expect(running.ticks.state().failure).toBeUndefined()
  })

  it('begins nothing that follows from it', async () => {
    const fleet = createFleet()
    fleet.commit({ web: [thing('a')] })
    const { running, asked } = slowly(fleet, 'late')
    await running.until('a look', () => asked.times > 0)
    await running.stop()
    expect(fleet.writes()).toEqual([])
    expect(running.outcomes).toEqual([])
  })
})

const soon = () => new Promise((resolve) => setTimeout(resolve, 100, 'waits'))
