import { type Decimal, parseDecimal } from '../../lib/decimal.ts'
import { DAY_MS, dayOf, startOf } from '../days.ts'
import type { VendorAsk } from './anthropic.ts'
import { askJson, SourceFault, tokenOf, type Web } from './ask-json.ts'
import { type Json, mapOf, readPages, resultsOf, sumGroups, type VendorDays } from './vendor-pages.ts'

/** Amounts are in dollars. */
export const DOLLAR_PLACES = 6

const MOST_BUCKETS = '180'

/** The costs of an organisation, by project: one question for all budgets. `GET /v1/organization/costs`, with an admin key. */
export async function askOpenAi({ url, credential, from, to, signal }: VendorAsk, web: Web): Promise<VendorDays> {
  const address = (page: string | undefined): URL => {
    const asked = new URL(`${url.replace(/\/+$/, '')}/v1/organization/costs`)
    asked.searchParams.set('start_time', String(startOf(from) / 1_000))
    asked.searchParams.set('end_time', String((startOf(to) + DAY_MS) / 1_000))
    asked.searchParams.set('bucket_width', '1d')
    asked.searchParams.set('group_by', 'project_id')
    asked.searchParams.set('limit', MOST_BUCKETS)
    if (page !== undefined) asked.searchParams.set('page', page)
    return asked
  }
  const ask = async (page: string | undefined): Promise<unknown> => {
    const proof = (found: Parameters<typeof tokenOf>[0]) =>
      ({ name: 'authorization', prefix: 'Bearer ', value: tokenOf(found, credential) }) as const
    return (await askJson({ url: address(page), credential, signal, proof }, web)).json
  }
  return readPages(ask, (bucket) => ({ day: dayIn(bucket), groups: sumGroups(resultsOf(bucket).map(costOf)) }))
}

function dayIn({ start_time: at }: Json): string {
  const ms = typeof at === 'number' && Number.isSafeInteger(at) ? at * 1_000 : undefined
  if (ms !== undefined && ms >= 0 && ms < 253e12 && ms % DAY_MS === 0) return dayOf(ms)
  throw new SourceFault(`a bucket begins at ${String(at)}, which is no UTC day`)
}

/** The digits of a JSON number come back as they were written, up to 17 of them: far below a micro. */
function costOf({ amount, project_id: group }: Json): { readonly group: unknown; readonly amount: Decimal } {
  const { value, currency } = mapOf(amount, 'an amount')
  if (typeof currency !== 'string' || currency.toLowerCase() !== 'usd') {
    throw new SourceFault(`an amount is in ${String(currency)}, not in usd`)
  }
  const decimal = typeof value === 'number' || typeof value === 'string' ? parseDecimal(String(value)) : undefined
  if (decimal === undefined) throw new SourceFault(`an amount is ${JSON.stringify(value)}, which is no number`)
  return { group, amount: decimal }
}
