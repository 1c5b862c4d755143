import type { Clock } from '../../src/model/clock.ts'
import type { ResourceId } from '../../src/model/id.ts'
import type { Kinds } from '../../src/model/kind.ts'
import type { Observed } from '../../src/model/live.ts'
import type { Change } from '../../src/model/plan.ts'
import type { Wanted } from '../../src/model/resource.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import type { ApplyOptions, Step, Target } from '../../src/model/target.ts'
import { update } from '../support/changes.ts'

/** What a target must bring to be put through the suite. Names are those of the live things; two worlds never share one. */
export interface TargetWorld {
  readonly install: string
  readonly kinds: Kinds
  readonly clock: Clock
  /** A client of the same place, as another process would open one. */
  open(install?: string): Target
  /** A client whose place does not answer. */
  openDead(): Target
  /** Runs nothing: there, or not there. */
  inert(name: string, app?: string): Wanted
  /** Runs until it is removed; another value restarts it. */
  running(name: string, value?: number, app?: string): Wanted
  /** Runs to its end, and again for another value. */
  job(name: string, value?: number, app?: string): Wanted
  /** Somebody makes it, without any mark of ours. */
  byHand(wanted: Wanted): Promise<void>
  /** Writes to the place so far, whoever made them. */
  writes(): number
  /** `other` comes between what the next write of an existing record is made from, and that write. */
  comesFirst(other: () => Promise<void>): Promise<void>
  /** The next thing that is made is made, and no answer comes back. */
  loseNextAnswer(): void
  /** Absent: it knows no images. */
  readonly image?: { readonly known: string; readonly unknown: string }
  /** False: nothing runs to its end there, and adoption is written down. */
  readonly hasJobs?: boolean
  dispose(): Promise<void>
}

const neverAborted = new AbortController().signal

export interface Mark {
  readonly id: ResourceId
  readonly step: Step
  readonly reason?: string
}

type Present = Observed & { readonly state: 'present' }

/** A target with the small words that the suite is written in. */
export interface Client {
  readonly target: Target
  look(...wanted: readonly Wanted[]): ReturnType<Target['observe']>
  one(wanted: Wanted): Promise<Observed>
  present(wanted: Wanted): Promise<Present>
  /** Asks until it is healthy, or, of a job, has ended well. */
  ready(wanted: Wanted): Promise<Present>
  /** Looks at what is to be changed, and changes it. */
  lookAndApply(...changes: readonly Change[]): Promise<readonly Mark[]>
  /** Looks, and updates what differs. */
  update(to: Wanted): Promise<readonly Mark[]>
  apply(changes: readonly Change[], options?: Partial<ApplyOptions>): Promise<readonly Mark[]>
}

export function createClient(target: Target, world: TargetWorld): Client {
  const look: Client['look'] = (...wanted) => target.observe(wanted, { signal: neverAborted })
  const one: Client['one'] = async (wanted) =>
    (await look(wanted)).of.get(wanted.id) ?? { state: 'unknown', reason: 'it was not looked at' }
  const present: Client['present'] = async (wanted) => {
    const seen = await one(wanted)
    if (seen.state !== 'present') throw new Error(`${wanted.id} is ${seen.state}`)
    return seen
  }
  const apply: Client['apply'] = async (changes, options = {}) => {
    const marks: Mark[] = []
    await target.apply({ changes, gates: [], pauseMs: 0 }, { ...applying(marks), ...options })
    return marks
  }
  return {
    target,
    look,
    one,
    present,
    ready: async (wanted) => {
      for (let left = 240; left > 0; left -= 1) {
        const seen = await one(wanted)
        if (seen.state === 'present' && isReady(wanted, seen, world)) return seen
        await world.clock.sleep(250)
      }
      throw new Error(`${wanted.id} never was ready: ${JSON.stringify(await one(wanted))}`)
    },
    lookAndApply: async (...changes) => {
      await look(...changes.flatMap((change) => ('to' in change ? [change.to] : [])))
      return apply(changes)
    },
    update: async (to) => {
      const { live } = await present(to)
      return apply([update(to, world.kinds.get(to.kind)?.compare(to.spec, live))])
    },
    apply,
  }
}

function isReady({ kind }: Wanted, { health }: Present, { kinds }: TargetWorld): boolean {
  return health.status === 'healthy' && (health.finished === true || kinds.get(kind)?.job !== true)
}

function applying(marks: Mark[]): ApplyOptions {
  return {
    signal: neverAborted,
    record: [],
    guard: async () => {},
    reveal: async (secret) => new Sensitive(secret),
    mark: (id, step, { reason } = {}) => void marks.push({ id, step, ...(reason === undefined ? {} : { reason }) }),
  }
}

export const stepsOf = (marks: readonly Mark[], { id }: { readonly id: ResourceId }): readonly Step[] =>
  marks.filter((mark) => mark.id === id).map(({ step }) => step)

export const lastOf = (marks: readonly Mark[], { id }: { readonly id: ResourceId }): Omit<Mark, 'id'> | undefined => {
  const last = marks.findLast((mark) => mark.id === id)
  return last && { step: last.step, ...(last.reason === undefined ? {} : { reason: last.reason }) }
}

/** A world that was made for one test, and a client in it. */
export interface Given {
  readonly world: TargetWorld
  readonly mine: Client
}

/** One more client of the same place. */
export const another = ({ world }: Given, install?: string): Client => createClient(world.open(install), world)

export const OTHER_INSTALL = 'another-install'
export const KINDS = ['inert', 'running', 'job'] as const
export const call = { signal: neverAborted }

export const ours = ({ app, digest }: Wanted) => ({ who: 'us', app, digest })
