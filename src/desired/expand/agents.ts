import { parseDuration } from '../../lib/duration.ts'
import { groupBy } from '../../lib/group-by.ts'
import { didYouMean } from '../../lib/nearest.ts'
import type { Agent, Schedule } from '../../model/agent.ts'
import type { Budget } from '../../model/budget.ts'
import type { ResourceId } from '../../model/id.ts'
import type { Address } from '../../model/kind.ts'
import type { Agent as Written } from '../../model/written/agent.ts'
import type { Document } from '../document.ts'
import { byOrigin, type Findings, whereIs } from './findings.ts'
import type { Rendered } from './render.ts'
import { declaredWithErrors, type Unusable } from './unusable.ts'

const RUN_MS = 3_600_000

/** The `Agent` documents of a revision, with what runs of each: what only is beside it (a file, a config) does not run. */
export function readAgents(
  documents: readonly Document[],
  context: {
    readonly rendered: ReadonlyMap<Address, Rendered>
    readonly budgets: readonly Budget[]
    readonly unusable: Unusable
    readonly findings: Findings
  },
): readonly Agent[] {
  const running = idsByAgent(context.rendered)
  const written = documents.filter(({ kind, app, name }) => kind === 'Agent' && app !== undefined && name !== undefined)
  const byKey = groupBy([...written].sort(byOrigin), ({ app, name }) => `${app}/${name}`)
  return [...byKey.values()].flatMap(([document, ...others]) => {
    if (!document) return []
    for (const other of others) refuseTwice(document, other, context.findings)
    const { app = '', name = '' } = document
    const { description, model, tools = [], policies = [], schedule, budget } = document.value as unknown as Written
    const key = `${app}/${name}`
    const found = budget === undefined ? undefined : budgetOf(budget, document, { ...context, documents })
    if (policies.length > 0) {
      context.findings.warn(document, '/policies', 'policies of agents are read, and not enforced by this version')
    }
    return [
      {
        ...{ key, app, name, tools, policies, ids: running.get(key) ?? [], origin: document.position('') },
        ...(description === undefined ? {} : { description }),
        ...(model === undefined ? {} : { model }),
        ...(found === undefined ? {} : { budget: found }),
        ...(schedule ? { schedule: scheduleOf(schedule) } : {}),
      },
    ]
  })
}

/** Runs and halts of an agent are kept by its app and its name. */
function refuseTwice(first: Document, other: Document, findings: Findings): void {
  const where = whereIs(first.position(''))
  findings.error(other, '/name', `Agent/${other.name} is already declared in this app, at ${where}`)
}

const scheduleOf = ({
  cron,
  timezone = 'UTC',
  missed = 'skip',
  timeout,
}: NonNullable<Written['schedule']>): Schedule => ({
  ...{ cron, timezone, missed },
  timeoutMs: timeout === undefined ? RUN_MS : parseDuration(timeout),
})

function idsByAgent(rendered: ReadonlyMap<Address, Rendered>): ReadonlyMap<string, readonly ResourceId[]> {
  const found = new Map<string, ResourceId[]>()
  for (const { id, entry } of rendered.values()) {
    const [kind, name] = entry.member?.of?.split('/') ?? []
    if (kind !== 'Agent' || id === undefined || entry.kind.inert) continue
    const key = `${entry.app}/${name}`
    found.set(key, [...(found.get(key) ?? []), id].sort())
  }
  return found
}

/** Of the same app if it has one of this name, else the only one of the fleet. */
function budgetOf(name: string, document: Document, { documents, budgets, unusable, findings }: BudgetContext): string {
  const named = budgets.filter((budget) => budget.name === name)
  const own = named.find((budget) => budget.app === document.app)
  const [only, second] = named
  const found = own ?? (second ? undefined : only)
  if (found) return found.key
  const wrong =
    documents.find((one) => one.kind === 'Budget' && one.name === name) ?? unusable.find({ kind: 'Budget', name })
  // Of its own app it was told what is wrong, where that is written.
  if (!second && wrong?.app === document.app) return name
  const meant = didYouMean(
    name,
    budgets.map((budget) => budget.name),
  )
  const unknown = wrong ? declaredWithErrors(`Budget/${name}`, wrong) : `no document declares 'Budget/${name}'${meant}`
  findings.error(document, '/budget', second ? `several apps have a Budget/${name}` : `${unknown}${unusable.note}`)
  return name
}

interface BudgetContext {
  readonly documents: readonly Document[]
  readonly budgets: readonly Budget[]
  readonly unusable: Unusable
  readonly findings: Findings
}
