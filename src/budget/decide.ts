import type { BudgetState, Halt } from '../model/budget.ts'
import type { BudgetWarning } from './evaluation.ts'
import { burnMessage, exceededMessage, unknownMessage, warningMessage } from './messages.ts'
import type { Deciding, HaltMemory, PartMemory } from './part.ts'
import { percentOf } from './words.ts'

export interface Decision {
  readonly after: PartMemory
  readonly warning?: BudgetWarning
  readonly holdsNew: boolean
}

/**
 * What follows from what is known of a budget. A part of it is in one of these states:
 *
 * - open: nothing stands at rest.
 * - halted, `exceeded`: the limit is reached. Ends with the next window (`resume: next-window`), as soon as a reviewed change
 *   raises the limit above what is spent, or by a person; who resumes it allows as much as the limit once more.
 * - halted, `burn`: so much was spent so fast that something loops. It comes before `exceeded`, for it never ends by itself:
 *   only a person, or a reviewed change that raises or removes the burn, ends it.
 * - halted, `unknown` (`onUnknown: suspend`): the spend is not known for longer than a source may fail. Ends when it is known.
 *
 * A budget per user stops nobody: agents work for all. It tells, and is written into what enforces it.
 */
export function decide(deciding: Deciding): Decision {
  const before = inWindow(deciding)
  const halt = nextHalt(deciding, before)
  const { halt: _before, ...kept } = before
  const { warned, percent } = warn(deciding, before, halt)
  return {
    after: { ...kept, warned, ...(halt ? { halt } : {}) },
    ...(percent === undefined ? {} : { warning: warningOf(deciding, percent) }),
    holdsNew: deciding.budget.onUnknown === 'hold-new' && deciding.figure.unknown !== undefined,
  }
}

/** In a new window nothing was told yet and nothing is allowed beyond the limit; what stands at rest is judged apart. */
function inWindow({ before, window, budget, figure }: Deciding): PartMemory {
  if (!before) return { window: window.start, warned: [] }
  const { allowed, resumes, ...others } = before
  if (before.window !== window.start) return { ...others, window: window.start, warned: [] }
  if (resumes) {
    const upTo = Math.max(figure.spent, budget.limit) + budget.limit
    return { ...others, allowed: { upTo, limit: budget.limit } }
  }
  return allowed && budget.limit >= allowed.limit ? { ...others, allowed } : others
}

function nextHalt(deciding: Deciding, before: PartMemory): HaltMemory | undefined {
  const { budget } = deciding
  if (budget.per === 'user') return undefined
  const standing = before.halt && stays(before.halt, deciding) ? before.halt : undefined
  const found = causeOf(deciding, before)
  if (!found) return standing && said(standing, deciding)
  // What was resumed, and is so again, stops those who were resumed as well.
  const isNew = !standing || RANK[found] > RANK[standing.why] || standing.resumed.length > 0
  return isNew ? begun(found, deciding) : said(standing, deciding)
}

/** The gravest counts: the one that ends least by itself. */
const RANK: Readonly<Record<Halt['why'], number>> = { unknown: 0, exceeded: 1, burn: 2 }

function stays(halt: HaltMemory, { budget, figure, window }: Deciding): boolean {
  if (halt.why === 'burn') return budget.burn !== undefined && budget.burn.limit <= (halt.burn ?? budget.burn.limit)
  if (halt.why === 'unknown') return figure.unknown !== undefined && budget.onUnknown === 'suspend'
  if (budget.onExceeded === 'notify') return false
  if (budget.resume === 'next-window' && Date.parse(halt.since) < window.start) return false
  return budget.limit <= halt.limit || figure.spent >= budget.limit
}

function causeOf({ budget, figure, now, graceMs }: Deciding, before: PartMemory): Halt['why'] | undefined {
  const { burn, onExceeded, onUnknown } = budget
  if (burn && figure.burned >= burn.limit) return 'burn'
  const limit = Math.max(budget.limit, before.allowed?.upTo ?? 0)
  if (onExceeded === 'suspend' && figure.spent >= limit) return 'exceeded'
  if (onUnknown !== 'suspend' || !figure.unknown) return undefined
  const since = Math.max(figure.unknown.since, before.resumedAt ?? 0)
  return now - since > graceMs ? 'unknown' : undefined
}

