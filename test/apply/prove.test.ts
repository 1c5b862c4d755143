import { describe, expect, it } from 'vitest'
import { type ProofFailure, prove } from '../../src/apply/prove.ts'
import type { CheckResult, CheckSpec } from '../../src/model/check.ts'
import type { ResourceId } from '../../src/model/id.ts'
import type { Health, LiveState, Observed } from '../../src/model/live.ts'
import type { Wanted } from '../../src/model/resource.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { net, task, thing, type Written } from '../support/fleet.ts'
import { testKinds } from '../support/kinds.ts'
import { liveAs, wantedIn } from '../support/plan-input.ts'

const SECOND = 1_000
const proof = { stableForMs: 15 * SECOND, timeoutMs: 60 * SECOND }

const waiting = (written: Written): Wanted => {
  const wanted = wantedIn('web', written)
  return { ...wanted, handling: { ...wanted.handling, ...proof } }
}
const a = waiting(thing('a'))

interface Proven {
  readonly failure: ProofFailure | undefined
  /** Seconds that it took. */
  readonly took: number
  readonly said: readonly string[]
}

/** What the world looks like, by the seconds that went by. */
type World = (seconds: number, id: ResourceId) => Observed

async function proveIt(
  world: World,
  options: {
    readonly wanted?: readonly Wanted[]
    readonly gates?: readonly CheckSpec[]
    readonly check?: (check: CheckSpec) => CheckResult
    readonly signal?: AbortSignal
    /** What was asked for, and when. */
    readonly looked?: (ids: readonly ResourceId[], now: number) => void
  } = {},
): Promise<Proven> {
  const clock = createFakeClock({ auto: true })
  const said: string[] = []
  const lookAt = (ids: readonly ResourceId[]): LiveState['of'] => {
    options.looked?.(ids, clock.monotonic())
    return new Map(ids.map((id) => [id, world(clock.monotonic() / SECOND, id)]))
  }
  const failure = await prove({
    wanted: options.wanted ?? [a],
    gates: options.gates ?? [],
    kinds: testKinds,
    clock,
    signal: options.signal ?? new AbortController().signal,
    observe: async (resources): Promise<LiveState> => ({
      at: clock.now(),
      of: lookAt(resources.map(({ id }) => id)),
      facts: new Map(),
    }),
    runCheck: async (check) => options.check?.(check) ?? { name: check.name, ok: true, message: 'ok' },
    waiting: (_ids, message) => said.push(message),
  })
  return { failure, took: clock.monotonic() / SECOND, said: [...new Set(said)] }
}

const is = (health: Health): Observed => liveAs(a, { health })
const healthy = (instance = 'task-1'): Observed => is({ status: 'healthy', instance })

describe('rule 15: healthy, and stable for `stableFor`', () => {
  it('takes as long as that', async () => {
    expect(await proveIt(() => healthy())).toMatchObject({ failure: undefined, took: 15 })
  })

  it('begins when it is healthy', async () => {
    const world: World = (now) => (now < 20 ? is({ status: 'progressing', message: '0/1 running' }) : healthy())
    const { failure, took, said } = await proveIt(world)
    expect({ failure, took }).toEqual({ failure: undefined, took: 35 })
    expect(said).toEqual(['0/1 running', 'healthy, proving stable for 15 s'])
  })

  it('begins anew when it restarts: another instance', async () => {
    const world: World = (now) => healthy(now < 10 ? 'task-1' : 'task-2')
    expect(await proveIt(world)).toMatchObject({ failure: undefined, took: 25 })
  })

  it('begins anew when it was not healthy in between', async () => {
    const world: World = (now) => (now === 10 ? is({ status: 'progressing' }) : healthy())
    expect(await proveIt(world)).toMatchObject({ failure: undefined, took: 26 })
  })

  it('begins anew when it could not be seen in between', async () => {
    const world: World = (now) => (now === 10 ? { state: 'unknown', reason: 'no answer' } : healthy())
    expect(await proveIt(world)).toMatchObject({ failure: undefined, took: 26 })
  })

  it('may end after the deadline, where it was healthy at the deadline', async () => {
    const world: World = (now) => (now < 55 ? is({ status: 'progressing' }) : healthy())
    expect(await proveIt(world)).toMatchObject({ failure: undefined, took: 70 })
  })
})

describe('rule 15: a failure at once', () => {
  it.each<readonly [string, Observed, ProofFailure['reason'], string]>([
    ['degraded', is({ status: 'degraded', message: 'exit code 137' }), 'TaskFailed', 'exit code 137'],
    [
      'taken back by the target itself',
      is({ status: 'healthy', revertedByTarget: true }),
      'RolledBackBySwarm',
      'healthy',
    ],
    ['gone while it is watched', { state: 'absent' }, 'HealthCheckFailed', 'it disappeared while it was watched'],
  ])('%s', async (_what, observed, reason, message) => {
    const { failure, took } = await proveIt((now) => (now < 3 ? healthy() : observed))
    expect(failure).toEqual({ id: a.id, reason, message, unknown: false })
    expect(took).toBe(3)
  })

  it('a job that ended with an error', async () => {
    const job = waiting(task('migrate', 'one'))
    const world: World = () => is({ status: 'degraded', message: 'exit code 1' })
    expect((await proveIt(world, { wanted: [job] })).failure).toMatchObject({ reason: 'JobFailed' })
  })

  it('of one of two fails both', async () => {
    const b = waiting(thing('b'))
    const { failure } = await proveIt(() => is({ status: 'degraded' }), { wanted: [a, b] })
    expect(failure?.id).toBe(a.id)
  })
})

