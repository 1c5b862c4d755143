import { describe, expect, it } from 'vitest'
import { compareJob, runKeyOf } from '../../../src/kinds/job/compare.ts'
import { jobFromWire } from '../../../src/kinds/job/from-wire.ts'
import { jobKind } from '../../../src/kinds/job/kind.ts'
import { normalizeJob } from '../../../src/kinds/job/normalize.ts'
import type { JobSpec } from '../../../src/kinds/job/spec.ts'
import { jobToWire } from '../../../src/kinds/job/to-wire.ts'
import type { WireServiceSpec } from '../../../src/kinds/service/wire.ts'
import type { Job } from '../../../src/model/written/job.ts'
import { contextOf, problemOf } from '../context.ts'
import { IDS, NETWORK_NAMES } from '../service/arbitrary-spec.ts'

const written = (fields: Partial<Job> = {}): Job =>
  ({
    kind: 'Job',
    name: 'migrate',
    service: { image: 'backend:1.4', command: 'alembic upgrade head' },
    ...fields,
  }) as Job
const specOf = (fields: Partial<Job> = {}): JobSpec => normalizeJob(written(fields), contextOf()).spec
const wireOf = (spec: JobSpec, live?: WireServiceSpec) =>
  jobToWire(spec, { ids: IDS, stamp: {}, ...(live ? { live } : {}) })
const diffsOf = (spec: JobSpec, wire: WireServiceSpec) =>
  compareJob(spec, jobFromWire(wire, { networks: NETWORK_NAMES }))

describe('a job', () => {
  it('runs once, before the rest of its app, and is not tried again by itself', () => {
    expect(specOf()).toMatchObject({
      when: 'before',
      irreversible: false,
      triggers: {},
      service: {
        name: 'migrate',
        mode: 'replicated-job',
        completions: 1,
        command: ['alembic', 'upgrade', 'head'],
        restart: { condition: 'none' },
      },
    })
  })

  it('that ran does not run again', () => {
    expect(diffsOf(specOf(), wireOf(specOf()))).toEqual([])
  })

  it('swarm.md 16: drift of its fields is no difference, for any update runs it again', () => {
    const wire = wireOf(specOf())
    const drifted = {
      ...wire,
      TaskTemplate: { ...wire.TaskTemplate, ContainerSpec: { Image: 'elsewhere:9' } },
      Labels: { ...wire.Labels, x: '1' },
    }
    expect(diffsOf(specOf(), drifted)).toEqual([])
  })

  it('runs when its own definition changes', () => {
    const next = specOf({ service: { image: 'backend:1.5' } })
    expect(diffsOf(next, wireOf(specOf()))).toEqual([
      { path: '/run', from: runKeyOf(specOf()), to: runKeyOf(next), effect: 'restart' },
    ])
    expect(diffsOf(next, wireOf(next, wireOf(specOf())))).toEqual([])
  })

  it('runs when one of its triggers changes, and for a person', () => {
    const first = { ...specOf(), triggers: { 'prod/Service/backend': 'one' } }
    const wire = wireOf(first)
    expect(diffsOf(first, wire)).toEqual([])
    expect(diffsOf({ ...first, triggers: { 'prod/Service/backend': 'two' } }, wire)).toMatchObject([
      { path: '/run', effect: 'restart' },
    ])
    const asked = jobKind.trigger?.(first, 'operator', 'token') ?? first
    expect(diffsOf(asked, wire)).toMatchObject([{ path: '/run', to: 'after operator' }])
    const ran = wireOf(asked, wire)
    expect(diffsOf(asked, ran)).toEqual([])
    expect(diffsOf(first, ran)).toEqual([])
  })

  it.each([
    ['when it runs', specOf({ when: 'after' })],
    ['that there is no way back', specOf({ irreversible: true })],
    [
      'what its tag means',
      { ...specOf(), service: { ...specOf().service, pin: { digest: `sha256:${'a'.repeat(64)}`, platforms: [] } } },
    ],
  ])('%s is no reason to run', (_, spec) => {
    expect(runKeyOf(spec)).toBe(runKeyOf(specOf()))
  })

  it('a service of the same name that is not ours has not run for us', () => {
    const { Labels: _, ...foreign } = wireOf(specOf())
    expect(diffsOf(specOf(), foreign)).toMatchObject([{ path: '/run', from: undefined, effect: 'restart' }])
    expect(diffsOf(specOf(), { ...foreign, Mode: { Replicated: {} } })).toMatchObject([{ effect: 'replace' }])
  })

  it('mistakes are reported where they stand', () => {
    expect(problemOf(() => specOf({ service: { image: 'Backend' } }))).toMatch(/^\/service\/image: /)
    expect(problemOf(() => specOf({ service: { image: 'backend:1', secrets: ['x'] } }))).toMatch(
      /^\/service\/secrets\/0: /,
    )
  })

  it('carries the image of its service', () => {
    const pin = { digest: `sha256:${'a'.repeat(64)}`, platforms: [{ architecture: 'amd64', os: 'linux' }] }
    const pinned = jobKind.image?.pin(specOf(), pin) ?? specOf()
    expect(jobKind.image?.written(pinned)).toBe('backend:1.4')
    expect(jobKind.image?.pinned(pinned)).toEqual(pin)
    expect(jobKind.image?.ofLive(specOf(), jobFromWire(wireOf(pinned), { networks: NETWORK_NAMES }))).toEqual(pin)
  })
})