function begun(why: Halt['why'], deciding: Deciding): HaltMemory {
  const { budget, now } = deciding
  const halt = { why, since: new Date(now).toISOString(), limit: budget.limit, resumed: [], message: '' }
  return said({ ...halt, ...(budget.burn ? { burn: budget.burn.limit } : {}) }, deciding)
}

/** How far it was overshot is known some time after it was stopped: figures come late. */
function said(halt: HaltMemory, deciding: Deciding): HaltMemory {
  const { budget, figure, window } = deciding
  const { until: _until, ...others } = halt
  if (halt.why === 'exceeded') {
    const until = budget.resume === 'next-window' ? new Date(window.end).toISOString() : undefined
    return { ...others, ...(until === undefined ? {} : { until }), message: exceededMessage(deciding, until) }
  }
  if (halt.why === 'unknown') return { ...others, message: unknownMessage(deciding) }
  // Some time after a burn nothing of it is in the time that is looked at, and in the next window nothing of what it overshot.
  const isNow = Date.parse(halt.since) >= window.start
  const burns = isNow && budget.burn !== undefined && figure.burned >= budget.burn.limit
  return burns || halt.message === '' ? { ...others, message: burnMessage(deciding) } : halt
}

interface Warned {
  readonly warned: readonly number[]
  readonly percent?: number
}

/** Of thresholds that are crossed at once the highest is told; none where the limit itself stops the agents now. */
function warn({ budget, figure }: Deciding, before: PartMemory, halt: HaltMemory | undefined): Warned {
  const tells100 = budget.onExceeded === 'notify' || budget.per === 'user'
  const thresholds = [...budget.warnAt, ...(tells100 ? [100] : [])]
  const crossed = thresholds.filter((percent) => figure.spent * 100 >= budget.limit * percent)
  // A raised limit has thresholds of its own.
  const told = before.warned.filter((percent) => crossed.includes(percent))
  const fresh = crossed.filter((percent) => !told.includes(percent))
  const highest = halt?.why === 'exceeded' ? undefined : fresh.at(-1)
  return { warned: crossed, ...(highest === undefined ? {} : { percent: highest }) }
}

function warningOf(deciding: Deciding, percent: number): BudgetWarning {
  const { budget, of, figure, window } = deciding
  const { key, app, limit, unit, currency } = budget
  return {
    ...{ budget: key, app, percent, spent: figure.spent, limit, unit, currency },
    ...(of === undefined ? {} : { of }),
    windowEnd: new Date(window.end).toISOString(),
    message: warningMessage(deciding, percentOf(figure.spent, limit)),
  }
}

/** What status, pull requests, metrics and chat show. */
export function stateOf(deciding: Deciding, { after, holdsNew }: Decision, bound: BudgetState['bound']): BudgetState {
  const { budget, of, figure, window } = deciding
  const { key, unit, currency, limit } = budget
  const { halt } = after
  return {
    ...{ budget: key, unit, currency, limit, spent: figure.spent, covers: figure.covers, bound },
    ...(of === undefined ? {} : { of }),
    window: { start: new Date(window.start).toISOString(), end: new Date(window.end).toISOString() },
    ...(figure.unknown
      ? { unknown: { why: figure.unknown.why, since: new Date(figure.unknown.since).toISOString() } }
      : {}),
    warned: after.warned,
    ...(halt ? { halted: haltedOf(halt) } : {}),
    ...(holdsNew ? { holdsNew: true as const } : {}),
  }
}

export const haltedOf = ({ why, since, until, message }: HaltMemory): NonNullable<BudgetState['halted']> => ({
  ...{ why, since, message },
  ...(until === undefined ? {} : { until }),
})
