import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Files over HTTP on loopback, each at its name; counts what it is asked for, and can be off. */
export interface FileServer {
  readonly url: string
  readonly port: number
  /** Names, in the order of the requests. */
  readonly asked: string[]
  /** Gives its sha256. */
  put(name: string, content: string | Uint8Array): string
  /** Answers nothing but this status from now on, or, with undefined, what it has. */
  answer(status: number | undefined): void
  dispose(): Promise<void>
}

export async function startFileServer(): Promise<FileServer> {
  const files = new Map<string, Uint8Array>()
  const asked: string[] = []
  let status: number | undefined
  const server = createServer((request, response) => {
    const name = (request.url ?? '').slice(1)
    asked.push(name)
    const content = status === undefined ? files.get(name) : undefined
    response.writeHead(content ? 200 : (status ?? 404)).end(content)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    asked,
    put: (name, content) => {
      files.set(name, Buffer.from(content))
      return createHash('sha256').update(content).digest('hex')
    },
    answer: (next) => {
      status = next
    },
    dispose: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
