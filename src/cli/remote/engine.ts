import { formatDuration } from '../../lib/duration.ts'
import type { Desired, DesiredApp } from '../../model/desired.ts'
import type {
  ApplyOptions,
  AskOptions,
  DecisionOptions,
  DriftReport,
  Engine,
  Explanation,
  ResourceView,
} from '../../model/engine.ts'
import { ReconcileError } from '../../model/error.ts'
import type { Emit } from '../../model/events.ts'
import type { ResourceId } from '../../model/id.ts'
import type { FleetOutcome, FleetPlan, FleetStatus } from '../../model/outcome.ts'
import type { HistoryEntry } from '../../model/store.ts'
import { JSON_FORMAT } from '../../report/json.ts'
import { readDrift, readOutcome, WHOLE_FORMAT, WHOLE_TYPE } from '../../report/wire.ts'
import { otherForm, toldError } from './errors.ts'
import { following } from './follow.ts'
import { type Asking, ask, type DaemonAddress, textOf } from './http.ts'

type ReconcileAsk = ApplyOptions & { readonly token?: string }

/** The engine of a running daemon, over its API: what it answers reads as if it were asked on its own machine. */
export interface RemoteEngine extends Engine {
  /** Asks, and waits for the outcome. */
  reconcile(ask: ReconcileAsk): Promise<FleetOutcome>
  /** Asks only; gives the token under which the outcome can be asked for. */
  request(ask: ReconcileAsk): Promise<string>
}

export interface RemoteOptions extends DaemonAddress {
  /** Shown while something is done. */
  readonly emit: Emit
}

/** A look at a large fleet, or a plan of it. */
const READ_MS = 180_000

type Body = Readonly<Record<string, unknown>>

export function createRemoteEngine({ emit, ...address }: RemoteOptions): RemoteEngine {
  const read = reader(address)
  const act = (path: string, body: Body, options: AskOptions & { readonly app?: string }): Promise<FleetOutcome> =>
    following({ address, app: options.app, emit }, options.signal, async () =>
      readOutcome(await post<Parameters<typeof readOutcome>[0]>(address, path, { ...body, wait: true }, options)),
    )
  const decide =
    (verb: string) =>
    ({ signal, by, app, reason, ...rest }: DecisionOptions) =>
      act(`/apps/${segment(app)}/${verb}`, { ...rest, ...reasonOf(reason) }, { signal, by, app })
  const again =
    (verb: string) =>
    (id: string, { reason, ...options }: AskOptions & { readonly reason?: string }) =>
      act(`/resources/${segment(id)}/${verb}`, reasonOf(reason), options)
  const reconcile = (asked: ReconcileAsk): Promise<FleetOutcome> => act('/reconcile', bodyOf(asked), asked)
  return {
    reconcile,
    apply: reconcile,
    request: async (asked) =>
      (await post<{ readonly token: string }>(address, '/reconcile', bodyOf(asked), asked)).token,
    ...readsOf(read),
    rollback: decide('rollback'),
    unpin: decide('unpin'),
    suspend: ({ forMs, ...options }) => decide('suspend')({ ...options, ...{ for: formatDuration(forMs) } }),
    resume: decide('resume'),
    retry: decide('retry'),
    restart: again('restart'),
    runJob: again('run-job'),
    freeze: async ({ reason, ...options }) => void (await post(address, '/freeze', reasonOf(reason), options)),
    unfreeze: async (options) => void (await post(address, '/unfreeze', {}, options)),
    forget: async (target, options) =>
      (await post<{ readonly ids: readonly ResourceId[] }>(address, `/targets/${segment(target)}/forget`, {}, options))
        .ids,
    ...elsewhere(),
    dispose: async () => undefined,
  }
}

type Read = <T>(path: string, options: AskOptions, whole?: boolean) => Promise<T>

