import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareService } from '../../../src/kinds/service/compare.ts'
import { EFFECTS, FIELD_NAMES, type FieldName, isJobMode } from '../../../src/kinds/service/fields.ts'
import { serviceFromWire } from '../../../src/kinds/service/from-wire.ts'
import type { ServiceFields, ServiceSpec } from '../../../src/kinds/service/spec.ts'
import { serviceToWire } from '../../../src/kinds/service/to-wire.ts'
import type { WireServiceSpec } from '../../../src/kinds/service/wire.ts'
import { canonicalJson } from '../../../src/model/digest.ts'
import { arbitrarySpec, FIELDS, IDS, NETWORK_NAMES, PLAIN } from './arbitrary-spec.ts'

const names = { networks: NETWORK_NAMES }
const stamp = { 'swarmkeeper.install': 'test' }
const RUNS = { numRuns: 120 }

const wireOf = (spec: ServiceSpec, live?: WireServiceSpec): WireServiceSpec =>
  // Through JSON, as on the way to the engine.
  JSON.parse(JSON.stringify(serviceToWire(spec, { ids: IDS, stamp, ...(live ? { live } : {}) })))

const liveOf = (wire: WireServiceSpec) => serviceFromWire(wire, names)

describe('a service that was applied', () => {
  it('differs in nothing after a create', () => {
    fc.assert(
      fc.property(arbitrarySpec, (spec) => {
        expect(compareService(spec, liveOf(wireOf(spec)))).toEqual([])
      }),
      RUNS,
    )
  })

  it('differs in nothing after an update from any other service', () => {
    fc.assert(
      fc.property(arbitrarySpec, arbitrarySpec, (before, after) => {
        const spec = { ...after, mode: before.mode, ...('replicas' in before ? { replicas: 3 } : {}) } as ServiceSpec
        if (before.mode !== 'replicated') delete (spec as { replicas?: unknown }).replicas
        expect(compareService(spec, liveOf(wireOf(spec, wireOf(before))))).toEqual([])
      }),
      RUNS,
    )
  })

  it('is sent back as it is when nothing differs', () => {
    fc.assert(
      fc.property(arbitrarySpec, (spec) => {
        const wire = wireOf(spec)
        expect(wireOf(spec, wire)).toEqual(wire)
      }),
      RUNS,
    )
  })
})

describe('swarm.md 12: nil, [] and {} are the same', () => {
  const emptied = (value: unknown, empty: 'null' | 'absent'): unknown => {
    if (Array.isArray(value)) return value.map((item) => emptied(item, empty))
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value).map(([key, item]): [string, unknown] => [key, emptied(item, empty)])
    const isEmpty = (item: unknown) => item === null || (typeof item === 'object' && Object.keys(item).length === 0)
    return Object.fromEntries(
      empty === 'absent'
        ? entries.filter(([key, item]) => key === 'Global' || !isEmpty(item))
        : entries.map(([key, item]) => [key, key !== 'Global' && isEmpty(item) ? null : item]),
    )
  }

  it.each(['null', 'absent'] as const)('an engine that prints empty things as %s makes no difference', (empty) => {
    fc.assert(
      fc.property(arbitrarySpec, (spec) => {
        const wire = emptied(wireOf(spec), empty) as WireServiceSpec
        expect(compareService(spec, liveOf(wire))).toEqual([])
      }),
      RUNS,
    )
  })
})

const MODES: ReadonlySet<FieldName> = new Set(['mode', 'completions', 'maxConcurrent'])
const MUTABLE = (Object.keys(FIELDS) as (keyof ServiceFields)[]).filter((field) => !MODES.has(field))

