import type { FastifyRequest } from 'fastify'
import { ReconcileError } from '../model/error.ts'
import type { SpendLedger, SpendReport } from '../model/spend.ts'
import { JSON_FORMAT } from '../report/json.ts'
import type { JsonSchema, Route } from './route.ts'

const text = (description: string, maxLength: number): JsonSchema => ({
  type: 'string',
  minLength: 1,
  maxLength,
  description,
})

/** One number, or digits as text: texts are exact. */
const AMOUNT: JsonSchema = {
  anyOf: [
    { type: 'number', minimum: 0 },
    { type: 'string', minLength: 1, maxLength: 40, pattern: '^[0-9]+([.][0-9]+)?$' },
  ],
  description: 'Whole units (dollars, runs, tokens), at least 0: a report can only raise what is spent. Text is exact.',
}

type Described = Omit<Route, 'answerTo'>

export const getSpend: Described = {
  method: 'GET',
  path: '/spend',
  operation: 'getSpend',
  summary: 'What is known of every budget: spent, limit, window, thresholds told, what rests for it, and its sources.',
  scope: 'read',
  answer: 'Spend',
}

export const postSpend: Described = {
  method: 'POST',
  path: '/spend',
  operation: 'reportSpend',
  summary:
    'Tells what was spent, for a budget with a source that is `reported`. The same key counts once, however often it comes.',
  scope: 'spend',
  waits: false,
  answer: 'SpendTaken',
  body: {
    properties: {
      key: text('Of this report, and no other: repeat it where the answer was lost.', 200),
      budget: text('`app/name`, or the name where only one budget has it.', 200),
      covers: text("Of the budget's sources that are `reported`, where it has several.", 200),
      amount: AMOUNT,
      currency: {
        type: 'string',
        pattern: '^[A-Z]{3}$',
        description: 'Of a cost; refused where the budget counts in another.',
      },
      agent: text('Name of the agent, where the budget is per agent.', 200),
      user: text('The user, where the budget is per user.', 200),
      at: { ...text('When it was spent, as an ISO time; otherwise now.', 40), format: 'date-time' },
    },
    required: ['key', 'budget', 'amount'],
  },
}

export const spendRoutes: readonly Described[] = [getSpend, postSpend]

export const answerSpend = (ledger: SpendLedger | undefined): unknown => ({
  format: JSON_FORMAT,
  budgets: ledger?.states() ?? [],
})

/**
 * Takes a report. It is kept under its key, which is more than the audit would keep of it, and there are many: only what is
 * refused is written there.
 */
export function takeSpend(ledger: SpendLedger | undefined, request: FastifyRequest): unknown {
  if (!ledger) throw new ReconcileError('NotFound', { message: 'this swarmkeeper keeps no budgets' })
  const { again: _again, ...taken } = ledger.report(request.body as SpendReport)
  request.acting = true
  return { format: JSON_FORMAT, ...taken }
}
