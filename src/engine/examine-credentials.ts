import { existsSync } from 'node:fs'
import type { AskOptions, DoctorFinding } from '../model/engine.ts'
import { messageOf, ReconcileError } from '../model/error.ts'
import type { Settings, SshProof } from '../settings/settings.ts'
import { agentKeys } from '../shell/agent-keys.ts'
import { NO_CERTIFICATES, problemOfKey } from '../shell/ssh-key.ts'

/** Whether the SSH keys of the operator could be used at all: said before a host refuses them. */
export async function examineCredentials(
  { credentials = new Map() }: Pick<Settings, 'credentials'>,
  ask: AskOptions,
): Promise<readonly DoctorFinding[]> {
  const found: DoctorFinding[] = []
  for (const [name, credential] of credentials) {
    if (credential.type !== 'ssh') continue
    const subject = `credential ${name}`
    found.push(...(await examineProof(credential, ask)).map((one) => ({ ...one, subject })))
  }
  return found
}

type Finding = Omit<DoctorFinding, 'subject'>

async function examineProof(proof: SshProof, ask: AskOptions): Promise<readonly Finding[]> {
  return 'agent' in proof ? [await examineAgent(proof.agent, ask)] : examineKey(proof)
}

function examineKey({ key, passphrase, keyFile }: Exclude<SshProof, { readonly agent: string }>): readonly Finding[] {
  const problem = problemOfKey(key, passphrase)
  const from = keyFile ?? 'the key'
  if (problem !== undefined) {
    return [{ level: 'error', message: `${from}: ${problem}`, todo: 'correct it in the settings' }]
  }
  const well = { level: 'ok', message: `${from} can be used` } as const
  if (keyFile === undefined || !existsSync(`${keyFile}-cert.pub`)) return [well]
  const message = `${keyFile}-cert.pub stands beside the key and is not used: ${NO_CERTIFICATES}`
  return [well, { level: 'warning', message, todo: 'put the public key itself into authorized_keys on the hosts' }]
}

async function examineAgent(socket: string, { signal }: AskOptions): Promise<Finding> {
  try {
    const { length } = await agentKeys(socket, { signal })
    if (length === 0) {
      const message = `the agent at ${socket} holds no key that can be used; ${NO_CERTIFICATES}`
      return { level: 'error', message, todo: `SSH_AUTH_SOCK=${socket} ssh-add KEY` }
    }
    if (length <= MOST_KEYS) return { level: 'ok', message: `the agent at ${socket} holds ${length} keys` }
    const message = `the agent at ${socket} holds ${length} keys: sshd ends a login after ${MOST_KEYS} wrong ones`
    return { level: 'warning', message, todo: 'give swarmkeeper an agent of its own, with its own key' }
  } catch (error) {
    signal.throwIfAborted()
    const todo = error instanceof ReconcileError ? { todo: error.todo } : {}
    return { level: 'error', message: messageOf(error), ...todo }
  }
}

/** MaxAuthTries of sshd_config(5) where nobody set it. */
const MOST_KEYS = 6
