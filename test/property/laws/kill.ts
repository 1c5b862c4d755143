import type { Store } from '../../../src/model/store.ts'
import type { Lab } from './lab.ts'
import { BAKE_MS } from './revisions.ts'

/** kill -9, seen from inside: nothing that comes after it has an effect. */
class Killed extends Error {}

interface Switch {
  /** One more step; from the chosen one on, the process is dead. */
  step(): void
  dead(): boolean
}

function switchAt(at: number): Switch {
  let steps = 0
  let dead = false
  return {
    dead: () => dead,
    step: () => {
      dead ||= steps >= at
      if (dead) throw new Killed('killed')
      steps += 1
    },
  }
}

/** A few runs, and the process is killed at their n-th step. Steps are the writes to the store, and both sides of each write to a target. */
export async function killedAfter(lab: Lab, steps: number): Promise<void> {
  const { fleet } = lab
  const { world, store } = fleet
  const killer = switchAt(steps)
  const { beforeWrite, afterWrite } = world
  fleet.store = mortal(store, killer)
  world.beforeWrite = (what) => {
    killer.step()
    beforeWrite(what)
  }
  world.afterWrite = (what) => {
    afterWrite(what)
    killer.step()
  }
  try {
    // As `settle` does it: whether a guard is confirmed before or after a bake is over makes a difference.
    for (let run = 0; run < 3 && !killer.dead(); run += 1) {
      const { apps } = await fleet.apply({ confirm: [...lab.confirmed] })
      if (killer.dead()) return
      for (const guard of apps.flatMap((app) => app.guards)) lab.confirmed.add(guard.name)
      lab.setLate(true)
      fleet.clock.jump(BAKE_MS + 1)
    }
  } catch (error) {
    if (!(error instanceof Killed)) throw error
  } finally {
    fleet.store = store
    world.beforeWrite = beforeWrite
    world.afterWrite = afterWrite
  }
}

const WRITES = ['putRecorded', 'forget', 'putApp', 'dropApp', 'setLastGood', 'putFleet'] as const
const JOURNAL = ['addIntent', 'markIntent', 'addHistory'] as const

/** A transaction is one step: all of it is kept, or nothing. */
function mortal(store: Store, killer: Switch): Store {
  let inside = 0
  const step = (): void => {
    if (inside === 0) killer.step()
  }
  const wrapped = Object.fromEntries(
    [...WRITES, ...JOURNAL].map((name) => [
      name,
      (...args: unknown[]) => {
        step()
        return (store[name] as (...args: unknown[]) => unknown)(...args)
      },
    ]),
  )
  return {
    ...store,
    ...wrapped,
    transaction: (body) => {
      step()
      inside += 1
      try {
        return store.transaction(body)
      } finally {
        inside -= 1
      }
    },
  }
}

/** What time does: the lease of the dead process becomes stale, and the next process looks at healthy things. */
export function mendAfterKill(lab: Lab): void {
  lab.fleet.world.holder = undefined
  lab.fleet.writes()
}