function readsOf(
  read: Read,
): Pick<Engine, 'plan' | 'desired' | 'status' | 'history' | 'drift' | 'show' | 'logs' | 'explain'> {
  const resource = (id: string, rest = '') => `/resources/${segment(id)}${rest}`
  return {
    plan: async ({ app, revision, offline, ...options }) => {
      const query = queryOf({ revision, offline: offline ? 'true' : undefined })
      const path = app === undefined ? '/plan' : `/apps/${segment(app)}/plan`
      return (await read<{ readonly plan: FleetPlan }>(`${path}${query}`, options, true)).plan
    },
    desired: async (options) => desiredOf(await read<WireDesired>('/desired', options)),
    status: (options) => read<FleetStatus>('/status', options),
    history: async ({ app, limit, ...options }) => {
      const path = app === undefined ? '/history' : `/apps/${segment(app)}/history`
      const query = queryOf({ limit: String(Math.min(limit, 9_999)) })
      return (await read<{ readonly entries: readonly HistoryEntry[] }>(`${path}${query}`, options)).entries
    },
    drift: async ({ app, ...options }) => readDrift(await read<DriftReport>(`/drift${queryOf({ app })}`, options)),
    show: (id, options) => read<ResourceView>(resource(id), options),
    logs: async (id, { lines, ...options }) => {
      const query = queryOf({ lines: String(Math.min(lines, 9_999)) })
      return (await read<{ readonly lines: readonly string[] }>(`${resource(id, '/logs')}${query}`, options)).lines
    },
    explain: async (id, options) =>
      (await read<{ readonly explanation: Explanation }>(resource(id, '/explanation'), options, true)).explanation,
  }
}

interface WireDesired extends Pick<Desired, 'fleet' | 'problems'> {
  readonly apps: readonly DesiredApp[]
}

/** Targets, and the names that documents have for one another, stay with the daemon. */
const desiredOf = ({ fleet, problems, apps }: WireDesired): Desired => ({
  fleet,
  problems,
  apps: new Map(apps.map((app) => [app.app, app])),
  targets: [],
  brokenTargets: [],
  agents: [],
  budgets: [],
  standing: [],
  policies: [],
  addresses: new Map(),
})

/** What reads files and reaches targets with the credentials of the daemon's machine is done there. */
function elsewhere(): Pick<Engine, 'rebuild' | 'importSwarm' | 'importHost' | 'doctor'> {
  const refuse = async (): Promise<never> => {
    throw new ReconcileError('Usage', {
      message: 'this is done on the machine of the daemon, and not over its API',
      todo: 'log in there, and add --local',
    })
  }
  return { rebuild: refuse, importSwarm: refuse, importHost: refuse, doctor: refuse }
}

const segment = encodeURIComponent
const reasonOf = (reason: string | undefined): Body => (reason === undefined ? {} : { reason })

function queryOf(fields: Readonly<Record<string, string | undefined>>): string {
  const there = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
  return there.length === 0 ? '' : `?${there.map(([name, value]) => `${name}=${segment(value)}`).join('&')}`
}

function bodyOf({ app, revision, confirm, retry, adopt, token, from }: ReconcileAsk): Body {
  if (from !== undefined)
    throw new ReconcileError('Usage', {
      message: 'a folder of this machine cannot be applied by a daemon',
      todo: 'push it to a branch, or stop the daemon and apply on its machine with --local',
    })
  return { app, revision, confirm, retry, adopt, token }
}

function reader(address: DaemonAddress): Read {
  return async <T>(path: string, { signal, by }: AskOptions, whole = false): Promise<T> => {
    const headers = { ...userOf(by), ...(whole && { accept: WHOLE_TYPE }) }
    return answered<T>(
      address,
      { method: 'GET', path, signal, headers, silentMs: READ_MS },
      whole ? WHOLE_FORMAT : JSON_FORMAT,
    )
  }
}

const post = <T>(address: DaemonAddress, path: string, body: Body, { signal, by }: AskOptions): Promise<T> =>
  answered<T>(address, { method: 'POST', path, body, signal, headers: userOf(by) }, JSON_FORMAT)

/** For the history: the daemon keeps it beside the name of the token. */
const userOf = (by: string) => ({ 'x-swarmkeeper-user': by.replace(/[^\w.@+-]/g, '') })

async function answered<T>(address: DaemonAddress, asking: Asking, form: number): Promise<T> {
  const answer = await ask(address, asking)
  const body = await textOf(address.url, answer, asking.signal)
  const status = answer.statusCode ?? 0
  if (status < 200 || status > 299) throw toldError(address.url, status, body)
  const { format, ...rest } = parsed(address.url, status, body)
  if (format !== form) throw otherForm(address.url, format)
  return rest as T
}

function parsed(url: string, status: number, body: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(body) as Readonly<Record<string, unknown>>
  } catch {
    throw toldError(url, status, body)
  }
}
