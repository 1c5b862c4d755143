import { createHash } from 'node:crypto'
import { amountDecimal } from '../lib/amount.ts'
import { parseDecimal, scaled } from '../lib/decimal.ts'
import { didYouMean } from '../lib/nearest.ts'
import { ownValue } from '../lib/own-value.ts'
import type { Budget, Micros } from '../model/budget.ts'
import { ReconcileError } from '../model/error.ts'
import type { SpendReport, SpendTaken } from '../model/spend.ts'
import type { Store } from '../model/store.ts'
import type { Part } from './reading.ts'
import { reportedRow } from './shelf-keys.ts'
import { windowAt } from './windows.ts'

/** A report as it is kept, by its key. */
interface KeptReport {
  readonly digest: string
  readonly budget: string
  readonly covers: string
  readonly agent?: string
  readonly user?: string
  readonly micros: Micros
  /** What it counts for (ms). */
  readonly at: number
}

/** Sums of a budget's reports, so that they need not be added up at each look. */
interface Sums {
  /** Of another calendar they are added up anew. */
  readonly calendar: string
  /** Start of the window -> covers -> part. */
  readonly windows: Readonly<Record<string, Readonly<Record<string, Readonly<Record<Part, Micros>>>>>>
}

export interface Reports {
  /** Takes a report in one transaction. @throws ReconcileError `Usage`, `NotFound`, `Conflict` */
  take(report: SpendReport, budgets: readonly Budget[], now: Date): SpendTaken
  /** What was reported in the window that begins then (ms), of something that is covered. */
  sums(budget: Budget, windowStart: number): Readonly<Record<string, Readonly<Record<Part, Micros>>>>
  /** Forgets what no window can need any more. */
  prune(now: number): void
}

const DAY_MS = 86_400_000
/** A month, and some days to repeat a report under its key. */
const KEPT_MS = 45 * DAY_MS
const OLDEST_MS = 40 * DAY_MS
/** Clocks differ. */
const AHEAD_MS = 5 * 60_000
const MOST_REPORTS = 500_000

/** Reports of programs: each key counts once, and nothing that is reported can lower a figure. */
export function createReports(store: Pick<Store, 'shelf' | 'transaction'>): Reports {
  const reports = store.shelf<KeptReport>('spend')
  const shelf = store.shelf<Sums>('budget')

  const addedUp = (budget: Budget, now: number): Sums => {
    const calendar = calendarOf(budget)
    const found = shelf.get(reportedRow(budget.key))
    if (found?.calendar === calendar) return found
    const mine = reports.all().flatMap(({ value }) => (value.budget === budget.key ? [value] : []))
    const sums = mine.reduce((sum, report) => added(sum, report, budget), { calendar, windows: {} } as Sums)
    shelf.put(reportedRow(budget.key), sums, new Date(now).toISOString())
    return sums
  }

  return {
    take: (report, budgets, now) =>
      store.transaction(() => {
        const digest = digestOf(report)
        const before = reports.get(report.key)
        if (before) return takenBefore(before, digest, report)
        if (reports.count() >= MOST_REPORTS) throw tooMany()
        const budget = budgetOf(report, budgets)
        const kept = { ...readReport(report, budget, now), digest }
        const sums = added(addedUp(budget, now.getTime()), kept, budget)
        reports.put(report.key, kept, now.toISOString())
        shelf.put(reportedRow(budget.key), { ...sums, windows: lately(sums.windows, now.getTime()) }, now.toISOString())
        return takenOf(report.key, kept, false)
      }),
    sums: (budget, windowStart) => addedUp(budget, windowStart).windows[windowStart] ?? {},
    prune: (now) => void reports.dropBefore(new Date(now - KEPT_MS).toISOString()),
  }
}

const calendarOf = ({ window, timezone, per }: Budget): string => JSON.stringify([window, timezone, per])

const lately = (windows: Sums['windows'], now: number): Sums['windows'] =>
  Object.fromEntries(Object.entries(windows).filter(([start]) => Number(start) > now - KEPT_MS))

function added(sums: Sums, report: KeptReport, budget: Budget): Sums {
  const { covers, micros, at } = report
  const part = partOf(report, budget)
  const window = String(windowAt(budget, at).start)
  const before = sums.windows[window] ?? {}
  const parts = ownValue(before, covers) ?? {}
  const after = { ...before, [covers]: { ...parts, [part]: (ownValue(parts, part) ?? 0) + micros } }
  return { ...sums, windows: { ...sums.windows, [window]: after } }
}

