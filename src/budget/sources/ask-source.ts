import { groupBy } from '../../lib/group-by.ts'
import { ownValue } from '../../lib/own-value.ts'
import type { Budget, Micros, SpendSource } from '../../model/budget.ts'
import { dayOf, daysOf } from '../days.ts'
import type { BudgetsOptions } from '../evaluation.ts'
import type { Asking, Part, Reading } from '../reading.ts'
import { type Window, windowAt } from '../windows.ts'
import { askAnthropic, CENT_PLACES, DEFAULT_WORKSPACE } from './anthropic.ts'
import { SourceFault } from './ask-json.ts'
import { type DayState, dayReading } from './day-reading.ts'
import { askOpenAi, DOLLAR_PLACES } from './openai.ts'
import { askCounter, type CounterState } from './prometheus.ts'
import { askSupervisor, todayReading } from './today.ts'
import { pickDays, refuseMissing, type VendorDays } from './vendor-pages.ts'
import { askZerg } from './zerg.ts'

type VendorSource = SpendSource & { readonly type: 'anthropic' | 'openai' }

export interface AskOptions extends Pick<BudgetsOptions, 'settings' | 'resolve' | 'prometheusFor' | 'supervisorCost'> {
  /** What was reported in a window, by what it covers and by part. */
  reported(budget: Budget, windowStart: number): Readonly<Record<string, Readonly<Record<Part, Micros>>>>
}

export interface AskSource {
  /** What these budgets will need of each vendor, so that it is asked once for all. */
  expect(budgets: readonly Budget[], now: number): void
  /** @throws whatever keeps the source from telling: its message says why */
  ask(source: SpendSource, budget: Budget, asking: Asking<unknown>): Promise<Reading>
}

const MINUTE = 60_000
/** A little less than between looks: budgets whose looks drift apart still share an answer. */
const SHARED_MS = 4.5 * MINUTE

interface VendorAnswer {
  readonly at: number
  readonly from: string
  readonly to: string
  readonly days: Promise<VendorDays>
}

export function createAskSource(options: AskOptions): AskSource {
  const answers = new Map<string, VendorAnswer>()
  let expected: ReadonlyMap<string, string> = new Map()

  const vendorDays = (source: VendorSource, window: Window, { now, signal }: Asking<unknown>): Promise<VendorDays> => {
    const key = vendorKey(source)
    const to = dayOf(now)
    const from = [dayOf(window.start), expected.get(key) ?? to].sort()[0] ?? to
    const before = answers.get(key)
    const shared = before && now - before.at < SHARED_MS && before.from <= from && before.to === to
    if (shared) return before.days
    // At most once a minute (Anthropic, usage and cost API).
    if (before && now - before.at < MINUTE) throw new SourceFault('it was asked less than a minute ago')
    const ask = source.type === 'anthropic' ? askAnthropic : askOpenAi
    const days = ask({ url: source.url, credential: source.credential, from, to, signal }, options)
    days.catch(() => undefined) // said by whoever waits for it
    answers.set(key, { at: now, from, to, days })
    return days
  }

  const vendor = async (source: VendorSource, budget: Budget, asking: Asking<unknown>): Promise<Reading> => {
    const { window, now } = asking
    const found = await vendorDays(source, window, asking)
    refuseMissing(found, daysOf(window, now))
    const isAnthropic = source.type === 'anthropic'
    const group = isAnthropic ? workspaceOf(source.workspace) : source.project
    const days = pickDays(found, group, isAnthropic ? CENT_PLACES : DOLLAR_PLACES)
    return dayReading(days, asking as Asking<DayState>, budget)
  }

  return {
    expect: (budgets, now) => {
      expected = earliestDays(budgets, now)
    },
    ask: async (source, budget, asking) => {
      refuseUnit(source, budget)
      switch (source.type) {
        case 'prometheus':
          return askCounter(source, asking as Asking<CounterState>, options.prometheusFor(source.target) ?? notYet())
        case 'anthropic':
        case 'openai':
          return vendor(source, budget, asking)
        case 'zerg': {
          const { now, signal } = asking
          const ask = () => askZerg(source, { budget, now, signal }, options)
          return todayReading(ask, asking as Asking<DayState>, budget.timezone)
        }
        case 'supervisor': {
          const { supervisorCost } = options
          const cost = async () =>
            supervisorCost
              ? ((await supervisorCost(source, asking.signal)) ?? notYet())
              : { unknown: 'agent supervisors are not asked here' }
          return todayReading(() => askSupervisor(cost), asking as Asking<DayState>, budget.timezone)
        }
        case 'reported': {
          const spent = ownValue(options.reported(budget, asking.window.start), source.covers) ?? {}
          return { spent, knows: ['', ...Object.keys(spent)], othersAtMost: 0, notes: [], state: undefined }
        }
      }
    },
  }
}

/** There is nobody to ask yet: no fault of the source. */
export class NotYet extends Error {
  override readonly name = 'NotYet'
}

function notYet(): never {
  throw new NotYet('what is declared was not read yet')
}

const vendorKey = ({ type, url, credential }: VendorSource): string => JSON.stringify([type, url, credential])

const isVendor = (source: SpendSource): source is VendorSource =>
  source.type === 'anthropic' || source.type === 'openai'

function earliestDays(budgets: readonly Budget[], now: number): ReadonlyMap<string, string> {
  const wanted = budgets.flatMap((budget) =>
    budget.sources.filter(isVendor).map((source) => ({
      key: vendorKey(source),
      from: dayOf(windowAt(budget, now).start),
    })),
  )
  return new Map(
    [...groupBy(wanted, ({ key }) => key)].map(([key, of]) => [key, of.map(({ from }) => from).sort()[0] ?? '']),
  )
}

/** As grouped: the default workspace is of no group. */
const workspaceOf = (workspace: string | undefined): string | undefined =>
  workspace === DEFAULT_WORKSPACE ? '' : workspace

/** What these sources count: anything else would be a number without meaning. */
function refuseUnit({ type }: SpendSource, { unit, currency }: Budget): void {
  if (type === 'prometheus' || type === 'reported') return
  if (unit === 'cost' ? currency === 'USD' : unit === 'runs' && type === 'zerg') return
  throw new SourceFault(`it does not count ${unit === 'cost' ? currency : unit}`)
}
