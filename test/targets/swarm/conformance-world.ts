import { configToWire } from '../../../src/kinds/config/to-wire.ts'
import { jobToWire } from '../../../src/kinds/job/to-wire.ts'
import { KINDS } from '../../../src/kinds/registry.ts'
import { serviceToWire } from '../../../src/kinds/service/to-wire.ts'
import type { Clock } from '../../../src/model/clock.ts'
import type { Wanted } from '../../../src/model/resource.ts'
import type { Target } from '../../../src/model/target.ts'
import type { TargetWorld } from '../../conformance/target-world.ts'
import { createSwarmWorld, type Written, wantedOf } from './swarm-world.ts'

interface Fault {
  readonly method: string
  readonly path: string | RegExp
  readonly times: number
  readonly drop?: 'after'
  readonly before?: () => Promise<void>
}

/** A Swarm that requests can be counted, delayed and cut at. */
export interface SwarmPlace {
  readonly endpoint: string
  readonly clock: Clock
  /** References: of services, by value; of jobs, by value; and one that no registry knows. */
  readonly images: { readonly app: string; readonly job: string; readonly none: string }
  writes(): readonly unknown[]
  inject(fault: Fault): unknown
  /** A request of somebody else; throws where it is refused. */
  call(method: string, path: string, body: object): Promise<unknown>
}

let worlds = 0

/** A world of its own on a Swarm that may serve many: its names and its install are nobody else's. */
export function createSwarmConformanceWorld(place: SwarmPlace): TargetWorld {
  worlds += 1
  const [install, prefix] = [`install-${worlds}`, `w${worlds}`]
  const opened: Target[] = []
  const open = (endpoint: string, by: string): Target => {
    const { target } = createSwarmWorld({ endpoint, clock: place.clock, install: by })
    opened.push(target)
    return target
  }
  const wanted = (written: Written, app = 'web') => wantedOf({ ...written, name: `${prefix}-${written.name}` }, { app })
  return {
    install,
    kinds: KINDS,
    clock: place.clock,
    open: (by = install) => open(place.endpoint, by),
    openDead: () => open('unix:///nowhere/docker.sock', install),
    inert: (name, app) => wanted({ kind: 'Config', name, content: 'hello' }, app),
    running: (name, value = 1, app = 'web') => wanted(serviceOf(name, value, place), app),
    job: (name, value = 1, app = 'web') => wanted(jobOf(name, value, place), app),
    byHand: async (made) => void (await place.call('POST', ...requestOf(made))),
    writes: () => place.writes().length,
    comesFirst: async (other) =>
      void place.inject({ method: 'POST', path: /\/configs\/.*\/update/, times: 1, before: other }),
    loseNextAnswer: () => void place.inject({ method: 'POST', path: '/services/create', times: 1, drop: 'after' }),
    image: { known: place.images.app, unknown: place.images.none },
    dispose: async () => {
      await Promise.all(opened.map((target) => target.dispose()))
    },
  }
}

const QUICK = { resolve: 'never', restart: { delay: '500ms' }, stopGracePeriod: '1s' }

const serviceOf = (name: string, value: number, { images }: SwarmPlace): Written => ({
  kind: 'Service',
  name,
  image: images.app,
  env: { VALUE: String(value) },
  update: { monitor: '1s' },
  ...QUICK,
})

const jobOf = (name: string, value: number, { images }: SwarmPlace): Written => ({
  kind: 'Job',
  name,
  service: { image: images.job, env: { VALUE: String(value) }, ...QUICK },
})

/** As somebody would make it who has never heard of us. */
function requestOf({ kind, spec }: Wanted): [path: string, body: object] {
  const unstamped = { stamp: {}, ids: { networks: new Map(), secrets: new Map(), configs: new Map() } }
  switch (kind) {
    case 'Config':
      return ['/configs/create', configToWire(spec as Parameters<typeof configToWire>[0], unstamped)]
    case 'Job':
      return ['/services/create', jobToWire(spec as Parameters<typeof jobToWire>[0], unstamped)]
    default:
      return ['/services/create', serviceToWire(spec as Parameters<typeof serviceToWire>[0], unstamped)]
  }
}
