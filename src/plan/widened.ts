import { amountText } from '../lib/amount.ts'
import { formatDuration } from '../lib/duration.ts'
import type { Agent } from '../model/agent.ts'
import type { Budget } from '../model/budget.ts'
import type { Desired } from '../model/desired.ts'
import { canonicalJson, sameValue } from '../model/digest.ts'
import type { Widened } from '../model/outcome.ts'

type Declared = Pick<Desired, 'agents' | 'budgets' | 'policies' | 'targets' | 'apps'>

/**
 * What of a pull request lets agents do or spend more than the base does, or edits what guards them: for the top of its
 * comment, since whoever writes it may be an agent (SEC-27). What it cannot tell from a mistake it says as well.
 */
export function widenedBy(base: Declared, merged: Declared): readonly Widened[] {
  return [...budgetsWidened(base, merged), ...agentsWidened(base, merged), ...policiesEdited(base, merged)]
}

const byKey = <T extends { readonly key: string }>(all: readonly T[]): ReadonlyMap<string, T> =>
  new Map(all.map((one) => [one.key, one]))

function budgetsWidened(base: Declared, merged: Declared): readonly Widened[] {
  const after = byKey(merged.budgets)
  return base.budgets.flatMap((budget): readonly Widened[] => {
    const now = after.get(budget.key)
    const lines = now ? softened(budget, now) : [goneWords(merged.apps.get(budget.app)?.broken)]
    const sources = [...lines, ...targetsChanged(budget, base, merged)]
    return sources.map((message) => ({ about: 'budget', name: budget.key, message }))
  })
}

const goneWords = (broken: boolean | undefined): string => (broken ? 'cannot be read in it' : 'is removed')

/** Each way in which a budget stops less, or later, than before. */
function softened(before: Budget, now: Budget): readonly string[] {
  const changed = <K extends keyof Budget>(key: K, words: string): readonly string[] =>
    sameValue(before[key] ?? null, now[key] ?? null) ? [] : [`${words}: ${String(before[key])} to ${String(now[key])}`]
  const otherUnit = before.unit !== now.unit || before.currency !== now.currency
  const limits = `${amountText(before.limit, before)} to ${amountText(now.limit, now)} a ${now.window}`
  return [
    ...(now.limit > before.limit || otherUnit ? [`limit: ${limits}`] : []),
    ...changed('window', 'window'),
    ...changed('timezone', 'time zone'),
    ...changed('per', 'limit for each'),
    ...burnSoftened(before, now),
    ...gone(before.warnAt, now.warnAt).map((percent) => `no warning at ${percent} % any more`),
    ...softer(ON_EXCEEDED, before.onExceeded, now.onExceeded, 'when it is exceeded'),
    ...softer(ON_UNKNOWN, before.onUnknown, now.onUnknown, 'when the spend is not known'),
    ...softer(RESUME, before.resume, now.resume, 'resumes'),
    ...sourcesGone(before, now),
  ]
}

const gone = <T>(before: readonly T[], now: readonly T[]): readonly T[] => before.filter((one) => !now.includes(one))

/** The strictest first. */
const ON_EXCEEDED: readonly Budget['onExceeded'][] = ['suspend', 'notify']
const ON_UNKNOWN: readonly Budget['onUnknown'][] = ['suspend', 'hold-new', 'keep']
const RESUME: readonly Budget['resume'][] = ['manual', 'next-window']

const softer = <T extends string>(order: readonly T[], before: T, now: T, words: string): readonly string[] =>
  order.indexOf(now) > order.indexOf(before) ? [`${words}: ${before} to ${now}`] : []

function burnSoftened(before: Budget, now: Budget): readonly string[] {
  const [was, is] = [before.burn, now.burn]
  if (!was || (is && is.limit <= was.limit && is.inMs >= was.inMs)) return []
  if (!is) return ['a fast burn stops nothing any more']
  const words = (burn: typeof was, of: Budget): string =>
    `${amountText(burn.limit, of)} in ${formatDuration(burn.inMs)}`
  return [`fast burn: ${words(was, before)} to ${words(is, now)}`]
}

/** A source that is asked something else is another source. */
function sourcesGone(before: Budget, now: Budget): readonly string[] {
  const kept = new Set(now.sources.map((source) => canonicalJson(source)))
  return before.sources
    .filter((source) => !kept.has(canonicalJson(source)))
    .map(({ type, covers }) => `its source ${type} of ${covers} is removed or changed`)
}

/** Where the figures come from may be changed beside the budget. */
function targetsChanged({ sources }: Budget, base: Declared, merged: Declared): readonly string[] {
  const names = new Set(sources.flatMap((source) => ('target' in source ? [source.target] : [])))
  return [...names].flatMap((name) => {
    const [was, is] = [base, merged].map(({ targets }) => targets.find((target) => target.name === name)?.config)
    return sameValue(was ?? null, is ?? null) ? [] : [`its figures come from ${name}, which is changed or removed`]
  })
}

function agentsWidened(base: Declared, merged: Declared): readonly Widened[] {
  const before = byKey(base.agents)
  return merged.agents.flatMap((agent): readonly Widened[] => {
    const was = before.get(agent.key)
    const lines = was ? freed(was, agent) : newcomer(agent)
    return lines.map((message) => ({ about: 'agent', name: agent.key, message }))
  })
}

function freed(was: Agent, now: Agent): readonly string[] {
  const tools = gone(now.tools, was.tools)
  const policies = gone(was.policies, now.policies)
  const budget = was.budget !== undefined && was.budget !== now.budget
  return [
    ...(tools.length > 0 ? [`tools added: ${tools.join(', ')}`] : []),
    ...(policies.length > 0 ? [`policies taken off: ${policies.join(', ')}`] : []),
    ...(budget
      ? [now.budget === undefined ? `taken off budget ${was.budget}` : `budget: ${was.budget} to ${now.budget}`]
      : []),
  ]
}

const newcomer = ({ tools, budget }: Agent): readonly string[] => [
  ...(budget === undefined ? ['new, and without a budget'] : []),
  ...(tools.length > 0 ? [`new, with tools: ${tools.join(', ')}`] : []),
]

function policiesEdited(base: Declared, merged: Declared): readonly Widened[] {
  const [before, after] = [base, merged].map(({ policies }) => new Map(policies.map((one) => [one.name, one.digest])))
  const names = new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])])
  return [...names].sort().flatMap((name): readonly Widened[] => {
    const [was, is] = [before?.get(name), after?.get(name)]
    if (was === is) return []
    const message = is === undefined ? 'is removed' : was === undefined ? 'is new' : 'is edited'
    return [{ about: 'policy', name, message }]
  })
}
