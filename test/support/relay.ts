import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A TCP port that leads to another one, counts who comes, and can be cut. */
export interface Relay {
  readonly port: number
  /** Connections made so far. */
  readonly count: number
  /** Ends those that there are. */
  drop(): void
  close(): Promise<void>
}

export async function startRelay(to: number): Promise<Relay> {
  const sockets = new Set<Socket>()
  let count = 0
  const server = createServer((near) => {
    count += 1
    const far = connect(to, '127.0.0.1')
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
      socket.pipe(other)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const drop = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    get count() {
      return count
    },
    drop,
    close: () => {
      drop()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
