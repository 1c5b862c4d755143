import { describe, expect, it } from 'vitest'
import { type RunResult, runPlan } from '../../src/apply/run-plan.ts'
import type { CheckSpec } from '../../src/model/check.ts'
import { ReconcileError } from '../../src/model/error.ts'
import type { Goal } from '../../src/model/plan.ts'
import type { Wanted } from '../../src/model/resource.ts'
import type { Target } from '../../src/model/target.ts'
import { create, move, prune } from '../support/changes.ts'
import { thing, type Written } from '../support/fleet.ts'
import { wantedIn } from '../support/plan-input.ts'
import { type Bench, createBench, planOf } from './run-bench.ts'

const BAD = 100
const want = (written: Written, app = 'web'): Wanted => wantedIn(app, written)
const [a, b, c] = [want(thing('a')), want(thing('b')), want(thing('c'))]

const check = (name: string): CheckSpec => ({
  name,
  probe: { type: 'tcp', host: 'web', port: 80 },
  timeoutMs: 1_000,
  withinMs: 1_000,
  everyMs: 1_000,
})

const steps = ({ steps }: RunResult): readonly string[] =>
  steps.map(({ step, action, id }) => `${step} ${action} ${id}`)

/** A target that is another one but for what is said. */
function instead(bench: Bench, name: string, parts: (target: Target) => Partial<Target>): void {
  const target = bench.context.targets.get(name)
  if (!target) throw new Error(`no target ${name}`)
  const targets = new Map(bench.context.targets).set(name, { ...target, ...parts(target) })
  bench.context = { ...bench.context, targets }
}

describe('rule 15: each stage is proven before the next', () => {
  const stable = 2_000

  it('the next begins when the one before was stable', async () => {
    const bench = createBench()
    const times: number[] = []
    bench.world.beforeWrite = () => times.push(bench.clock.monotonic())
    expect(steps(await bench.run([create(a)], [create(b)]))).toEqual([
      'applied create prod/Thing/a',
      'applied create prod/Thing/b',
    ])
    expect(times).toEqual([0, stable])
  })

  it('the next does not begin when the one before is ill, and is listed', async () => {
    const bench = createBench()
    const ill = want(thing('a', { value: BAD }))
    const result = await bench.run([create(ill)], [create(b)])
    expect(steps(result)).toEqual(['applied create prod/Thing/a', 'not-run create prod/Thing/b'])
    expect(result).toMatchObject({
      wrote: true,
      failure: { id: a.id, reason: 'TaskFailed', message: 'it crashes', unknown: false },
    })
    expect(bench.recorded()).toEqual(['owned prod/Thing/a'])
  })

  it('what runs as it ran is not waited for: adoptions, moves and prunes', async () => {
    const bench = createBench()
    await bench.given(a, b)
    await bench.run([move(want(thing('a'), 'shop'), 'web'), prune(b)])
    expect(bench.clock.monotonic()).toBe(0)
  })

  it('its checks are asked at its end, and one that fails ends the plan', async () => {
    const bench = createBench()
    const [first, second] = planOf([[create(a)], [create(b)]]).stages
    if (!first || !second) throw new Error('two stages were asked for')
    const stages = [{ ...first, gates: [check('good'), check('bad smoke')] }, second]
    const result = await runPlan({ ...planOf([]), stages }, bench.context)
    expect(bench.checked).toEqual(['good', 'bad smoke'])
    expect(steps(result)).toEqual(['applied create prod/Thing/a', 'not-run create prod/Thing/b'])
    expect(result.failure).toMatchObject({ reason: 'HealthCheckFailed', message: 'bad smoke: status 500' })
    expect(bench.events.filter(({ type }) => type === 'check')).toHaveLength(2)
  })
})

