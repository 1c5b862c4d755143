import { describe, expect, it } from 'vitest'
import { healthOfService } from '../../../src/targets/swarm/health.ts'
import { healthOfJob } from '../../../src/targets/swarm/job-health.ts'
import type { UpdateState, WireService, WireTask } from '../../../src/targets/swarm/wire.ts'

const template = (image: string) => ({ ContainerSpec: { Image: image }, ForceUpdate: 0, Runtime: 'container' })

const service = (fields: Partial<WireService['Spec']> = {}, rest: Partial<WireService> = {}): WireService => ({
  ID: 'svc',
  Version: { Index: 1 },
  Spec: { Name: 'web', Mode: { Replicated: { Replicas: 2 } }, TaskTemplate: template('app:2'), ...fields },
  ...rest,
})

const updating = (State: UpdateState): Partial<WireService> => ({ UpdateStatus: { State, Message: 'why' } })

interface TaskFields {
  readonly image?: string
  readonly slot?: number
  readonly desired?: string
  readonly err?: string
  readonly minute?: number
  readonly iteration?: number
}

let count = 0
const task = (
  State: string,
  { image = 'app:2', slot = 1, desired = 'running', err, minute = 0, iteration }: TaskFields = {},
): WireTask => {
  const at = `2026-01-01T00:${String(minute).padStart(2, '0')}:00.000000000Z`
  const { Runtime: _, ...Spec } = template(image)
  count += 1
  return {
    ID: `task-${count}`,
    CreatedAt: at,
    Slot: slot,
    Spec,
    DesiredState: desired,
    Status: { State, Timestamp: at, ...(err === undefined ? {} : { Err: err }) },
    ...(iteration === undefined ? {} : { JobIteration: { Index: iteration } }),
  }
}

const crashed = (minute: number): WireTask =>
  task('failed', { desired: 'shutdown', err: 'task: non-zero exit (1)', minute })

const health = (wire: WireService, ...tasks: readonly WireTask[]) =>
  healthOfService({ service: wire, tasks, eligibleNodes: 2 })

