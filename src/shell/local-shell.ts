import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { connect, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import type { Clock } from '../model/clock.ts'
import { messageOf, ReconcileError } from '../model/error.ts'
import { type Become, mayBeSudo, rootRefused, sudoWords } from './become.ts'
import { describe } from './describe.ts'
import { endWith } from './end-with.ts'
import { gather, type Running } from './gather.ts'
import type { Ran, RunOptions, Shell } from './shell.ts'
import { wholeWord } from './words.ts'

export interface LocalShellOptions {
  readonly clock: Clock
  readonly become: Become
  /** User id of this process. */
  readonly uid: number
}

const WHERE = 'this machine'

/** Not the environment of this process, which may hold secrets; the same as a login has. */
const ENVIRONMENT = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' }

/** Commands on the machine itself, without a shell in between. */
export function createLocalShell({ clock, become, uid }: LocalShellOptions): Shell {
  const sudo = become === 'sudo' && uid !== 0
  const runOnce = (words: readonly string[], options: RunOptions, asRoot: boolean): Promise<Ran> =>
    gather(runningOf(start([...sudoWords(asRoot), ...words])), options, { clock, what: describe(WHERE, words) })
  return {
    where: WHERE,
    root: sudo || uid === 0,
    async run(words, options) {
      options.signal.throwIfAborted()
      const asRoot = sudo && options.become !== false
      const ran = await runOnce(words, options, asRoot)
      if (!asRoot || !mayBeSudo(ran)) return ran
      const asked = await runOnce(['true'], { signal: options.signal }, true)
      if (asked.code !== 0) throw rootRefused(WHERE, asked)
      return ran
    },
    async stream(words, { signal }) {
      signal.throwIfAborted()
      const child = start([...sudoWords(sudo), ...words])
      child.stderr.resume()
      const stream = Duplex.from({ writable: child.stdin, readable: child.stdout })
      stream.once('close', () => endGroup(child))
      child.once('error', (error) => stream.destroy(error))
      return endWith(stream, signal)
    },
    openUnixSocket: (path, { signal }) => connected(connect(path), signal),
    openTcp: ({ host, port }, { signal }) => connected(connect(port, host), signal),
    dispose: async () => {},
  }
}

function start(words: readonly string[]): ChildProcessWithoutNullStreams {
  const [program = '', ...rest] = words.map(wholeWord)
  // a group of its own, so that it ends with what it started
  return spawn(program, rest, { env: ENVIRONMENT, cwd: '/', detached: true })
}

function runningOf(child: ChildProcessWithoutNullStreams): Running {
  const ended = new Promise<Pick<Ran, 'code' | 'signal'>>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      // as a shell says it, and so the same as by ssh
      if (error.code === 'ENOENT') resolve({ code: 127, signal: undefined })
      else reject(notStarted(child, error))
    })
    child.once('close', (code, signal) => resolve({ code: code ?? undefined, signal: signal ?? undefined }))
  })
  ended.catch(() => {})
  const { stdin, stdout, stderr } = child
  return { stdin, stdout, stderr, ended, kill: () => endGroup(child) }
}

function notStarted({ spawnfile }: ChildProcessWithoutNullStreams, error: unknown): ReconcileError {
  return new ReconcileError('TargetRefused', { message: `${WHERE}: ${spawnfile}: ${messageOf(error)}`, cause: error })
}

function endGroup({ pid }: ChildProcessWithoutNullStreams): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // it ended in the meantime, or is root's
  }
}

function connected(socket: Socket, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error) =>
      reject(
        signal.aborted
          ? signal.reason
          : new ReconcileError('TargetRefused', { message: `${WHERE}: ${messageOf(error)}`, cause: error }),
      )
    socket.once('error', failed)
    socket.once('connect', () => {
      socket.off('error', failed)
      resolve(socket)
    })
    endWith(socket, signal).once('close', () => failed(new Error('closed')))
  })
}
