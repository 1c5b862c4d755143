import type { Duplex } from 'node:stream'
import { ReconcileError } from '../../../model/error.ts'
import type { Sensitive } from '../../../model/sensitive.ts'
import type { CallOptions } from '../../../model/target.ts'
import type { Shell } from '../../../shell/shell.ts'

/** Where the supervisord of a host is, and its files. */
export interface Supervisor {
  /** Its main file. */
  readonly config: string
  /** The folder that its `[include]` reads. */
  readonly programs: string
  /** `unix:///path`, or an http address as seen from the host. */
  readonly server: string
  readonly login?: { readonly username: string; readonly password: Sensitive }
}

/** As Debian's package has it. */
export const DEFAULT_SUPERVISOR: Supervisor = {
  config: '/etc/supervisor/supervisord.conf',
  programs: '/etc/supervisor/conf.d',
  server: 'unix:///var/run/supervisor.sock',
}

export interface Reaching {
  readonly shell: Shell
  readonly supervisor: Supervisor
}

/** Undefined: it answers at an address. */
export const socketOf = ({ server }: Supervisor): string | undefined =>
  server.startsWith('unix://') ? server.slice('unix://'.length) : undefined

/**
 * A connection to supervisord. Its socket is forwarded where the user of the login may open it; sshd forwards as no other
 * user, so where it is root's alone, what becomes root carries the bytes.
 */
export async function reachSupervisord({ shell, supervisor }: Reaching, options: CallOptions): Promise<Duplex> {
  const socket = socketOf(supervisor)
  if (socket === undefined) return shell.openTcp(addressOf(supervisor.server, shell), options)
  try {
    return await shell.openUnixSocket(socket, options)
  } catch (error) {
    const mayBeRoots = error instanceof ReconcileError && error.reason === 'TargetRefused' && shell.root
    if (!mayBeRoots) throw error
  }
  return shell.stream(['sh', '-c', RELAY, 'sh', CARRIER, socket], options)
}

function addressOf(server: string, { where }: Shell): { readonly host: string; readonly port: number } {
  const { protocol, hostname, port } = new URL(server)
  if (protocol === 'http:') return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80) }
  throw new ReconcileError('TargetRefused', { message: `${where}: supervisord has no TLS of its own: ${server}` })
}

/** The Python that supervisord runs with is there wherever supervisord is; of other tools nothing is known. */
const RELAY = `
python=python3
f=$(command -v supervisord) && IFS= read -r first <"$f" && case $first in '#!'*python*) python=\${first#??} ;; esac
exec $python -c "$1" "$2"`

const CARRIER = `
import os, socket, sys, threading
there = socket.socket(socket.AF_UNIX)
there.connect(sys.argv[1])
def up():
    while True:
        some = os.read(0, 65536)
        if not some:
            break
        there.sendall(some)
    os._exit(0)
thread = threading.Thread(target=up)
thread.daemon = True
thread.start()
while True:
    some = there.recv(65536)
    if not some:
        break
    while some:
        some = some[os.write(1, some):]
`
