import { describe, expect, test } from 'vitest'
import { compareService } from '../../../src/kinds/service/compare.ts'
import { serviceFromWire } from '../../../src/kinds/service/from-wire.ts'
import { normalizeService, type WrittenService } from '../../../src/kinds/service/normalize.ts'
import { serviceToWire } from '../../../src/kinds/service/to-wire.ts'
import type { WireServiceSpec } from '../../../src/kinds/service/wire.ts'
import { contextOf } from '../context.ts'

const ids = { networks: new Map(), secrets: new Map(), configs: new Map() }
const specOf = (written: Partial<WrittenService>) =>
  normalizeService({ name: 'hello', image: 'hello:1', ...written }, contextOf()).spec
const container = (fields: object, task: object = {}, spec: object = {}): WireServiceSpec => ({
  Name: 'hello',
  TaskTemplate: { ContainerSpec: { Image: 'hello:1', ...fields }, ...task },
  Mode: { Replicated: { Replicas: 1 } },
  ...spec,
})
const differing = (written: Partial<WrittenService>, wire: WireServiceSpec) =>
  compareService(specOf(written), serviceFromWire(wire, ids)).map((diff) => diff.path)

describe('what the Docker CLI and the engine say where nobody asked is no difference', () => {
  test('no init: the CLI sends `false`', () => {
    expect(differing({}, container({ Init: false }))).toEqual([])
    expect(differing({ init: false }, container({ Init: false }))).toEqual([])
    expect(differing({}, container({ Init: true }))).toEqual(['/init'])
  })

  test('no init, said in the document, reaches an engine whose default is to have one', () => {
    expect(serviceToWire(specOf({ init: false }), { ids, stamp: {} }).TaskTemplate?.ContainerSpec?.Init).toBe(false)
    expect(differing({ init: false }, container({}))).toEqual(['/init'])
  })

  test('a job that is started again on `any`: the engine fills it in, and means `on-failure`', () => {
    const job = container({}, { RestartPolicy: { Condition: 'any' } }, { Mode: { ReplicatedJob: {} } })
    expect(differing({ mode: 'replicated-job' }, job)).toEqual([])
    expect(differing({ mode: 'replicated-job', restart: { condition: 'none' } }, job)).toEqual(['/restart/condition'])
    expect(differing({ restart: { condition: 'on-failure' } }, container({}))).toEqual(['/restart/condition'])
  })

  test('a slash at the end of a path', () => {
    const mounted = container({ Mounts: [{ Type: 'bind', Source: '/srv/', Target: '/data/' }] })
    for (const mount of ['/srv:/data', '/srv/:/data/']) expect(differing({ mounts: [mount] }, mounted)).toEqual([])
    const top = container({ Mounts: [{ Type: 'bind', Source: '/', Target: '/host' }] })
    expect(differing({ mounts: ['/:/host'] }, top)).toEqual([])
  })
})
