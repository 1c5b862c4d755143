import { parseDuration } from '../../lib/duration.ts'
import { groupBy } from '../../lib/group-by.ts'
import { didYouMean } from '../../lib/nearest.ts'
import type { Budget, BudgetUnit, SpendSource } from '../../model/budget.ts'
import type { Budget as Written } from '../../model/written/budget.ts'
import type { Document } from '../document.ts'
import { byOrigin, type Findings, whereIs } from './findings.ts'
import type { Targets } from './targets.ts'
import { mismatchOf } from './what-sources-count.ts'

const UNITS: readonly BudgetUnit[] = ['cost', 'runs', 'tokens']
const SOURCES = ['prometheus', 'anthropic', 'openai', 'zerg', 'supervisor', 'reported'] as const
const ANTHROPIC = 'https://api.anthropic.com'
const OPENAI = 'https://api.openai.com'
const EVERY_MS = 30_000
const MILLION = 1_000_000

type WrittenSource = Written['spend'][number]

/** The `Budget` documents of a revision. One with a mistake is reported, and limits nothing. */
export function readBudgets(
  documents: readonly Document[],
  context: { readonly targets: Targets; readonly findings: Findings },
): readonly Budget[] {
  const written = documents.filter((document) => document.kind === 'Budget' && document.app !== undefined)
  const byKey = groupBy([...written].sort(byOrigin), (document) => `${document.app}/${document.name}`)
  return [...byKey.values()].flatMap(([first, ...others]) => {
    for (const other of others) refuseTwice(first, other, context.findings)
    return first ? (readBudget(first, context) ?? []) : []
  })
}

function refuseTwice(first: Document | undefined, other: Document, findings: Findings): void {
  const where = first ? whereIs(first.position('')) : ''
  findings.error(other, '/name', `Budget/${other.name} is already declared in this app, at ${where}`)
}

interface Context {
  readonly targets: Targets
  readonly findings: Findings
}

function readBudget(document: Document, context: Context): Budget | undefined {
  const written = document.value as unknown as Written
  const { findings } = context
  const before = errorsIn(findings)
  const unit = unitOf(written.limit, '/limit', { document, findings })
  const per = written.per ?? 'global'
  const burn = written.burn && burnOf(written.burn, unit, { document, findings })
  if (unit && burn && burn.limit > microsOf(written.limit[unit] ?? 0)) {
    findings.warn(
      document,
      '/burn',
      'it is more than the limit, which is reached first: this burn never stops anything',
    )
  }
  const sources = written.spend.flatMap((source, index) => sourceOf(source, { index, document, context, per }) ?? [])
  if (!unit || errorsIn(findings) > before) return undefined
  const app = document.app ?? ''
  return {
    key: `${app}/${written.name}`,
    app,
    name: written.name,
    window: written.window,
    timezone: written.timezone ?? 'UTC',
    unit,
    currency: written.limit.currency ?? 'USD',
    limit: microsOf(written.limit[unit] ?? 0),
    ...(burn ? { burn } : {}),
    per,
    sources,
    warnAt: [...(written.warnAt ?? [50, 80])].sort((a, b) => a - b),
    onExceeded: written.onExceeded ?? 'suspend',
    onUnknown: written.onUnknown ?? 'hold-new',
    resume: written.resume ?? 'next-window',
    origin: document.position(''),
  }
}

/** What is only warned of limits all the same. */
const errorsIn = (findings: Findings): number => findings.all().filter(({ severity }) => severity === 'error').length

export const microsOf = (written: number): number => Math.round(written * MILLION)

interface At {
  readonly document: Document
  readonly findings: Findings
}

function unitOf(limit: Written['limit'], pointer: string, { document, findings }: At): BudgetUnit | undefined {
  const said = UNITS.filter((unit) => limit[unit] !== undefined)
  const [unit, ...others] = said
  if (unit && others.length === 0) return unit
  findings.error(
    document,
    pointer,
    `a limit is one of cost, runs and tokens${unit ? `, not ${said.join(' and ')}` : ''}`,
  )
  return undefined
}

