import type { Micros } from '../model/budget.ts'
import type { DesiredTarget } from '../model/desired.ts'
import type { DoctorFinding } from '../model/engine.ts'
import { messageOf, ReconcileError } from '../model/error.ts'
import type { SupervisorState } from '../model/supervisor.ts'
import type { CallOptions } from '../model/target.ts'
import type { AgentSupervisor } from '../model/written/agent-supervisor.ts'
import { credentialFor } from '../settings/credential-for.ts'
import type { Settings } from '../settings/settings.ts'
import type { Resolve } from '../web/reach.ts'
import { costIn } from './answers.ts'
import { createClient, type SupervisorClient } from './client.ts'
import { COST_TODAY, lookAt } from './look.ts'

/** What was paid today, in the supervisor's own day, in micro-dollars; or why nobody knows. */
export type SupervisorCost = { readonly micros: Micros } | { readonly unknown: string }

/**
 * A hal-supervisor as a source of information (facts of it: its contract is wider than what its releases do). Nothing is
 * written to it. What starts, resumes or ends sessions would stand beside it, over the same documents.
 */
export interface Supervisor {
  /** Never throws but for its signal: what could not be asked is in the state. */
  look(before: SupervisorState | undefined, at: Date, options: CallOptions): Promise<SupervisorState>
  /** In total, or of a project. Never throws but for its signal. */
  costToday(project: string | undefined, options: CallOptions): Promise<SupervisorCost>
  /** For `doctor`. */
  examine(options: CallOptions): Promise<readonly DoctorFinding[]>
}

export interface SupervisorContext {
  readonly settings: Pick<Settings, 'credentials' | 'allowedAddresses'>
  readonly resolve?: Resolve
  readonly timeoutMs?: number
}

export function createSupervisor(declared: DesiredTarget, context: SupervisorContext): Supervisor {
  const { name, config } = declared
  const { nodes = [] } = config as AgentSupervisor
  // Opened at each use: a credential that is wrong is a supervisor that cannot be asked, and is said so.
  const open = (): SupervisorClient => openClient(config as AgentSupervisor, context)
  return {
    look: async (before, at, options) => {
      const asking = { target: name, before, declared: nodes, at: at.toISOString(), ...options }
      return lookAt(opened(open), asking)
    },
    costToday: async (project, options) => {
      try {
        return costOf(await open().ask(COST_TODAY, options), project)
      } catch (error) {
        options.signal.throwIfAborted()
        return { unknown: messageOf(error) }
      }
    },
    examine: (options) => examine(`supervisor ${name}`, open, options),
  }
}

function openClient(
  { url, credential }: AgentSupervisor,
  { settings, ...context }: SupervisorContext,
): SupervisorClient {
  const address = addressOf(url)
  if (credential === undefined) return createClient({ url, allowed: settings.allowedAddresses, ...context })
  const found = credentialFor(settings, credential, address)
  if (found.type === 'token') return createClient({ url, token: found.token, allowed: found.addresses, ...context })
  throw new ReconcileError('InvalidSettings', {
    message: `the credential '${credential}' is of type ${found.type}`,
    todo: 'name one of type token in its document, or correct the settings',
  })
}

function addressOf(url: string): string {
  if (!URL.canParse(url)) {
    throw new ReconcileError('InvalidDesired', { message: `'${url}' is no URL`, todo: 'correct `url` in its document' })
  }
  const { hostname, port, protocol } = new URL(url)
  return `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`
}

/** One that cannot be opened answers every question with why. */
function opened(open: () => SupervisorClient): SupervisorClient {
  try {
    return open()
  } catch (error) {
    if (!(error instanceof ReconcileError)) throw error
    const refuse = (): Promise<never> => Promise.reject(error)
    return { ask: refuse, askFirst: refuse, health: refuse }
  }
}

const MICROS = 1_000_000

function costOf(answer: Awaited<ReturnType<SupervisorClient['ask']>>, project: string | undefined): SupervisorCost {
  if ('absent' in answer) return { unknown: answer.absent }
  const cost = costIn(answer.data)
  if (cost === undefined) return { unknown: 'it has asked no provider' }
  const { today, byProject, degraded } = cost
  if (today === undefined) return { unknown: `it could not ask ${degraded.join(', ')}` }
  if (project === undefined) return { micros: Math.round(today * MICROS) }
  // A project that nothing was paid for yet is not in its list; nor is one that is misspelt.
  if (!Object.hasOwn(byProject, project)) return { unknown: `it tells nothing of the project '${project}'` }
  return { micros: Math.round((byProject[project] ?? 0) * MICROS) }
}

async function examine(
  subject: string,
  open: () => SupervisorClient,
  options: CallOptions,
): Promise<readonly DoctorFinding[]> {
  try {
    const client = open()
    const answer = await client.askFirst('/api/v1/nodes', options)
    if ('absent' in answer) {
      const todo = 'see that its `url` is that of the HTTP API of a hal-supervisor (`server.http_port`)'
      return [{ subject, level: 'error', message: `it does not list its nodes: ${answer.absent}`, todo }]
    }
    const ready = await client.health('/readyz', options)
    const not = 'absent' in ready ? `; not ready, by itself (${ready.absent}), which its releases always say` : ''
    return [{ subject, level: 'ok', message: `answers, and accepts the token${not}` }]
  } catch (error) {
    options.signal.throwIfAborted()
    const todo = error instanceof ReconcileError ? { todo: error.todo } : {}
    return [{ subject, level: 'error', message: messageOf(error), ...todo }]
  }
}
