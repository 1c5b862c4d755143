import { Duplex } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { Shell } from '../../../../src/shell/shell.ts'
import { diagnoseProgram } from '../../../../src/targets/host/supervisord/logs.ts'
import { DEFAULT_SUPERVISOR } from '../../../../src/targets/host/supervisord/reach.ts'

type Process = Readonly<Record<'statename' | 'spawnerr', string> & Record<'exitstatus' | 'stop', number>>

/** A supervisord that has one process, and one line in each of its logs. */
function supervisordWith(process: Process): Shell {
  const members = Object.entries(process).map(
    ([name, of]) =>
      `<member><name>${name}</name><value>${typeof of === 'number' ? `<int>${of}</int>` : `<string>${of}</string>`}</value></member>`,
  )
  const answer = (asked: string): string => {
    if (asked.includes('getProcessInfo')) return `<struct>${members.join('')}</struct>`
    return `<string>${asked.includes('Stderr') ? 'boom' : 'started'}\n</string>`
  }
  const stream = (): Duplex => {
    const duplex: Duplex = new Duplex({
      read: () => {},
      write: (chunk: Buffer, _, done) => {
        const body = `<methodResponse><params><param><value>${answer(chunk.toString())}</value></param></params></methodResponse>`
        duplex.push(`HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
        done()
      },
    })
    return duplex
  }
  return { where: 'host', root: true, openUnixSocket: async () => stream() } as unknown as Shell
}

const live = { name: 'web', owns: [], groups: { web: { pending: false, processes: { web: 'EXITED' } } } }
const toldOf = (process: Process) =>
  diagnoseProgram(
    live,
    { shell: supervisordWith(process), supervisor: DEFAULT_SUPERVISOR },
    { lines: 20, signal: new AbortController().signal },
  )

describe('what a process of supervisord is told by', () => {
  it('its state, how it ended, and what it wrote last', async () => {
    expect(await toldOf({ statename: 'EXITED', spawnerr: '', exitstatus: 3, stop: 1 })).toEqual([
      'web:web: EXITED, ended with 3',
      'web:web: started',
      'web:web: boom',
    ])
  })

  it.each(['STARTING', 'RUNNING', 'STOPPED'])(
    'is no exit code where it is %s: supervisord has forgotten it, and says 0',
    async (statename) => {
      const [state] = await toldOf({ statename, spawnerr: '', exitstatus: 0, stop: 1 })
      expect(state).toBe(`web:web: ${statename}`)
    },
  )

  it('is why it did not start', async () => {
    const [state] = await toldOf({ statename: 'FATAL', spawnerr: 'Exited too quickly', exitstatus: 0, stop: 1 })
    expect(state).toBe('web:web: FATAL, Exited too quickly')
  })
})