describe('rule 24: a failure loses nothing', () => {
  const refuse = (bench: Bench, id: string, error: Error) => {
    bench.world.beforeWrite = (what) => {
      if (what.endsWith(id)) throw error
    }
  }

  it('its neighbours are applied, the next stage is not run, and all are listed', async () => {
    const bench = createBench()
    refuse(bench, a.id, new ReconcileError('TargetRefused', { message: 'bad parameter' }))
    const result = await bench.run([create(a), create(b)], [create(c)])
    expect(steps(result)).toEqual([
      'failed create prod/Thing/a',
      'applied create prod/Thing/b',
      'not-run create prod/Thing/c',
    ])
    expect(result).toMatchObject({
      wrote: true,
      failure: { id: a.id, reason: 'TargetRefused', message: 'bad parameter', unknown: false },
    })
  })

  it('a failure that is known counts more than one that is not', async () => {
    const bench = createBench()
    bench.world.afterWrite = (what) => {
      if (what.endsWith(a.id)) throw new ReconcileError('TargetUnreachable', { message: 'lost' })
    }
    refuse(bench, b.id, new ReconcileError('TargetRefused', { message: 'bad parameter' }))
    const { failure } = await bench.run([create(a), create(b)])
    expect(failure).toMatchObject({ id: b.id, reason: 'TargetRefused', unknown: false })
  })

  it('an error of the whole target: what had begun is unknown, what had not is not run', async () => {
    const bench = createBench()
    instead(bench, 'prod', () => ({
      apply: async (stage, { mark }) => {
        const [first, second] = stage.changes
        if (first) mark(first.id, 'started')
        if (first) mark(first.id, 'applied')
        if (second) mark(second.id, 'started')
        throw new Error('out of memory')
      },
    }))
    const result = await bench.run([create(a), create(b), create(c)])
    expect(steps(result)).toEqual([
      'applied create prod/Thing/a',
      'unknown create prod/Thing/b',
      'not-run create prod/Thing/c',
    ])
    expect(result.steps[1]).toMatchObject({ reason: 'TargetRefused', message: 'out of memory' })
    expect(result.steps[2]).toMatchObject({ reason: 'TargetRefused', message: 'out of memory' })
    expect(bench.open()).toEqual(['unknown create prod/Thing/b'])
    expect(result.wrote).toBe(true)
  })

  it('an error of one target does not stop another', async () => {
    const bench = createBench()
    instead(bench, 'prod', () => ({
      apply: async () => {
        throw new ReconcileError('TargetUnreachable', { message: 'no route to host' })
      },
    }))
    const far = want({ ...thing('far'), target: 'edge' })
    const result = await bench.run([create(a), create(far)])
    expect(steps(result)).toEqual(['not-run create prod/Thing/a', 'applied create edge/Thing/far'])
    expect(result.failure).toMatchObject({ id: a.id, reason: 'TargetUnreachable', unknown: true })
  })

  it('a target that nobody declares is said to be missing', async () => {
    const bench = createBench()
    const result = await bench.run([create(want({ ...thing('a'), target: 'nowhere' }))])
    expect(result.failure).toMatchObject({ reason: 'NotFound', message: "target 'nowhere' is not declared" })
    expect(result.wrote).toBe(false)
  })

  it.each(['LeaseHeld', 'LeaseLost', 'TargetUnreachable', 'TimedOut'] as const)(
    '%s before the write is no verdict',
    async (reason) => {
      const bench = createBench()
      const guard = async () => {
        throw new ReconcileError(reason, { message: 'not now' })
      }
      bench.context = { ...bench.context, guard }
      const result = await bench.run([create(a)])
      expect(steps(result)).toEqual(['not-run create prod/Thing/a'])
      expect(result).toMatchObject({ wrote: false, failure: { reason, message: 'not now', unknown: true } })
      expect(bench.world.writes).toEqual([])
    },
  )

  it('a target that says nothing of a change leaves it not run, which is a failure', async () => {
    const bench = createBench()
    instead(bench, 'prod', () => ({ apply: async () => {} }))
    const result = await bench.run([create(a)])
    expect(steps(result)).toEqual(['not-run create prod/Thing/a'])
    expect(result.failure).toMatchObject({ id: a.id, message: 'no answer' })
  })

  it('each step is told to who listens, as it comes', async () => {
    const bench = createBench()
    refuse(bench, b.id, new ReconcileError('TargetRefused', { message: 'no' }))
    await bench.run([create(a), create(b)])
    const told = bench.events.flatMap((event) => (event.type === 'change' ? [`${event.step} ${event.id}`] : []))
    expect(told).toEqual([
      'started prod/Thing/a',
      'applied prod/Thing/a',
      'started prod/Thing/b',
      'failed prod/Thing/b',
    ])
  })
})

describe('rule 13: what could not be removed', () => {
  const stuck = async (goal: Goal): Promise<{ readonly bench: Bench; readonly result: RunResult }> => {
    const bench = createBench()
    await bench.given(a)
    bench.world.beforeWrite = () => {
      throw new ReconcileError('TargetRefused', { message: 'it is in use' })
    }
    return { bench, result: await runPlan(planOf([[prune(a)]], goal), bench.context) }
  }

  it('stays retiring, and fails nothing', async () => {
    const { bench, result } = await stuck('desired')
    expect(steps(result)).toEqual(['failed prune prod/Thing/a'])
    expect(result.failure).toBeUndefined()
    expect(bench.recorded()).toEqual(['retiring prod/Thing/a'])
  })

  it('is a failure on the way back, where all that was made has to go', async () => {
    const { bench, result } = await stuck('last-good')
    expect(result.failure).toMatchObject({ id: a.id, reason: 'TargetRefused', unknown: false })
    expect(bench.recorded()).toEqual(['retiring prod/Thing/a'])
  })
})

describe('rule 20: a run that is stopped', () => {
  it('begins no further stage', async () => {
    const bench = createBench()
    const controller = new AbortController()
    bench.context = { ...bench.context, signal: controller.signal }
    bench.world.afterWrite = () => controller.abort(new Error('a newer revision'))
    await expect(bench.run([create(a)], [create(b)])).rejects.toThrow('a newer revision')
    expect(bench.world.writes).toEqual(['create prod/Thing/a'])
    expect(bench.recorded()).toEqual(['owned prod/Thing/a'])
    expect(bench.open()).toEqual([])
  })

  it('does not begin at all where it was stopped before', async () => {
    const bench = createBench()
    bench.context = { ...bench.context, signal: AbortSignal.abort(new Error('stopped')) }
    await expect(bench.run([create(a)])).rejects.toThrow('stopped')
    expect([...bench.recorded(), ...bench.open(), ...bench.world.writes]).toEqual([])
  })
})

it('a plan without a change does nothing, and is no failure', async () => {
  const bench = createBench()
  expect(await bench.run()).toEqual({ steps: [], wrote: false })
  expect(bench.events).toEqual([])
})