function burnOf(
  burn: NonNullable<Written['burn']>,
  unit: BudgetUnit | undefined,
  { document, findings }: At,
): Budget['burn'] {
  const limit = unit && burn[unit]
  if (limit !== undefined) return { limit: microsOf(limit), inMs: parseDuration(burn.in) }
  if (unit) findings.error(document, '/burn', `the burn is in ${unit}, as the limit is`)
  return undefined
}

function sourceOf(written: WrittenSource, { index, document, context, per }: SourceAt): SpendSource | undefined {
  const pointer = `/spend/${index}`
  const { findings, targets } = context
  const said = SOURCES.filter((type) => written[type] !== undefined)
  const [type, ...others] = said
  if (!type || others.length > 0) {
    findings.error(document, pointer, `a source is one of ${SOURCES.join(', ')}`)
    return undefined
  }
  const by = per === 'global' ? undefined : written.by?.[per]
  if (per !== 'global' && by === undefined && type === 'prometheus') {
    findings.error(document, pointer, `the budget is per ${per}: say \`by: { ${per}: <label> }\``)
  }
  const common = { covers: written.covers, ...(by === undefined ? {} : { by }) }
  const source = withType(type, written, common)
  const kind = type === 'prometheus' ? 'Prometheus' : 'AgentSupervisor'
  const problem = 'target' in source ? problemOfTarget(source.target, kind, targets) : undefined
  if (problem !== undefined) findings.error(document, `${pointer}/${type}/target`, problem)
  const { limit } = document.value as unknown as Written
  const unit = UNITS.find((one) => limit[one] !== undefined) ?? 'cost'
  const mismatch = mismatchOf(type, { unit, currency: limit.currency ?? 'USD', per })
  if (mismatch !== undefined) findings.error(document, `${pointer}/${type}`, mismatch)
  return source
}

export function problemOfTarget(name: string, kind: string, { declared, broken, unread }: Targets): string | undefined {
  const found = declared.find((target) => target.name === name)
  if (found?.kind === kind) return undefined
  if (found) return `the target '${name}' is no ${kind}: its kind is ${found.kind}`
  if (broken.includes(name)) return `the target '${name}' is declared with errors`
  const names = declared.filter((target) => target.kind === kind).map((target) => target.name)
  const note = unread ? ' (something under targets/ could not be read)' : ''
  return `no ${kind} is called '${name}'${didYouMean(name, names)}${note}`
}

interface SourceAt {
  readonly index: number
  readonly document: Document
  readonly context: Context
  readonly per: Budget['per']
}

type Common = Pick<SpendSource, 'covers' | 'by'>

function withType(type: (typeof SOURCES)[number], written: WrittenSource, common: Common): SpendSource {
  const { prometheus, anthropic, openai, zerg, supervisor } = written
  if (prometheus) {
    const { target, counter, match = {}, startsAbsent = false, every } = prometheus
    const labels = Object.fromEntries(Object.entries(match).map(([name, value]) => [name, String(value)]))
    const key = JSON.stringify([type, target, counter, Object.entries(labels).sort(), common.by ?? ''])
    const everyMs = every === undefined ? EVERY_MS : parseDuration(every)
    return { ...common, key, type: 'prometheus', target, counter, match: labels, startsAbsent, everyMs }
  }
  if (anthropic) {
    const { credential, workspace, url = ANTHROPIC } = anthropic
    const key = JSON.stringify([type, url, workspace ?? ''])
    return { ...common, key, type: 'anthropic', credential, url, ...(workspace === undefined ? {} : { workspace }) }
  }
  if (openai) {
    const { credential, project, url = OPENAI } = openai
    const key = JSON.stringify([type, url, project ?? ''])
    return { ...common, key, type: 'openai', credential, url, ...(project === undefined ? {} : { project }) }
  }
  if (zerg) return { ...common, key: JSON.stringify([type, zerg.url]), type: 'zerg', ...zerg }
  if (supervisor) {
    const { target, project } = supervisor
    const key = JSON.stringify([type, target, project ?? ''])
    return { ...common, key, type: 'supervisor', target, ...(project === undefined ? {} : { project }) }
  }
  return { ...common, key: JSON.stringify([type, common.covers]), type: 'reported' }
}