describe('a single field that is changed', () => {
  it.each(MUTABLE)('%s: exactly that field differs, and the update changes it and nothing else', (field) => {
    fc.assert(
      fc.property(arbitrarySpec, FIELDS[field], (before, value) => {
        const after = { ...before, [field]: value } as ServiceSpec
        const live = wireOf(before)
        const diffs = compareService(after, liveOf(live))
        fc.pre(canonicalJson(before[field]) !== canonicalJson(value))
        fc.pre(field !== 'restart' || !isJobMode(before.mode)) // `any` and `on-failure` are one thing there
        expect(diffs.length).toBeGreaterThan(0)
        for (const diff of diffs) {
          expect(diff.path.split('/')[1]).toBe(field)
          expect(diff.effect).toBe(EFFECTS[field])
        }
        expect(liveOf(wireOf(after, live))).toEqual({
          ...liveOf(live),
          ...pickOwned(field, after, wireOf(after, live)),
        })
      }),
      { numRuns: 20 },
    )
  })

  /** The field itself, and the bookkeeping that goes with labels. */
  function pickOwned(field: keyof ServiceFields, after: ServiceSpec, wire: WireServiceSpec) {
    const live = liveOf(wire)
    const own = { [field]: live[field] }
    if (after[field] === undefined) return own
    return field === 'labels' || field === 'containerLabels' ? { ...own, owns: live.owns } : own
  }

  it.each([
    'hostname',
    'workingDir',
    'user',
    'stopSignal',
    'healthcheck',
    'init',
    'credentialSpec',
    'selinux',
    'seccomp',
    'logging',
  ] as const)('%s: taking it out of the document is seen and undone', (field) => {
    fc.assert(
      fc.property(arbitrarySpec, FIELDS[field], (rest, value) => {
        fc.pre(value !== false) // an init that nobody declares and that is not there
        const before = { ...rest, [field]: value } as ServiceSpec
        const { [field]: _, ...after } = before
        const live = wireOf(before)
        expect(compareService(after, liveOf(live)).map((diff) => diff.path)).toEqual([`/${field}`])
        expect(compareService(after, liveOf(wireOf(after, live)))).toEqual([])
      }),
      { numRuns: 20 },
    )
  })

  it('every compared field is in one of the tables of these tests', () => {
    const special: FieldName[] = ['image', 'replicas', 'platforms', 'triggers']
    expect([...Object.keys(FIELDS), ...special].sort()).toEqual([...FIELD_NAMES].sort())
  })
})

describe('what we do not model', () => {
  const unknown = { NewThing: { of: ['a', 'later', 'API'] } }
  const live = wireOf({
    ...PLAIN,
    env: { A: '1' },
    mounts: [{ type: 'volume', source: 'data', target: '/data', readOnly: false }],
    networks: [{ name: 'a', aliases: [], driverOptions: {} }],
    ports: [{ target: 80, published: 8080, protocol: 'tcp', mode: 'ingress' }],
    healthcheck: { test: ['CMD', 'true'] },
    secrets: [{ name: 'a', target: 'a', uid: '0', gid: '0', mode: '0444' }],
  })

  /** The same object with an unknown field at every level of it. */
  const withUnknown = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(withUnknown)
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value).map(([key, item]) => [key, key === 'Labels' ? item : withUnknown(item)])
    return { ...Object.fromEntries(entries), ...unknown }
  }

  const count = (value: unknown): number => canonicalJson(value).split('"NewThing"').length - 1

  it('survives an update of everything, at every level', () => {
    const spec: ServiceSpec = {
      ...PLAIN,
      env: { A: '2' },
      mounts: [{ type: 'volume', source: 'data', target: '/data', readOnly: true }],
      networks: [{ name: 'a', aliases: ['x'], driverOptions: {} }],
      ports: [{ target: 80, published: 8081, protocol: 'tcp', mode: 'ingress' }],
      healthcheck: { test: ['CMD', 'false'] },
      secrets: [{ name: 'a', target: 'a', uid: '1', gid: '0', mode: '0444' }],
      update: { ...PLAIN.update, order: 'start-first' },
      resources: { limits: { pids: 3 }, reservations: { generic: {} } },
    }
    const strange = withUnknown(live) as WireServiceSpec
    expect(count(strange)).toBeGreaterThan(10)
    expect(count(wireOf(spec, strange))).toBe(count(strange))
  })
})
