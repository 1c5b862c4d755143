import { didYouMean } from '../lib/nearest.ts'
import type { Engine } from '../model/engine.ts'
import { ReconcileError } from '../model/error.ts'
import { driftJson, explanationJson, JSON_FORMAT, planJson, resourceJson } from '../report/json.ts'
import { historyJson, slimExplanation, statusJson, WHOLE_FORMAT, wholeExplanation, wholePlan } from '../report/wire.ts'
import { type Call, given, type JsonSchema, param, type Route } from './route.ts'

const APP: JsonSchema = { type: 'string', minLength: 1, maxLength: 500, description: 'Name of an app.' }
const REVISION: JsonSchema = {
  type: 'string',
  minLength: 1,
  maxLength: 250,
  description: 'Commit, branch or tag instead of the tracked branch; for the scope `admin`, for nobody reviewed it.',
}
const count = (description: string): JsonSchema => ({ type: 'string', pattern: '^[1-9][0-9]{0,3}$', description })
const flag = (description: string): JsonSchema => ({ type: 'string', enum: ['true', 'false'], description })

const PLAN_QUERY = { revision: REVISION, offline: flag('Compare with the record, ask no target.') }

type PlanAsk = Parameters<Engine['plan']>[0]

async function plan(call: Call, app: string | undefined): Promise<unknown> {
  const { loop, query, ask, whole } = call
  const which = {
    ...given<PlanAsk>(query, 'revision'),
    ...(query.offline === 'true' && { offline: true }),
    ...(app !== undefined && { app }),
  }
  const fleet = await loop.engine.plan({ ...ask, ...which })
  return whole ? { format: WHOLE_FORMAT, plan: wholePlan(fleet) } : planJson(fleet)
}

async function history({ loop, query, ask }: Call, app: string | undefined): Promise<unknown> {
  const limit = Number(query.limit ?? '20')
  return historyJson(await loop.engine.history({ ...ask, limit, ...(app !== undefined && { app }) }))
}

async function statusOf({ loop, ask }: Call) {
  return statusJson(await loop.engine.status(ask))
}

async function appStatus(call: Call): Promise<unknown> {
  const status = await statusOf(call)
  const name = param(call, 'app')
  const app = status.apps.find((one) => one.state.app === name)
  if (app) return { format: JSON_FORMAT, at: status.at, stale: status.stale, app }
  throw new ReconcileError('NotFound', {
    message: `no app '${name}'${didYouMean(
      name,
      status.apps.map((one) => one.state.app),
    )}`,
  })
}

/** A revision that nobody merged may name any id and path: what it would show was reviewed by nobody (trust). */
const needsOfPlan = ({ query }: Call) => (query.revision === undefined ? ('read' as const) : ('admin' as const))

const planOf = {
  scope: 'read',
  method: 'GET',
  answer: 'Plan',
  whole: true,
  query: PLAN_QUERY,
  needs: needsOfPlan,
} as const
const read = { scope: 'read', method: 'GET' } as const

export const readRoutes: readonly Route[] = [
  {
    ...read,
    path: '/status',
    operation: 'getStatus',
    summary: 'What is so: health, revision and holds of every app, as old as `at` says.',
    answer: 'Status',
    answerTo: statusOf,
  },
  {
    ...read,
    path: '/apps',
    operation: 'listApps',
    summary: 'Every app in a few words.',
    answer: 'Apps',
    answerTo: async (call) => {
      const { at, stale, apps } = await statusOf(call)
      const inShort = apps.map(({ state, health, attention = [], resources }) => ({
        app: state.app,
        health,
        ...(state.lastApplied && { lastApplied: state.lastApplied }),
        ...(state.lastGood && { lastGood: state.lastGood }),
        attention,
        resources: resources.length,
      }))
      return { format: JSON_FORMAT, at, stale, apps: inShort }
    },
  },
  {
    ...read,
    path: '/apps/:app',
    operation: 'getApp',
    summary: 'One app, with its resources.',
    answer: 'App',
    answerTo: appStatus,
  },
  {
    ...planOf,
    path: '/plan',
    operation: 'getPlan',
    summary: 'What an apply would do, compared with live.',
    answerTo: (call) => plan(call, undefined),
  },
  {
    ...planOf,
    path: '/apps/:app/plan',
    operation: 'getAppPlan',
    summary: 'What an apply of this app would do.',
    answerTo: (call) => plan(call, param(call, 'app')),
  },
  {
    ...read,
    path: '/history',
    operation: 'getHistory',
    summary: 'What was done, newest first.',
    answer: 'History',
    query: { limit: count('How many; 20 where it is not said.') },
    answerTo: (call) => history(call, undefined),
  },
  {
    ...read,
    path: '/apps/:app/history',
    operation: 'getAppHistory',
    summary: 'What was done to this app, newest first.',
    answer: 'History',
    query: { limit: count('How many; 20 where it is not said.') },
    answerTo: (call) => history(call, param(call, 'app')),
  },
  {
    ...read,
    path: '/resources/:id',
    operation: 'getResource',
    summary: 'One resource: desired, record and live. The id is one segment: its slashes are `%2F`.',
    answer: 'Resource',
    answerTo: async (call) => resourceJson(await call.loop.engine.show(param(call, 'id'), call.ask)),
  },
  {
    ...read,
    path: '/resources/:id/logs',
    operation: 'getLogs',
    summary: 'The last lines that a resource logged.',
    answer: 'Logs',
    query: { lines: count('How many; 100 where it is not said.') },
    answerTo: async (call) => {
      const lines = Number(call.query.lines ?? '100')
      return { format: JSON_FORMAT, lines: await call.loop.engine.logs(param(call, 'id'), { ...call.ask, lines }) }
    },
  },
  {
    ...read,
    path: '/resources/:id/explanation',
    operation: 'getExplanation',
    summary: 'Why a resource would change or restart, or why it is held.',
    answer: 'Explanation',
    whole: true,
    answerTo: async (call) => {
      const found = await call.loop.engine.explain(param(call, 'id'), call.ask)
      return call.whole
        ? { format: WHOLE_FORMAT, explanation: wholeExplanation(found) }
        : explanationJson(slimExplanation(found))
    },
  },
  {
    ...read,
    path: '/drift',
    operation: 'getDrift',
    summary: 'What differs although nobody declared it.',
    answer: 'Drift',
    query: { app: APP },
    answerTo: async ({ loop, query, ask }) => driftJson(await loop.engine.drift({ ...ask, ...given(query, 'app') })),
  },
  {
    ...read,
    path: '/desired',
    operation: 'getDesired',
    summary: 'What the tracked branch declares, expanded; secrets are references.',
    answer: 'Desired',
    query: { app: APP },
    answerTo: async ({ loop, query, ask }) => {
      const { fleet, apps, problems } = await loop.engine.desired(ask)
      const asked = [...apps.values()].filter(({ app }) => query.app === undefined || app === query.app)
      return { format: JSON_FORMAT, fleet, apps: asked, problems }
    },
  },
]
