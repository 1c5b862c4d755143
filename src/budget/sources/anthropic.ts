import { type Decimal, parseDecimal } from '../../lib/decimal.ts'
import { DAY_MS, startOf } from '../days.ts'
import { askJson, SourceFault, tokenOf, type Web } from './ask-json.ts'
import { type Json, readPages, resultsOf, sumGroups, type VendorDays } from './vendor-pages.ts'

export interface VendorAsk {
  readonly url: string
  readonly credential: string
  /** UTC dates, both included. */
  readonly from: string
  readonly to: string
  readonly signal: AbortSignal
}

/** A cent has so many places as micros: amounts are decimal texts in cents: `"123.45"` is $1.2345. */
export const CENT_PLACES = 4
/** The default workspace has no id. */
export const DEFAULT_WORKSPACE = 'default'

const VERSION = '2023-06-01'
const MOST_BUCKETS = '31'

/**
 * The cost report of an organisation, by workspace: one question for all budgets that ask it.
 * `GET /v1/organizations/cost_report` (Admin API). Costs of the Priority Tier are not in it.
 */
export async function askAnthropic({ url, credential, from, to, signal }: VendorAsk, web: Web): Promise<VendorDays> {
  const address = (page: string | undefined): URL => {
    const asked = new URL(`${url.replace(/\/+$/, '')}/v1/organizations/cost_report`)
    asked.searchParams.set('starting_at', `${from}T00:00:00Z`)
    asked.searchParams.set('ending_at', new Date(startOf(to) + DAY_MS).toISOString().replace('.000', ''))
    asked.searchParams.set('bucket_width', '1d')
    asked.searchParams.append('group_by[]', 'workspace_id')
    asked.searchParams.set('limit', MOST_BUCKETS)
    if (page !== undefined) asked.searchParams.set('page', page)
    return asked
  }
  const ask = async (page: string | undefined): Promise<unknown> => {
    const proof = {
      proof: (found: Parameters<typeof tokenOf>[0]) => ({ name: 'x-api-key', value: tokenOf(found, credential) }),
    }
    const headers = { 'anthropic-version': VERSION }
    return (await askJson({ url: address(page), headers, credential, signal, ...proof }, web)).json
  }
  return readPages(ask, (bucket) => ({ day: dayIn(bucket), groups: sumGroups(resultsOf(bucket).map(costOf)) }))
}

function dayIn({ starting_at: at }: Json): string {
  if (typeof at === 'string' && /^\d{4}-\d\d-\d\dT00:00:00(\.0+)?(Z|\+00:00)$/.test(at)) return at.slice(0, 10)
  throw new SourceFault(`a bucket begins at ${String(at)}, which is no UTC day`)
}

function costOf({ amount, currency, workspace_id: group }: Json): {
  readonly group: unknown
  readonly amount: Decimal
} {
  if (currency !== 'USD') throw new SourceFault(`an amount is in ${String(currency)}, not in USD`)
  const decimal = typeof amount === 'string' ? parseDecimal(amount) : undefined
  if (decimal === undefined)
    throw new SourceFault(`an amount is ${JSON.stringify(amount)}, which is no decimal as text`)
  return { group, amount: decimal }
}
