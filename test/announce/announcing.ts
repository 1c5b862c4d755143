import { type Announcer, type AnnouncerOptions, createAnnouncer } from '../../src/announce/announcer.ts'
import type { View } from '../../src/engine/view.ts'
import type { FleetOutcome } from '../../src/model/outcome.ts'
import type { RevisionReport } from '../../src/model/revision-report.ts'
import type { RunOptions } from '../../src/reconcile/engine.ts'
import { beginTick } from '../../src/reconcile/fleet.ts'
import { createSlots } from '../../src/reconcile/slots.ts'
import { createFleet, type TestFleet } from '../support/fleet.ts'
import { createTestOutbox, type TestOutbox } from '../support/outbox.ts'
import { createQuickStore } from '../support/quick-store.ts'

/** A fleet in memory, whose ticks are announced as the daemon's are. */
export interface Announcing {
  readonly fleet: TestFleet
  readonly outbox: TestOutbox
  announcer: Announcer
  /** The newest look. */
  view(): View
  /** One whole tick, to its last outcome. */
  tick(options?: Partial<RunOptions>): Promise<FleetOutcome>
  /** Minutes pass, a tick after each. */
  minutes(count: number): Promise<void>
  report(revision: string): RevisionReport | undefined
  /** The process ends and starts again, with the same database. */
  restart(): void
}

export function announcing(options: Partial<AnnouncerOptions> = {}): Announcing {
  const fleet = createFleet()
  fleet.store = createQuickStore()
  const outbox = createTestOutbox()
  const make = (): Announcer =>
    createAnnouncer({
      store: fleet.store,
      outbox,
      clock: fleet.clock,
      install: 'test',
      github: true,
      between: async () => [],
      routes: () => ['chat:ops'],
      ...options,
    })
  let slots = createSlots(fleet.collaborators())
  let seen: View | undefined
  const self: Announcing = {
    fleet,
    outbox,
    announcer: make(),
    view: () => {
      if (!seen) throw new Error('nothing was looked at')
      return seen
    },
    tick: async (asked = {}) => {
      const collaborators = fleet.collaborators()
      let view: View | undefined
      const emit = (event: Parameters<typeof collaborators.emit>[0]): void => {
        collaborators.emit(event)
        if (event.type === 'app:done' && view) self.announcer.onOutcome(event.outcome, view)
      }
      const signal = new AbortController().signal
      const tick = await beginTick({ ...collaborators, emit }, { by: 'test', patient: true, signal, ...asked }, slots)
      view = { install: 'test', store: fleet.store, look: tick.look, planned: tick.planned }
      seen = view
      if (asked.app === undefined && asked.revision === undefined) self.announcer.onLook(view)
      const outcome = await tick.run()
      self.announcer.onTickEnd(view, outcome)
      await self.announcer.settled()
      return outcome
    },
    minutes: async (count) => {
      for (let minute = 0; minute < count; minute += 1) {
        await fleet.clock.sleep(60_000)
        await self.tick()
      }
    },
    report: (revision) => fleet.store.shelf<RevisionReport>('revision').get(revision),
    restart: () => {
      slots = createSlots(fleet.collaborators())
      self.announcer = make()
      self.announcer.sweep()
    },
  }
  return self
}

/** The next look finds this in what the revision declares: an app that cannot be read, or nothing at all. */
export function unreadable(world: Announcing, app?: string): () => void {
  const collaborators = world.fleet.collaborators
  world.fleet.collaborators = () => {
    const made = collaborators()
    const position = { path: 'apps/all.yaml', line: 3, column: 5 }
    const about = app === undefined ? {} : { app }
    const problem = { severity: 'error' as const, position, pointer: '/image', message: 'no such field', ...about }
    const render: typeof made.render = async (snapshot, owners) => {
      const desired = await made.render(snapshot, owners)
      const apps = new Map(app === undefined ? [] : desired.apps)
      const broken = app === undefined ? undefined : apps.get(app)
      if (broken) apps.set(broken.app, { ...broken, broken: true })
      return { ...desired, apps, problems: [problem] }
    }
    return { ...made, render }
  }
  return () => {
    world.fleet.collaborators = collaborators
  }
}
