import { chmodSync, lstatSync, unlinkSync } from 'node:fs'
import { connect } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { ReconcileError } from '../model/error.ts'
import type { ListenSettings } from '../settings/settings.ts'

/** Only who runs swarmkeeper, and root, may connect; a token is needed all the same. */
const SOCKET_MODE = 0o600

/** Starts to listen; gives the URL that commands take for `client.url`. */
export async function listenAt(server: FastifyInstance, { at, tls }: ListenSettings): Promise<string> {
  if ('socket' in at) {
    await removeStale(at.socket)
    await opened(at.socket, () => server.listen({ path: at.socket }))
    chmodSync(at.socket, SOCKET_MODE)
    return `unix:${at.socket}`
  }
  await opened(`${at.host}:${at.port}`, () => server.listen({ host: at.host, port: at.port }))
  const address = server.server.address()
  const port = typeof address === 'object' && address ? address.port : at.port
  return `${tls ? 'https' : 'http'}://${at.host.includes(':') ? `[${at.host}]` : at.host}:${port}`
}

async function opened(where: string, listen: () => Promise<unknown>): Promise<void> {
  try {
    await listen()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new ReconcileError('InvalidSettings', {
      message: `the API cannot listen at ${where} (${code ?? 'unknown'})`,
      todo:
        code === 'EADDRINUSE'
          ? 'stop what listens there (another swarmkeeper?), or choose another `listen.address` in the settings'
          : 'correct `listen.address` in the settings',
      cause: error,
    })
  }
}

/** A process that was killed leaves its socket behind; one that lives answers on it. */
async function removeStale(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found?.isSocket() && !(await answers(path))) unlinkSync(path)
}

const answers = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path)
    const end = (answered: boolean) => () => {
      socket.destroy()
      resolve(answered)
    }
    socket.once('connect', end(true)).once('error', end(false)).setTimeout(1_000, end(true))
  })
