import { NormalizeProblem } from '../../model/kind.ts'
import type { Host } from '../../model/written/host.ts'
import { hostPath } from '../host-path.ts'
import type { HostSpec } from './spec.ts'

/**
 * A `Host` document with every default filled. No identity is ever guessed (SEC-26): who logs in, and to whom, is written.
 * @throws NormalizeProblem
 */
export function normalizeHost(written: Host): HostSpec {
  const { name, address, become = 'none', labels = {}, supervisor = {} } = written
  return {
    name,
    connection: address === 'local' ? local(written) : remote(written),
    become,
    labels: Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, String(value)])),
    supervisor: {
      config: hostPath(supervisor.config ?? '/etc/supervisor/supervisord.conf', '/supervisor/config'),
      programs: hostPath(supervisor.programs ?? '/etc/supervisor/conf.d', '/supervisor/programs'),
      server: supervisor.server ?? 'unix:///var/run/supervisor.sock',
      ...(supervisor.credential === undefined ? {} : { credential: supervisor.credential }),
    },
  }
}

function local(written: Host): HostSpec['connection'] {
  const given = (['port', 'user', 'hostKey', 'credential', 'jump'] as const).find((key) => written[key] !== undefined)
  if (given) throw new NormalizeProblem(`/${given}`, 'the machine itself is not reached by SSH: this has no meaning')
  return { type: 'local' }
}

function remote({ name, address, port = 22, user, hostKey, credential, jump }: Host): HostSpec['connection'] {
  if (user === undefined) throw new NormalizeProblem('/user', 'who logs in? there is no default')
  if (hostKey === undefined) {
    throw new NormalizeProblem('/hostKey', `needed; 'ssh-keyscan ${address}' prints it, compare it with the host's own`)
  }
  if (!isPublicKey(hostKey)) {
    throw new NormalizeProblem(
      '/hostKey',
      `no whole public key: write type and base64 text as 'ssh-keyscan ${address}' prints them`,
    )
  }
  if (jump === name) throw new NormalizeProblem('/jump', 'it cannot be reached through itself')
  return {
    type: 'ssh',
    address,
    port,
    user,
    hostKey,
    ...(credential === undefined ? {} : { credential }),
    ...(jump === undefined ? {} : { jump }),
  }
}

/** It begins with the length and the text of its type, and the last of its parts ends where it does (RFC 4253, 6.6). */
function isPublicKey(text: string): boolean {
  const [type = '', base64 = ''] = text.split(' ')
  const key = Buffer.from(base64, 'base64')
  const parts: string[] = []
  let at = 0
  while (at + 4 <= key.length) {
    const end = at + 4 + key.readUInt32BE(at)
    parts.push(key.toString('latin1', at + 4, end))
    at = end
  }
  return at === key.length && parts.length > 1 && parts[0] === type
}