describe('health of a service', () => {
  it('is healthy when all its replicas run as the service says now', () => {
    expect(health(service(), task('running'), task('running', { slot: 2 }))).toMatchObject({
      status: 'healthy',
      message: '2/2 running',
    })
  })

  it('counts tasks of the new generation only, however well the old ones run', () => {
    const old = [task('running', { image: 'app:1' }), task('running', { image: 'app:1', slot: 2 })]
    expect(health(service(), ...old)).toMatchObject({
      status: 'progressing',
      message: '0/2 running; tasks of the former version are still there',
    })
  })

  it('takes a change of placement, for which alone Swarm replaces nothing, as no new generation (swarm.md 2)', () => {
    const placed = service({
      TaskTemplate: { ...template('app:2'), Placement: { Constraints: ['node.role==worker'] } },
    })
    expect(health(placed, task('running'), task('running', { slot: 2 })).status).toBe('healthy')
  })

  it.each([
    ['updating', 'progressing', undefined],
    ['paused', 'degraded', undefined],
    ['rollback_started', 'degraded', true],
    ['rollback_paused', 'degraded', true],
    ['completed', 'healthy', undefined],
  ] as const)('with update status %s is %s (swarm.md 5)', (state, status, reverted) => {
    const seen = health(service({}, updating(state)), task('running'), task('running', { slot: 2 }))
    expect([seen.status, seen.revertedByTarget]).toEqual([status, reverted])
  })

  it('is well again after a rollback by Swarm, and says that it was one (swarm.md 4)', () => {
    const seen = health(service({}, updating('rollback_completed')), task('running'), task('running', { slot: 2 }))
    expect(seen).toMatchObject({
      status: 'healthy',
      revertedByTarget: true,
      message: 'Swarm rolled the update back: why; now 2/2 running',
    })
  })

  it('is degraded when a slot has failed three times and does not run', () => {
    const tasks = [
      task('running', { slot: 2 }),
      crashed(1),
      crashed(2),
      crashed(3),
      task('ready', { desired: 'ready', minute: 3 }),
    ]
    expect(health(service(), ...tasks)).toMatchObject({
      status: 'degraded',
      message: '1/2 running; task web.1 failed 3 times: task: non-zero exit (1)',
    })
  })

  it('sees a crash loop also while Swarm still calls it an update', () => {
    const seen = health(service({}, updating('updating')), crashed(1), crashed(2), crashed(3))
    expect(seen).toMatchObject({ status: 'degraded', message: 'task web.1 failed 3 times: task: non-zero exit (1)' })
  })

  it('takes a command that ends with 0 again and again for a crash loop too', () => {
    const ended = (minute: number) => task('complete', { desired: 'shutdown', minute })
    const tasks = [ended(1), ended(2), ended(3), task('preparing', { minute: 4 })]
    expect(health(service(), ...tasks).message).toContain(
      'task web.1 ended 3 times: its command ended with exit code 0',
    )
  })

  it('waits for a slot that failed once', () => {
    const tasks = [task('running', { slot: 2 }), crashed(1), task('starting', { minute: 1 })]
    expect(health(service(), ...tasks).status).toBe('progressing')
  })

  it('forgets failures of long ago', () => {
    const tasks = [crashed(1), crashed(2), crashed(3), task('starting', { minute: 30 }), task('running', { slot: 2 })]
    expect(health(service(), ...tasks).status).toBe('progressing')
  })

  it.each([
    ['its status says when', { UpdateStatus: { State: 'updating', StartedAt: '2026-01-01T00:05:00.000Z' } }],
    ['nothing was replaced yet', { UpdatedAt: '2026-01-01T00:05:00.000Z' }],
  ] as const)('does not count for a retry what had failed before it: %s', (_, begun) => {
    const before = [1, 2, 3].flatMap((minute) => [crashed(minute), task('running', { image: 'app:1', slot: 2 })])
    expect(health(service({}, begun), ...before).status).toBe('progressing')
    const again = [crashed(6), crashed(7), task('ready', { desired: 'ready', minute: 8 })]
    expect(health(service({}, begun), ...before, ...again).status).toBe('progressing')
    expect(health(service({}, begun), ...before, ...again, crashed(8)).status).toBe('degraded')
  })

  it('counts what has failed since, also on a node whose clock is behind', () => {
    const late = [6, 7, 8].map((minute) => {
      const one = crashed(minute)
      return { ...one, Status: { ...one.Status, Timestamp: '2026-01-01T00:01:00.000Z' } }
    })
    expect(health(service({}, { UpdatedAt: '2026-01-01T00:05:00.000Z' }), ...late).status).toBe('degraded')
  })

  it('is at peace when a slot that had failed runs again', () => {
    const tasks = [crashed(1), crashed(2), crashed(3), task('running', { minute: 4 }), task('running', { slot: 2 })]
    expect(health(service(), ...tasks).status).toBe('healthy')
  })

  it('is degraded at once when what ended will not be started again', () => {
    expect(health(service(), task('running', { slot: 2 }), crashed(1)).status).toBe('degraded')
  })

  it('says why tasks wait, and goes on waiting: the deadline is ours (swarm.md 6)', () => {
    const pending = task('pending', { err: 'no suitable node (scheduling constraints not satisfied on 1 node)' })
    expect(health(service(), pending, task('running', { slot: 2 }))).toMatchObject({
      status: 'progressing',
      message: '1/2 running; no suitable node (scheduling constraints not satisfied on 1 node)',
    })
  })

  it('counts nodes for a global service', () => {
    const global = service({ Mode: { Global: {} } })
    expect(health(global, task('running'), task('running', { slot: 2 })).status).toBe('healthy')
    expect(health(global, task('running')).message).toContain('1/2 running')
  })

  it('is suspended without replicas', () => {
    expect(health(service({ Mode: { Replicated: { Replicas: 0 } } })).status).toBe('suspended')
  })

  it('has another instance when a task is replaced, and the same while none is', () => {
    const [a, b, c] = [task('running'), task('running', { slot: 2 }), task('running', { slot: 2 })]
    const instance = (...tasks: readonly WireTask[]) => health(service(), ...tasks).instance
    expect(instance(a, b)).toBe(instance(b, a))
    expect(instance(a, b)).not.toBe(instance(a, c))
  })
})

describe('health of a job', () => {
  const job = (policy: object = { Condition: 'none' }) =>
    service(
      {
        Mode: { ReplicatedJob: { TotalCompletions: 1 } },
        TaskTemplate: { ...template('app:2'), RestartPolicy: policy },
      },
      { JobStatus: { JobIteration: { Index: 7 } } },
    )
  const of = (wire: WireService, ...tasks: readonly WireTask[]) =>
    healthOfJob({ service: wire, tasks, eligibleNodes: 2 })

  it('is finished when all its tasks have completed', () => {
    expect(of(job(), task('complete', { iteration: 7 }))).toMatchObject({ status: 'healthy', finished: true })
  })

  it('is not finished by the tasks of an earlier run', () => {
    const seen = of(job(), task('complete', { iteration: 6 }), task('starting', { iteration: 7, desired: 'complete' }))
    expect(seen.status).toBe('progressing')
    expect(seen.finished).toBeUndefined()
  })

  it('is degraded when its task failed and is not tried again', () => {
    const failed = task('failed', { iteration: 7, desired: 'shutdown', err: 'task: non-zero exit (3)' })
    expect(of(job(), failed)).toMatchObject({
      status: 'degraded',
      message: '0/1 completed; task web.1 failed: task: non-zero exit (3)',
    })
  })

  it('is given the attempts that it asks for', () => {
    const failed = (minute: number) => task('failed', { iteration: 7, desired: 'shutdown', minute })
    const again = task('starting', { iteration: 7, desired: 'complete', minute: 4 })
    const tasks = [failed(1), failed(2), failed(3), again]
    expect(of(job({ Condition: 'on-failure', MaxAttempts: 5 }), ...tasks).status).toBe('progressing')
    expect(of(job({ Condition: 'on-failure', MaxAttempts: 0 }), ...tasks).status).toBe('degraded')
  })
})
