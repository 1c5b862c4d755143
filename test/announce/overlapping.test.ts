import { afterEach, describe, expect, it } from 'vitest'
import { createFleet, healthByValue, type TestFleet, thing } from '../support/fleet.ts'
import { createQuickStore } from '../support/quick-store.ts'
import { type Overlapping, overlapping } from './overlapping.ts'

const APPLY = 'swarmkeeper/test/apply'
const SLOW = { keeper: { timeoutMs: 360_000_000 } }

let daemon: Overlapping | undefined
afterEach(async () => {
  await daemon?.stop()
  daemon = undefined
})

/** `slow` and `web` stand at their first revision; what has the value 50 does not come up until it is let. */
async function standing(): Promise<{ readonly fleet: TestFleet; readonly running: Overlapping; letUp(): void }> {
  const fleet = createFleet()
  fleet.store = createQuickStore()
  let isLet = false
  fleet.world.healthOf = (id, object) =>
    (object.spec as { value?: number }).value === 50 && !isLet
      ? { status: 'progressing', message: 'starting' }
      : healthByValue(id, object)
  fleet.commit({ slow: [thing('s', {}, SLOW)], web: [thing('w')] })
  const running = overlapping(fleet)
  daemon = running
  await running.until('good', () => ['slow', 'web'].every((app) => fleet.store.app(app).lastGood !== undefined))
  return {
    fleet,
    running,
    letUp: () => {
      isLet = true
    },
  }
}

describe('ticks that overlap', () => {
  it('a revision waits for its own app, however many others come and go meanwhile', async () => {
    const { fleet, running, letUp } = await standing()
    const status = (sha: string): string | undefined => running.outbox.statuses(sha)[APPLY]
    const first = fleet.commit({ slow: [thing('s', { value: 50 }, SLOW)], web: [thing('w')] })
    await running.until('slow is being applied', () => running.ticks.state().running.includes('slow'))
    const second = fleet.commit({ slow: [thing('s', { value: 50 }, SLOW)], web: [thing('w', { value: 2 })] })
    await running.until('web is proven', () => status(second) === 'success: web: proven')
    expect(status(first)).toBe('pending: slow: applying')
    letUp()
    await running.until('slow is proven', () => status(first) === 'success: slow: proven')
  })

  it('rule 20: the one whose waiting was ended says by which, and ends as that one does', async () => {
    const { fleet, running } = await standing()
    const status = (sha: string): string | undefined => running.outbox.statuses(sha)[APPLY]
    const first = fleet.commit({ slow: [thing('s', { value: 50 }, SLOW)], web: [thing('w')] })
    await running.until('slow is being applied', () => running.ticks.state().running.includes('slow'))
    const second = fleet.commit({ slow: [thing('s', { value: 3 }, SLOW)], web: [thing('w')] })
    await running.until('slow is proven', () => status(second) === 'success: slow: proven')
    expect(status(first)).toBe(`success: superseded by ${second.slice(0, 7)}: slow: proven`)
  })

  it('rule 16: one that is rolled back while the next is there has failed by itself', async () => {
    const { fleet, running } = await standing()
    const status = (sha: string): string | undefined => running.outbox.statuses(sha)[APPLY]
    let isLet = false
    const calm = fleet.world.healthOf
    fleet.world.healthOf = (id, object) =>
      fleet.store.app('slow').attempt?.phase === 'rolling-back' && !isLet
        ? { status: 'progressing', message: 'starting again' }
        : calm(id, object)
    const bad = fleet.commit({ slow: [thing('s', { value: 100 }, SLOW)], web: [thing('w')] })
    await running.until('rolling back', () => fleet.store.app('slow').attempt?.phase === 'rolling-back')
    const next = fleet.commit({ slow: [thing('s', { value: 4 }, SLOW)], web: [thing('w')] })
    await running.until('the next was seen', () => running.seen() === next)
    isLet = true
    await running.until('the next is proven', () => status(next) === 'success: slow: proven')
    expect(status(bad)).toMatch(/^failure: slow: rolled back: TaskFailed: /)
  })

  it('what differs while an app is written is no drift; what still does when it is proven is', async () => {
    const { fleet, running, letUp } = await standing()
    const status = (sha: string): string | undefined => running.outbox.statuses(sha)[APPLY]
    const drift = () => running.outbox.messages.filter(({ subject }) => subject === 'incident:drift:slow')
    fleet.commit({ slow: [thing('s', { value: 50 }, SLOW)], web: [thing('w')] })
    await running.until('slow is being applied', () => running.ticks.state().running.includes('slow'))
    await running.until('it is written', () => fleet.store.app('slow').attempt?.wrote === true)
    fleet.byHand('Thing/s', { label: 'by hand' })
    const second = fleet.commit({ slow: [thing('s', { value: 50 }, SLOW)], web: [thing('w', { value: 2 })] })
    await running.until('web is proven, after further looks', () => status(second) === 'success: web: proven')
    expect(drift()).toEqual([])
    letUp()
    await running.until('the drift is told', () => drift().length > 0)
  })

  it('stopped in the middle: the next start tells how it ended', async () => {
    const { fleet, running, letUp } = await standing()
    const first = fleet.commit({ slow: [thing('s', { value: 50 }, SLOW)], web: [thing('w')] })
    await running.until('slow is being applied', () => running.ticks.state().running.includes('slow'))
    await running.stop()
    expect(running.outbox.statuses(first)[APPLY]).toMatch(/^pending: slow: /)
    letUp()
    const again = overlapping(fleet, running.outbox)
    daemon = again
    await again.until('proven', () => again.outbox.statuses(first)[APPLY] === 'success: slow: proven')
  })
})
