import { parseDuration } from '../lib/duration.ts'
import type { ApplyOptions, DecisionOptions, Engine } from '../model/engine.ts'
import { messageOf, ReconcileError } from '../model/error.ts'
import type { FleetOutcome } from '../model/outcome.ts'
import { JSON_FORMAT, outcomeJson } from '../report/json.ts'
import { type Call, given, type JsonSchema, param, type Route } from './route.ts'

const text = (description: string, maxLength = 500): JsonSchema => ({
  type: 'string',
  minLength: 1,
  maxLength,
  description,
})
const list = (description: string): JsonSchema => ({
  type: 'array',
  maxItems: 100,
  items: text(description),
  description,
})
const REASON = text('Why, for the history.', 2_000)
const WAIT: JsonSchema = {
  type: 'boolean',
  description: 'Whether the answer waits for the outcome (200), or says only that it was asked for (202).',
}

/** What came of it, for the answer and the audit. */
export interface Acted {
  readonly answer: unknown
  readonly fleet?: FleetOutcome
}

const outcome = (fleet: FleetOutcome): Acted => ({ answer: outcomeJson(fleet), fleet })

type ReconcileAsk = ApplyOptions & { readonly token: string }

/** Plain reconciles bring forward what git says; past guards, or to what is not merged, is a person's decision. */
const needsOfReconcile = ({ body }: Call) =>
  body.confirm === undefined && body.adopt === undefined && body.revision === undefined
    ? ('reconcile' as const)
    : ('admin' as const)

const reconcile: Route = {
  method: 'POST',
  path: '/reconcile',
  operation: 'reconcile',
  summary: 'A reconcile now: the scope `reconcile`; with `confirm`, `adopt` or `revision`, `admin`.',
  scope: 'reconcile',
  needs: needsOfReconcile,
  waits: 'asked',
  answer: 'Outcome',
  body: {
    properties: {
      app: text('This app only.'),
      token: text('The same token again does nothing, and gives what became of the first.', 200),
      revision: text('This commit, branch or tag instead of the tracked branch.', 250),
      confirm: list('Name of a guard to go past, as the plan says it.'),
      adopt: list('Id of a resource to take over, which exists and is not ours.'),
      retry: { type: 'boolean', description: 'Try again what is held back or stalled.' },
      wait: WAIT,
    },
  },
  answerTo: async ({ loop, body, ask }) =>
    outcome(
      await loop.reconcile({
        ...ask,
        ...given<ReconcileAsk>(body, 'app', 'token', 'revision', 'confirm', 'adopt', 'retry'),
      }),
    ),
}

interface DecisionSpec {
  readonly verb: string
  readonly summary: string
  readonly scope?: Route['scope']
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  decide(engine: Engine, ask: DecisionOptions, body: Call['body']): Promise<FleetOutcome>
}

const decision = ({ verb, summary, scope = 'admin', properties = {}, required, decide }: DecisionSpec): Route => ({
  method: 'POST',
  path: `/apps/:app/${verb}`,
  operation: `${verb}App`,
  summary,
  scope,
  waits: 'unless-told',
  answer: 'Outcome',
  body: { properties: { ...properties, reason: REASON, wait: WAIT }, ...(required && { required }) },
  answerTo: async (call) => {
    const { loop, ask, body } = call
    const asked = { ...ask, ...given<DecisionOptions>(body, 'reason'), app: param(call, 'app') }
    return outcome(await decide(loop.engine, asked, body))
  },
})

function millisecondsOf(written: unknown): number {
  try {
    return parseDuration(String(written))
  } catch (error) {
    throw new ReconcileError('Usage', { message: messageOf(error) })
  }
}

const decisions: readonly Route[] = [
  decision({
    verb: 'rollback',
    summary: 'Puts an app back to a good revision and pins it there.',
    properties: { to: text('This revision; otherwise the last good one before what runs.', 250) },
    decide: (engine, ask, body) => engine.rollback({ ...ask, ...given<{ to: string }>(body, 'to') }),
  }),
  decision({
    verb: 'unpin',
    summary: 'Lets an app follow the tracked branch again.',
    decide: (engine, ask) => engine.unpin(ask),
  }),
  decision({
    verb: 'suspend',
    summary: 'Stops all tasks of an app for a time.',
    properties: { for: text('How long: `1h`, `90m`.', 60) },
    required: ['for', 'reason'],
    decide: (engine, ask, body) => engine.suspend({ ...ask, forMs: millisecondsOf(body.for) }),
  }),
  decision({
    verb: 'resume',
    summary: 'Ends a suspension before its time, and lets run again what a budget stopped.',
    decide: (engine, ask) => engine.resume(ask),
  }),
  decision({
    verb: 'retry',
    summary: 'Tries again what is held back or stalled.',
    scope: 'reconcile',
    decide: (engine, ask) => engine.retry(ask),
  }),
]

const again = (verb: string, summary: string, run: (engine: Engine) => Engine['restart']): Route => ({
  method: 'POST',
  path: `/resources/:id/${verb}`,
  operation: verb === 'restart' ? 'restartResource' : 'runJob',
  summary,
  scope: 'admin',
  waits: 'unless-told',
  answer: 'Outcome',
  body: { properties: { reason: REASON, wait: WAIT } },
  answerTo: async (call) => {
    const asked = { ...call.ask, ...given<{ reason: string }>(call.body, 'reason') }
    return outcome(await run(call.loop.engine)(param(call, 'id'), asked))
  },
})

const once = { method: 'POST', scope: 'admin', waits: false } as const

export const actRoutes: readonly Route[] = [
  reconcile,
  ...decisions,
  again('restart', 'Restarts a service, task by task, behind proof.', (engine) => engine.restart),
  again('run-job', 'Runs a job once more.', (engine) => engine.runJob),
  {
    ...once,
    path: '/freeze',
    operation: 'freeze',
    summary: 'Nothing is written anywhere until it is unfrozen.',
    answer: 'Frozen',
    body: { properties: { reason: REASON } },
    answerTo: async ({ loop, ask, body }): Promise<Acted> => {
      await loop.engine.freeze({ ...ask, ...given<{ reason: string }>(body, 'reason') })
      return { answer: { format: JSON_FORMAT, frozen: true } }
    },
  },
  {
    ...once,
    path: '/unfreeze',
    operation: 'unfreeze',
    summary: 'Ends a freeze.',
    answer: 'Frozen',
    body: { properties: {} },
    answerTo: async ({ loop, ask }): Promise<Acted> => {
      await loop.engine.unfreeze(ask)
      return { answer: { format: JSON_FORMAT, frozen: false } }
    },
  },
  {
    ...once,
    path: '/targets/:target/forget',
    operation: 'forgetTarget',
    summary: 'Lets go of all that is ours on a target that is not declared any more.',
    answer: 'Forgotten',
    body: { properties: {} },
    answerTo: async (call): Promise<Acted> => ({
      answer: { format: JSON_FORMAT, ids: await call.loop.engine.forget(param(call, 'target'), call.ask) },
    }),
  },
]
