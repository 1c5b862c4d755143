import { amountText } from '../../lib/amount.ts'
import { type BudgetState, budgetStateKey, type Halt, type KeptBudgetState } from '../../model/budget.ts'
import type { Incident } from '../../model/incident.ts'
import type { Store } from '../../model/store.ts'
import { type HaltIn, haltsFor } from '../../reconcile/halts.ts'
import { overshootOf, percentOf, spentWords } from '../../report/budget-words.ts'
import { type Found, firstLines } from './found.ts'

/** Budgets are evaluated between the looks: no look tells of them, or that they are over. */
export const isOfBudget = ({ key }: Pick<Incident, 'key'>): boolean => key.startsWith('budget:')

/**
 * What is to be told of budgets by their last evaluation: each threshold once in its window, the suspension and how far it
 * overshot, what is not known. A new window, or a new suspension, is a message of its own: an edit calls nobody.
 */
export function budgetsNow(store: Pick<Store, 'shelf' | 'apps' | 'fleet'>): readonly Found[] {
  const states = store.shelf<KeptBudgetState>('budget-state').all()
  return states.flatMap(({ value }) => foundOf(value, store))
}

function foundOf(kept: KeptBudgetState, store: Pick<Store, 'apps' | 'fleet'>): readonly Found[] {
  const { state } = kept
  return [
    ...kept.told.map((percent) => warningFound(state, percent)),
    ...(state.halted ? haltFound(kept, state.halted, store) : []),
    ...(state.unknown ? [unknownFound(state, state.unknown)] : []),
  ]
}

const nameOf = ({ budget, of }: BudgetState): string => (of === undefined ? budget : `${budget} of ${of}`)
const appOf = ({ budget }: Pick<BudgetState, 'budget'>): string => budget.split('/')[0] ?? ''

/** The limit itself, where nothing is stopped for it, is the last threshold. */
function warningFound(state: BudgetState, percent: number): Found {
  const used = percent >= 100
  return {
    incident: {
      key: `budget:${budgetStateKey(state)}:${state.window.start}:${percent}`,
      type: 'budget',
      severity: used ? 'critical' : 'warning',
      app: appOf(state),
      title: `budget ${nameOf(state)}: ${percent} % is used${used ? ', and its agents go on' : ''}`,
      lines: [`spent ${spentWords(state)} (${percentOf(state)} %) until ${state.window.end}`, ...boundLines(state)],
      command: 'swarmkeeper status',
    },
    material: String(percent),
  }
}

const boundLines = ({ bound }: BudgetState): readonly string[] => [
  `a limit can be overshot for up to ${bound.seconds} s: ${bound.why}`,
]

const WHY: Readonly<Record<Halt['why'], string>> = {
  exceeded: 'it is used up',
  burn: 'it burns too fast',
  unknown: 'what is spent is not known',
}

type Halted = NonNullable<BudgetState['halted']>

/** As long as something rests for it: what a person resumed is over. */
function haltFound(kept: KeptBudgetState, halted: Halted, store: Pick<Store, 'apps' | 'fleet'>): readonly Found[] {
  const all = haltsFor(kept.state, store.apps())
  return all.length === 0 ? [] : [oneHalt(kept, halted, { all, store })]
}

function oneHalt(
  { at, state, during }: KeptBudgetState,
  halted: Halted,
  { all, store }: { readonly all: readonly HaltIn[]; readonly store: Pick<Store, 'fleet'> },
): Found {
  const apps = [...new Set(all.map(({ app }) => app))]
  const { frozen } = store.fleet()
  const phase = phaseOf(all, { at, state })
  const [first = appOf(state)] = apps
  return {
    incident: {
      key: `budget:${budgetStateKey(state)}:halted:${halted.since}`,
      type: 'budget',
      severity: 'critical',
      app: first,
      title: `budget ${nameOf(state)}: ${WHY[halted.why]}, and its agents are stopped`,
      lines: [
        halted.message,
        ...(frozen ? [`THE FLEET IS FROZEN by ${frozen.by}: its agents still run until \`swarmkeeper unfreeze\``] : []),
        ...phaseLines(phase, { ...state, ...during }),
        ...firstLines(all.flatMap(({ halt }) => halt.ids).map((id) => `at rest: ${id}`)),
        halted.until === undefined ? 'it does not end by itself' : `they run again at ${halted.until}`,
        ...apps.slice(1).map((app) => `also: swarmkeeper resume ${app}`),
      ],
      command: `swarmkeeper resume ${first}`,
    },
    material: `${phase} ${frozen ? 'frozen' : ''}`,
  }
}

type Phase = 'stopping' | 'stopped' | 'final'

/** What sources told after everything had stopped, and after their own delay, is what was truly spent. */
function phaseOf(all: readonly { readonly halt: Halt }[], { at, state }: Pick<KeptBudgetState, 'at' | 'state'>): Phase {
  const stops = all.map(({ halt }) => halt.stoppedAt)
  if (stops.some((stop) => stop === undefined)) return 'stopping'
  const last = Math.max(0, ...stops.map((stop) => Date.parse(stop ?? '')))
  return Date.parse(at) >= last + state.bound.seconds * 1_000 ? 'final' : 'stopped'
}

function phaseLines(phase: Phase, state: BudgetState): readonly string[] {
  const over = overshootOf(state)
  const much = over > 0 ? `${amountText(over, state)} over the limit` : 'the limit was not overshot'
  if (phase === 'stopping') return ['its agents are being stopped', ...boundLines(state)]
  if (phase === 'stopped') return [`its agents have stopped; ${much} so far`, ...boundLines(state)]
  return [`its agents have stopped; true overshoot: ${much} (spent ${spentWords(state)})`]
}

function unknownFound(state: BudgetState, unknown: NonNullable<BudgetState['unknown']>): Found {
  const holds = state.holdsNew === true
  return {
    incident: {
      key: `budget:${budgetStateKey(state)}:unknown`,
      type: 'budget',
      severity: holds || state.halted ? 'critical' : 'warning',
      app: appOf(state),
      title: `budget ${nameOf(state)}: what is spent is not known${holds ? ', and no new runs are started' : ''}`,
      lines: [unknown.why, `known so far: ${spentWords(state)}`],
      command: 'swarmkeeper doctor',
    },
    material: holds ? 'holds' : '',
    looks: 2,
  }
}