describe('rule 15: our own deadline', () => {
  it('what never becomes healthy is late', async () => {
    const { failure, took } = await proveIt(() => is({ status: 'progressing', message: 'no suitable node' }))
    expect(failure).toMatchObject({ reason: 'ProgressDeadlineExceeded', unknown: false })
    expect(failure?.message).toContain('no suitable node')
    expect(took).toBe(60)
  })

  it('what restarts again and again is late as well', async () => {
    const { failure, took } = await proveIt((now) => healthy(`task-${Math.floor(now / 5)}`))
    expect(failure).toMatchObject({ reason: 'ProgressDeadlineExceeded' })
    expect(failure?.message).toContain('restarts again and again')
    expect(took).toBe(75)
  })

  it('is counted for each thing by its own', async () => {
    const b = waiting(thing('b'))
    const patient = { ...b, handling: { ...b.handling, timeoutMs: 90 * SECOND } }
    const { failure, took } = await proveIt(() => is({ status: 'progressing' }), { wanted: [patient, a] })
    expect({ id: failure?.id, took }).toEqual({ id: a.id, took: 60 })
  })

  it('is not counted for what was proven before it', async () => {
    const asked = new Set<string>()
    const b = waiting(thing('b'))
    const slow = { ...b, handling: { ...b.handling, timeoutMs: 200 * SECOND } }
    const world: World = (now) => (now < 100 ? is({ status: 'progressing' }) : healthy())
    const { failure, took } = await proveIt((now, id) => (id === a.id ? healthy() : world(now, id)), {
      wanted: [a, slow],
      looked: (ids, now) => {
        if (now > 15 * SECOND) for (const id of ids) asked.add(id)
      },
    })
    expect({ failure, took, asked: [...asked] }).toEqual({ failure: undefined, took: 115, asked: [b.id] })
  })

  it('what cannot be seen is not judged', async () => {
    const { failure } = await proveIt(() => ({ state: 'unknown', reason: 'no answer' }))
    expect(failure).toMatchObject({ reason: 'TargetUnreachable', unknown: true })
  })

  it('a job that does not end is late', async () => {
    const job = waiting(task('migrate', 'one'))
    expect((await proveIt(() => healthy(), { wanted: [job] })).failure).toMatchObject({
      reason: 'ProgressDeadlineExceeded',
    })
  })
})

describe('rule 15: proven at once', () => {
  it.each<readonly [string, Wanted, Health]>([
    ['what does not run', wantedIn('web', net('front')), { status: 'progressing' }],
    ['what is at rest', a, { status: 'suspended' }],
    ['a job that ended well', waiting(task('migrate', 'one')), { status: 'healthy', finished: true }],
  ])('%s', async (_what, wanted, health) => {
    expect(await proveIt(() => is(health), { wanted: [wanted] })).toMatchObject({ failure: undefined, took: 0 })
  })
})

describe('rule 15: checks', () => {
  const check = (name: string): CheckSpec => ({
    name,
    probe: { type: 'tcp', host: 'x', port: 1 },
    timeoutMs: 1,
    withinMs: 1,
    everyMs: 1,
  })

  it('are asked after all is stable, one after another, until one fails', async () => {
    const asked: string[] = []
    const { failure, took } = await proveIt(() => healthy(), {
      gates: [check('one'), check('two'), check('three')],
      check: ({ name }) => {
        asked.push(name)
        return { name, ok: name !== 'two', message: 'status 500' }
      },
    })
    expect(failure).toEqual({ reason: 'HealthCheckFailed', message: 'two: status 500', unknown: false })
    expect({ asked, took }).toEqual({ asked: ['one', 'two'], took: 15 })
  })

  it('are not asked when something is not healthy', async () => {
    const asked: string[] = []
    await proveIt(() => is({ status: 'degraded' }), {
      gates: [check('one')],
      check: ({ name }) => {
        asked.push(name)
        return { name, ok: true, message: '' }
      },
    })
    expect(asked).toEqual([])
  })
})

it('rule 20: waiting ends when it is aborted', async () => {
  const controller = new AbortController()
  const world: World = (now) => {
    if (now >= 5) controller.abort(new Error('a newer revision'))
    return is({ status: 'progressing' })
  }
  await expect(proveIt(world, { signal: controller.signal })).rejects.toThrow('a newer revision')
})
