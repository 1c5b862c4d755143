import { parseDecimal, scaled } from '../../lib/decimal.ts'
import type { Budget, Micros, SpendSource } from '../../model/budget.ts'
import { ReconcileError } from '../../model/error.ts'
import type { Credential } from '../../settings/settings.ts'
import { signJwt } from '../jwt.ts'
import type { Part } from '../reading.ts'
import { askJson, SourceFault, type Web } from './ask-json.ts'
import type { Today } from './today.ts'
import { type Json, mapOf } from './vendor-pages.ts'

export type ZergSource = SpendSource & { readonly type: 'zerg' }

interface Asked {
  readonly budget: Pick<Budget, 'unit' | 'per' | 'currency'>
  readonly now: number
  readonly signal: AbortSignal
}

/**
 * What a Zerg backend says of its UTC day: `GET /api/ops/summary`, as an administrator. Of single agents it names the dearest
 * of the day only: another one spent at most as much as the last of them.
 */
export async function askZerg(source: ZergSource, { budget, now, signal }: Asked, web: Web): Promise<Today> {
  const url = new URL(`${source.url.replace(/\/+$/, '')}/api/ops/summary`)
  const value = (credential: Credential) => bearerOf(credential, source.credential, new Date(now))
  const proof = (credential: Credential) =>
    ({ name: 'authorization', prefix: 'Bearer ', value: value(credential) }) as const
  const { json } = await askJson({ url, credential: source.credential, signal, proof }, web)
  return budget.per === 'global'
    ? totalOf(mapOf(json, 'its answer'), budget)
    : partsOf(mapOf(json, 'its answer'), budget)
}

function bearerOf(credential: Credential, name: string, now: Date) {
  if (credential.type === 'token') return credential.token
  if (credential.type === 'jwt') return signJwt(credential, now)
  throw new ReconcileError('InvalidSettings', {
    message: `the credential '${name}' is of type ${credential.type}; this takes one of type jwt or token`,
  })
}

type Of = Asked['budget']

const totalOf = (summary: Json, { unit }: Of): Today => ({
  parts: { '': microsOf(summary, unit === 'runs' ? 'runs_today' : 'cost_today_usd') },
  notes: [],
})

/** As long as it lists fewer than it could, it lists all. */
const LISTS = 5

function partsOf({ top_agents_today: list }: Json, { unit, per }: Of): Today {
  if (!Array.isArray(list)) throw new SourceFault('its answer has no `top_agents_today`')
  const parts = new Map<Part, Micros>()
  const figures = list.map((value) => {
    const agent = mapOf(value, 'an agent')
    const name = agent[per === 'agent' ? 'name' : 'owner_email']
    if (typeof name !== 'string' || name === '') throw new SourceFault(`one of its agents has no ${per} name`)
    const micros = microsOf(agent, unit === 'runs' ? 'runs' : 'cost_usd')
    parts.set(name, (parts.get(name) ?? 0) + micros)
    return micros
  })
  const notes = list.length < LISTS ? [] : [`it names ${list.length} agents only, the dearest of the day`]
  return { parts: Object.fromEntries(parts), othersAtMost: list.length < LISTS ? 0 : Math.min(...figures), notes }
}

function microsOf(from: Json, field: string): Micros {
  const value = from[field]
  const decimal = typeof value === 'number' ? parseDecimal(String(value)) : undefined
  const micros = decimal && scaled(decimal, 6)
  if (micros === undefined || micros < 0) throw new SourceFault(`its ${field} is ${JSON.stringify(value) ?? 'missing'}`)
  return micros
}
