import ssh2 from 'ssh2'
import { messageOf, ReconcileError } from '../model/error.ts'
import type { CallOptions } from '../model/target.ts'
import { abortable } from './abortable.ts'

/**
 * Public keys that an ssh-agent holds and that can be used, as `ssh-ed25519 AAAA…`: certificates are not among them.
 * @throws ReconcileError `InvalidSettings`: nobody answers at this socket
 */
export function agentKeys(socket: string, { signal }: CallOptions): Promise<readonly string[]> {
  const asked = new Promise<readonly string[]>((resolve, reject) => {
    ssh2.createAgent(socket).getIdentities((error, keys = []) => {
      if (error) reject(unanswered(socket, error))
      else resolve(keys.map(textOf))
    })
  })
  return abortable(asked, signal)
}

function textOf(key: unknown): string {
  const parsed = key as { readonly type: string; getPublicSSH(): Buffer }
  return `${parsed.type} ${parsed.getPublicSSH().toString('base64')}`
}

function unanswered(socket: string, cause: unknown): ReconcileError {
  return new ReconcileError('InvalidSettings', {
    message: `no ssh-agent answers at ${socket}: ${messageOf(cause)}`,
    todo: 'start it (`ssh-agent -a SOCKET`, then `ssh-add KEY`), as the user that swarmkeeper runs as',
    cause,
  })
}