const partOf = ({ agent, user }: Pick<KeptReport, 'agent' | 'user'>, { per }: Budget): Part =>
  (per === 'agent' ? agent : per === 'user' ? user : '') ?? ''

/** Of all that is said, in one order: the same key with anything else is another report. */
const digestOf = (report: SpendReport): string =>
  createHash('sha256')
    .update(JSON.stringify(Object.entries(report).sort(([a], [b]) => (a < b ? -1 : 1))))
    .digest('base64url')

function takenBefore(before: KeptReport, digest: string, { key }: SpendReport): SpendTaken {
  if (before.digest === digest) return takenOf(key, before, true)
  throw new ReconcileError('Conflict', {
    message: `the key '${key}' was used for another report: ${amountDecimal(before.micros)} of the budget ${before.budget}`,
    todo: 'give each report a key of its own, and repeat it as it was where its answer was lost',
  })
}

const takenOf = (key: string, { budget, micros, at }: KeptReport, again: boolean): SpendTaken => ({
  ...{ key, budget, amount: amountDecimal(micros), at: new Date(at).toISOString(), again },
})

const tooMany = (): ReconcileError =>
  new ReconcileError('NotAllowed', { message: `${MOST_REPORTS} reports of the last weeks are kept: no more are taken` })

function budgetOf({ budget: name }: SpendReport, budgets: readonly Budget[]): Budget {
  const found = budgets.filter((budget) => budget.key === name || budget.name === name)
  const [one, ...others] = found
  if (one && others.length === 0) return one
  if (one) {
    const keys = found.map(({ key }) => key).join(', ')
    throw new ReconcileError('Usage', { message: `several budgets are called '${name}': ${keys}`, todo: 'say which' })
  }
  const known = budgets.flatMap(({ key, name: short }) => [key, short])
  throw new ReconcileError('NotFound', { message: `no budget '${name}'${didYouMean(name, known)}` })
}

function readReport(report: SpendReport, budget: Budget, now: Date): Omit<KeptReport, 'digest'> {
  const { agent, user, currency } = report
  if (currency !== undefined && (budget.unit !== 'cost' || currency !== budget.currency)) {
    const counts = budget.unit === 'cost' ? budget.currency : budget.unit
    throw usage(`the budget ${budget.key} counts in ${counts}, not in ${currency}`)
  }
  if (budget.per !== 'global' && (budget.per === 'agent' ? agent : user) === undefined) {
    throw usage(`the budget ${budget.key} is per ${budget.per}: say \`${budget.per}\``)
  }
  return {
    ...{ budget: budget.key, covers: coversOf(report, budget), micros: microsOf(report), at: atOf(report, now) },
    ...(agent === undefined ? {} : { agent }),
    ...(user === undefined ? {} : { user }),
  }
}

/** They come over HTTP alone. */
const usage = (message: string): ReconcileError =>
  new ReconcileError('Usage', { message, todo: 'GET /api/v1/openapi.json says what can be told' })

function coversOf({ covers }: SpendReport, { key, sources }: Budget): string {
  const reported = [...new Set(sources.flatMap((source) => (source.type === 'reported' ? [source.covers] : [])))]
  const [only, ...others] = reported
  if (only === undefined) throw usage(`the budget ${key} has no source that is \`reported\``)
  if (covers === undefined && others.length === 0) return only
  if (covers !== undefined && reported.includes(covers)) return covers
  throw usage(`say which \`covers\` of the budget ${key} it is: ${reported.join(', ')}`)
}

function microsOf({ amount }: SpendReport): Micros {
  const decimal = parseDecimal(String(amount))
  const micros = decimal && scaled(decimal, 6)
  if (micros === undefined) throw usage(`the amount ${JSON.stringify(amount)} is no decimal number of a possible size`)
  if (micros < 0 || (decimal?.digits ?? 0n) < 0n)
    throw usage(`the amount ${amount} is below zero: a report can only raise what is spent`)
  return micros
}

function atOf({ at }: SpendReport, now: Date): number {
  if (at === undefined) return now.getTime()
  const ms = Date.parse(at)
  if (Number.isNaN(ms)) throw usage(`the time '${at}' is none like 2026-11-21T14:00:00Z`)
  if (ms > now.getTime() + AHEAD_MS) throw usage(`the time ${at} is still to come`)
  if (ms < now.getTime() - OLDEST_MS) throw usage(`the time ${at} is older than any window`)
  return ms
}
