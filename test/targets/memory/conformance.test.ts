import { digestOf } from '../../../src/model/digest.ts'
import { ReconcileError } from '../../../src/model/error.ts'
import { makeId } from '../../../src/model/id.ts'
import { defaultHandling, type Wanted } from '../../../src/model/resource.ts'
import { createMemoryTarget } from '../../../src/targets/memory/memory-target.ts'
import { createMemoryWorld, type MemoryWorld } from '../../../src/targets/memory/world.ts'
import { targetConformance } from '../../conformance/target.ts'
import type { TargetWorld } from '../../conformance/target-world.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { healthByValue } from '../../support/fleet.ts'
import { testKinds } from '../../support/kinds.ts'

function wanted(kind: string, name: string, of: { readonly spec: unknown; readonly app: string }): Wanted {
  return {
    id: makeId({ target: 'prod', kind, name }),
    kind,
    spec: of.spec,
    digest: digestOf(of.spec),
    app: of.app,
    after: [],
    handling: defaultHandling,
    origin: { path: 'apps/web/all.yaml', line: 1, column: 1 },
  }
}

function loseNextAnswer(memory: MemoryWorld): void {
  memory.afterWrite = () => {
    memory.afterWrite = () => {}
    throw new ReconcileError('TargetUnreachable', { message: 'the answer was lost', retryable: true })
  }
}

function makeWorld(): TargetWorld {
  const memory = createMemoryWorld()
  memory.healthOf = healthByValue
  memory.images.set('app:1', { digest: `sha256:${digestOf('app:1')}`, platforms: [] })
  const install = 'test'
  const open = (of: MemoryWorld, by = install) =>
    createMemoryTarget({ name: 'prod', install: by, world: of, kinds: testKinds })
  return {
    install,
    kinds: testKinds,
    clock: createFakeClock({ auto: true }),
    open: (by) => open(memory, by),
    openDead: () => open({ ...createMemoryWorld(), reachable: false }),
    inert: (name, app = 'web') => wanted('Gen', name, { spec: { content: 'hello' }, app }),
    running: (name, value = 1, app = 'web') => wanted('Thing', name, { spec: { value }, app }),
    job: (name, value = 1, app = 'web') => wanted('Task', name, { spec: { runKey: `run ${value}` }, app }),
    byHand: async ({ id, kind, spec }) => void memory.objects.set(id, { kind, spec, version: 1, starts: 1 }),
    writes: () => memory.writes.length,
    comesFirst: (other) => other(),
    loseNextAnswer: () => loseNextAnswer(memory),
    image: { known: 'app:1', unknown: 'app:none' },
    dispose: async () => {},
  }
}

targetConformance('the target in memory', makeWorld)
