import { amountText } from '../lib/amount.ts'
import type { BudgetState } from '../model/budget.ts'
import type { FleetStatus } from '../model/outcome.ts'
import { ageOf } from './ages.ts'
import { overshootOf, percentOf, spentWords } from './budget-words.ts'
import type { Paint } from './paint.ts'
import { printable } from './printable.ts'

/** Each budget in a line, and below it only what is not well, and what ends that. */
export const renderBudgets = (
  {
    budgets = [],
    unevaluated = [],
    apps = [],
  }: Pick<FleetStatus, 'budgets' | 'unevaluated'> & Partial<Pick<FleetStatus, 'apps'>>,
  now: Date,
  paint: Paint,
): readonly string[] => [
  ...budgets.flatMap((state) => renderBudget(state, { now, paint, stopped: stoppedBy(state, apps) })),
  ...unevaluated.map(
    (key) =>
      `${paint.careful('?')} budget ${printable(key)}: never evaluated, and nothing is stopped for it: the daemon does`,
  ),
]

type Shown = NonNullable<FleetStatus['budgets']>[number]

/** The daemon evaluates at least each hour, and mostly each minute: figures that are older are of one that does not run. */
const OLD_MS = 2 * 3_600_000

const isOld = ({ at }: Shown, now: Date): boolean => at !== undefined && now.getTime() - Date.parse(at) > OLD_MS

/** Of figures that are too old, what was spent since is not known. */
function asOf(state: Shown, now: Date): BudgetState {
  if (state.unknown || state.at === undefined || !isOld(state, now)) return state
  return { ...state, unknown: { why: 'nothing was evaluated since: is the daemon running?', since: state.at } }
}

/** Apps of which something rests for it: agents of any app may live on a budget. */
function stoppedBy({ budget, halted }: Shown, apps: FleetStatus['apps']): readonly string[] {
  const found = apps.flatMap(({ state: { app, halts = [] } }) =>
    halts.some((halt) => !halt.lifted && halt.budget === budget && halt.since === halted?.since) ? [app] : [],
  )
  return found.length > 0 ? found : budget.split('/').slice(0, 1)
}

interface Showing {
  readonly now: Date
  readonly paint: Paint
  readonly stopped: readonly string[]
}

function renderBudget(shown: Shown, showing: Showing): readonly string[] {
  const { now, paint } = showing
  const state = asOf(shown, now)
  const { budget, of, window } = state
  const name = printable(of === undefined ? budget : `${budget} of ${of}`)
  const known = state.unknown ? 'at least ' : ''
  const line = `budget ${name}: ${barOf(state)} ${known}${spentWords(state)}, until ${shortTime(window.end)}`
  return [headOf(line, state, paint), ...belowOf(state, showing).map((below) => `    ${below}`)]
}

function headOf(line: string, state: BudgetState, paint: Paint): string {
  if (state.halted) return paint.bad(`✗ ${line}`)
  if (percentOf(state) >= 100) return paint.bad(`! ${line}`)
  if (state.unknown) return `${paint.careful('?')} ${line}`
  return state.warned.length > 0 ? paint.careful(`! ${line}`) : `${paint.good('✓')} ${line}`
}

const WIDTH = 10

/** `[#####-----] 52 %` */
function barOf(state: BudgetState): string {
  const percent = percentOf(state)
  const full = Math.min(WIDTH, Math.floor((percent * WIDTH) / 100))
  return `[${'#'.repeat(full)}${'-'.repeat(WIDTH - full)}] ${percent} %`
}

function belowOf(state: BudgetState, showing: Showing): readonly string[] {
  const { now, paint } = showing
  const { halted, unknown, covers } = state
  const over = overshootOf(state)
  const silent = covers.flatMap((one) => one.sources.flatMap(({ message }) => (message === undefined ? [] : [message])))
  return [
    ...(halted ? haltedLines(state, showing) : []),
    ...(over > 0 ? [`${amountText(over, state)} over; bound: ${printable(state.bound.why)}`] : []),
    ...(unknown ? [paint.careful(`last known ${ageOf(unknown.since, now)}: ${printable(unknown.why)}`)] : []),
    ...(state.holdsNew ? [paint.careful('no new runs are started until it is known')] : []),
    ...silent.map((message) => paint.careful(printable(message))),
  ]
}

function haltedLines({ halted }: BudgetState, { now, paint, stopped }: Showing): readonly string[] {
  if (!halted) return []
  const ends = halted.until === undefined ? 'until a person resumes them' : `until ${shortTime(halted.until)}`
  return [
    paint.bad(`its agents were stopped ${ageOf(halted.since, now)}, ${ends}: ${printable(halted.message)}`),
    ...stopped.map((app) => `${paint.accent('=>')} swarmkeeper resume ${printable(app)}`),
  ]
}

const shortTime = (time: string): string => time.replace(/\.\d+Z$/, 'Z')
