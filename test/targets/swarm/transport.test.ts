import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { openTransport } from '../../../src/targets/swarm/transport.ts'

it('an agent with open sockets is a word to whoever prints it: docker-modem prints it with every request', async () => {
  const server = createServer((_request, response) => void response.end('ok')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { modem, close } = openTransport({ url }, undefined, { timeoutMs: 1_000 })
  const { get } = await import('node:http')
  const answered = once(get({ host: modem.host, port: modem.port, agent: modem.agent }), 'response')
  const [response] = await answered
  response.resume()
  await once(response, 'end')
  expect(inspect({ agent: modem.agent }, { showHidden: true, depth: null })).toBe('{ agent: an agent }')
  close()
  server.close()
})
