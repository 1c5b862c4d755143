import { Duplex } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { ReconcileError } from '../../../../src/model/error.ts'
import { Sensitive } from '../../../../src/model/sensitive.ts'
import type { Shell } from '../../../../src/shell/shell.ts'
import { DEFAULT_SUPERVISOR, type Supervisor } from '../../../../src/targets/host/supervisord/reach.ts'
import { openRpc } from '../../../../src/targets/host/supervisord/rpc.ts'

const { signal } = new AbortController()

/** A server that answers everything with the same, and keeps what it was asked. */
function serverOf(body: string, status = '200 OK') {
  const asked: string[] = []
  const stream = (): Duplex => {
    const duplex: Duplex = new Duplex({
      read: () => {},
      write: (chunk: Buffer, _, done) => {
        asked.push(chunk.toString())
        duplex.push(`HTTP/1.1 ${status}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
        done()
      },
    })
    return duplex
  }
  return { asked, stream }
}

const refused = async (): Promise<Duplex> => {
  throw new ReconcileError('TargetRefused', { message: 'open failed' })
}
const shellOf = (more: Partial<Shell>): Shell => ({
  where: 'host',
  root: true,
  run: () => refused() as never,
  stream: refused,
  openUnixSocket: refused,
  openTcp: refused,
  dispose: async () => {},
  ...more,
})
const open = (more: Partial<Shell>, supervisor: Supervisor = DEFAULT_SUPERVISOR) =>
  openRpc({ shell: shellOf(more), supervisor }, { signal })

const value = (xml: string) => `<methodResponse><params><param><value>${xml}</value></param></params></methodResponse>`
const fault = (code: number) =>
  `<struct><member><name>faultCode</name><value><int>${code}</int></value></member>` +
  '<member><name>faultString</name><value><string>NO</string></value></member></struct>'

describe('supervisord is reached', () => {
  const { stream, asked } = serverOf(value('<int>7</int>'))

  it('by its socket, where the user of the login may open it', async () => {
    const rpc = await open({ openUnixSocket: async () => stream() })
    expect(await rpc.call('getPID')).toBe(7)
    expect(asked.at(-1)).toContain('<methodName>supervisor.getPID</methodName>')
  })

  it('through what becomes root, where that user may not', async () => {
    const words: string[] = []
    const carried = async (said: readonly string[]) => {
      words.push(...said)
      return stream()
    }
    const rpc = await open({ stream: carried })
    expect(await rpc.call('getPID')).toBe(7)
    expect(words.at(-1)).toBe('/var/run/supervisor.sock')
    await expect(open({ stream: carried, root: false })).rejects.toMatchObject({ reason: 'TargetRefused' })
  })

  it('at an address, with name and password', async () => {
    const places: unknown[] = []
    const openTcp: Shell['openTcp'] = async (place) => {
      places.push(place)
      return stream()
    }
    const login = { username: 'keeper', password: new Sensitive('s3cret') }
    const rpc = await open({ openTcp }, { ...DEFAULT_SUPERVISOR, server: 'http://[::1]:9001', login })
    await rpc.call('getPID')
    expect(places).toEqual([{ host: '::1', port: 9001 }])
    expect(asked.at(-1)).toContain(`Authorization: Basic ${Buffer.from('keeper:s3cret').toString('base64')}\r\n`)
  })
})

describe('what it answers', () => {
  const call = async (body: string, status?: string) => {
    const rpc = await open({ openUnixSocket: async () => serverOf(body, status).stream() })
    return rpc.callAll([{ method: 'addProcessGroup', params: ['a'] }])
  }

  it('to several calls at once is a value or a fault of each', async () => {
    const [first, second] = await call(
      value(`<array><data><value><boolean>1</boolean></value><value>${fault(90)}</value></data></array>`),
    )
    expect(first).toBe(true)
    expect(second).toMatchObject({ name: 'SupervisordFault', code: 90, message: 'NO' })
  })

  it.each([
    [value(`<array><data><value>${fault(6)}</value></data></array>`), '200 OK', 'TargetUnreachable', /shutting down/],
    [
      `<methodResponse><fault><value>${fault(6)}</value></fault></methodResponse>`,
      '200 OK',
      'TargetUnreachable',
      /down/,
    ],
    ['', '401 Unauthorized', 'TargetRefused', /another name and password/],
    ['', '500 Internal Server Error', 'TargetRefused', /answers 500/],
    ['<html>', '200 OK', 'TargetRefused', /not supervisord/],
  ])('may be trouble: %#', async (body, status, reason, message) => {
    await expect(call(body, status)).rejects.toMatchObject({ reason, message: expect.stringMatching(message) })
  })
})
