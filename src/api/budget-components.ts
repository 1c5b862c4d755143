import type { JsonSchema } from './route.ts'
import { array, closed, format, ref, text, time, word } from './schema-words.ts'

const micros: JsonSchema = { type: 'integer', description: 'Millionths of the unit: of a dollar, a run, a token' }

/** What was found of budgets at the last evaluation. */
export const BUDGET_COMPONENTS: Readonly<Record<string, JsonSchema>> = {
  Budget: closed(
    {
      budget: text,
      unit: word('cost', 'runs', 'tokens'),
      currency: text,
      of: text,
      limit: micros,
      window: closed({ start: time, end: time }),
      spent: micros,
      unknown: closed({ why: text, since: time }),
      covers: array(
        closed({
          covers: text,
          spent: micros,
          sources: array(closed({ source: text, spent: micros, message: text }, ['spent', 'message'])),
        }),
      ),
      warned: array({ type: 'integer' }),
      halted: ref('BudgetHalt'),
      holdsNew: { type: 'boolean' },
      bound: closed({ seconds: { type: 'number' }, why: text }),
      at: time,
    },
    ['at', 'of', 'unknown', 'halted', 'holdsNew'],
  ),
  Spend: closed({ format, budgets: array(ref('Budget')) }),
  SpendTaken: closed({
    format,
    key: text,
    budget: text,
    amount: { type: 'string', description: 'Decimal, in whole units' },
    at: { ...time, description: 'What it counts for' },
  }),
  BudgetHalt: closed({ why: word('exceeded', 'burn', 'unknown'), since: time, until: time, message: text }, ['until']),
}
