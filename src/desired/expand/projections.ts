import { didYouMean } from '../../lib/nearest.ts'
import type { BudgetUnit } from '../../model/budget.ts'
import type { Position } from '../../model/problem.ts'
import type { Budget as Written } from '../../model/written/budget.ts'
import type { Document } from '../document.ts'
import { microsOf } from './budgets.ts'
import { byOrigin, type Findings, whereIs } from './findings.ts'

type Unit = NonNullable<Written['project']>[number]['env'][string]

/** Which limit a unit can say, and how it is made of millionths. */
const UNITS: Readonly<Record<Unit, { readonly of: BudgetUnit; readonly micros: number; readonly whole: boolean }>> = {
  units: { of: 'cost', micros: 1_000_000, whole: false },
  cents: { of: 'cost', micros: 10_000, whole: true },
  micros: { of: 'cost', micros: 1, whole: true },
  runs: { of: 'runs', micros: 1_000_000, whole: true },
  tokens: { of: 'tokens', micros: 1_000_000, whole: true },
}

/** What a budget writes into another document. */
interface Projected {
  readonly variable: string
  readonly value: number
  readonly budget: Document
  readonly pointer: string
}

/**
 * Writes the limits of budgets into the environment of what enforces them as well (`project`), as if they stood there: a
 * change of the limit is a change of the consumer. Documents are shared with a cache, and are not changed.
 */
export function projectLimits(documents: readonly Document[], findings: Findings): readonly Document[] {
  const found = new Map<Document, Projected[]>()
  const budgets = documents.filter(({ kind, app }) => kind === 'Budget' && app !== undefined)
  for (const budget of [...budgets].sort(byOrigin)) {
    const { project = [] } = budget.value as unknown as Written
    for (const [index, { file, service, env }] of project.entries()) {
      const pointer = `/project/${index}`
      const consumer = consumerOf({ file, service }, { budget, pointer, documents, findings })
      const all = Object.entries(env).flatMap(([variable, unit]): readonly Projected[] => {
        const at = { budget, pointer: `${pointer}/env/${variable}` }
        const value = figureOf(unit, at, findings)
        return value === undefined || !consumer ? [] : [{ variable, value, ...at }]
      })
      if (consumer) found.set(consumer, [...(found.get(consumer) ?? []), ...all])
    }
  }
  return documents.map((document) => withLimits(document, found.get(document) ?? [], findings))
}

interface Asked {
  readonly budget: Document
  readonly pointer: string
}

function consumerOf(
  { file, service }: { readonly file: string | undefined; readonly service: string | undefined },
  { budget, pointer, documents, findings }: Asked & { documents: readonly Document[]; findings: Findings },
): Document | undefined {
  const written = file ?? service
  if (written === undefined || (file !== undefined && service !== undefined)) {
    findings.error(budget, pointer, 'the limit is written into exactly one of `file` and `service`')
    return undefined
  }
  const own = documents.filter(({ app }) => app === budget.app)
  const found = own.find(({ kind, name }) => `${kind}/${name}` === written)
  const field = `${pointer}/${file === undefined ? 'service' : 'file'}`
  if (!found) {
    const same = own.flatMap(({ kind, name }) => (written.startsWith(`${kind}/`) ? [`${kind}/${name}`] : []))
    findings.error(budget, field, `this app has no document '${written}'${didYouMean(written, same)}`)
  } else if (found.kind === 'File' && found.value.env === undefined) {
    findings.error(budget, field, `${written} has no \`env\` to write it into: ${whereIs(found.position(''))}`)
    return undefined
  }
  return found
}

function figureOf(unit: Unit, { budget, pointer }: Asked, findings: Findings): number | undefined {
  const { limit } = budget.value as unknown as Written
  const { of, micros, whole } = UNITS[unit]
  const said = (['cost', 'runs', 'tokens'] as const).filter((one) => limit[one] !== undefined)
  const amount = limit[of]
  if (amount === undefined) {
    findings.error(budget, pointer, `the limit is in ${said.join(', ')}, and '${unit}' says ${of}`)
    return undefined
  }
  const value = microsOf(amount) / micros
  if (!whole || Number.isInteger(value)) return value
  findings.error(budget, pointer, `a limit of ${amount} is no whole number of ${unit}`)
  return undefined
}

function withLimits(document: Document, limits: readonly Projected[], findings: Findings): Document {
  if (limits.length === 0) return document
  const written = document.value.env ?? {}
  const places = new Map<string, Position>(variablesOf(written).map(([name, at]) => [name, document.position(at)]))
  const taken = limits.filter(({ variable, budget, pointer }) => {
    const place = places.get(variable)
    if (place) findings.error(budget, pointer, `${variable} is written already, at ${whereIs(place)}`)
    else places.set(variable, budget.position(pointer))
    return place === undefined
  })
  const added = new Map(taken.map((one) => [`/env/${one.variable}`, one]))
  const env = Array.isArray(written)
    ? [...written, ...taken.map(({ variable, value }) => `${variable}=${value}`)]
    : { ...(written as object), ...Object.fromEntries(taken.map(({ variable, value }) => [variable, value])) }
  const position = (pointer: string): Position => {
    const from = added.get(pointer)
    return from ? from.budget.position(from.pointer) : document.position(pointer)
  }
  return { ...document, value: { ...document.value, env }, position }
}

/** Name and pointer of each, of a map as of a list of `NAME=value`. */
function variablesOf(env: unknown): readonly (readonly [string, string])[] {
  if (Array.isArray(env)) return env.map((line, index) => [String(line).split('=')[0] ?? '', `/env/${index}`])
  return Object.keys(env as object).map((name) => [name, `/env/${name}`])
}
