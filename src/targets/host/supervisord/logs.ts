import type { ProgramLive } from '../../../kinds/program/spec.ts'
import type { CallOptions } from '../../../model/target.ts'
import type { Reaching } from './reach.ts'
import { openRpc, type Rpc, SupervisordFault } from './rpc.ts'
import { structOf, type XmlValue } from './xml-rpc.ts'

/** Of each of its logs this much is read: more than the lines that anybody asks for need. */
const BYTES = 32 * 1024

interface Asked extends CallOptions {
  readonly lines: number
}

/** The last lines of each log of each process, those of one together; with several processes each line says whose it is. */
export function programLogs(live: ProgramLive, reaching: Reaching, asked: Asked): Promise<readonly string[]> {
  return withRpc(reaching, asked, async (rpc) => {
    const names = processesOf(live)
    const all: string[] = []
    for (const name of names) {
      const said = await linesOf(rpc, name, asked.lines)
      all.push(...(names.length > 1 ? said.map((line) => `${name}: ${line}`) : said))
    }
    return all
  })
}

const WELL = ['RUNNING', 'STARTING']

/** Of each process that does not run: what supervisord says of it, and what it wrote last. */
export function diagnoseProgram(live: ProgramLive, reaching: Reaching, asked: Asked): Promise<readonly string[]> {
  return withRpc(reaching, asked, async (rpc) => {
    const told: string[] = []
    for (const name of processesOf(live)) {
      const found = structOf(await rpc.call('getProcessInfo', name))
      const well = WELL.includes(String(found.statename))
      told.push(`${name}: ${stateWords(found)}`)
      const lines = await linesOf(rpc, name, well ? 5 : asked.lines)
      told.push(...lines.map((line) => `${name}: ${line}`))
    }
    return told
  })
}

async function withRpc<T>(reaching: Reaching, options: CallOptions, ask: (rpc: Rpc) => Promise<T>): Promise<T> {
  const rpc = await openRpc(reaching, options)
  try {
    return await ask(rpc)
  } finally {
    rpc.close()
  }
}

const processesOf = ({ groups }: ProgramLive): readonly string[] =>
  Object.entries(groups).flatMap(([group, { processes }]) => Object.keys(processes).map((name) => `${group}:${name}`))

/** It knows of no exit code but of what is EXITED: a start forgets it, and then it says 0 (supervisor process.py, `spawn`). */
function stateWords({ statename, spawnerr, exitstatus }: Readonly<Record<string, XmlValue | undefined>>): string {
  const ended = statename === 'EXITED' && !spawnerr ? `ended with ${String(exitstatus)}` : ''
  return [String(statename), spawnerr ? String(spawnerr) : '', ended].filter((word) => word !== '').join(', ')
}

async function linesOf(rpc: Rpc, name: string, lines: number): Promise<readonly string[]> {
  const stdout = await logOf(rpc, 'readProcessStdoutLog', name)
  const stderr = await logOf(rpc, 'readProcessStderrLog', name)
  return [...stdout.slice(-lines), ...stderr.slice(-lines)]
}

/** Nothing of a log that is not kept, or that goes elsewhere. */
async function logOf(rpc: Rpc, method: string, name: string): Promise<readonly string[]> {
  try {
    const text = String(await rpc.call(method, name, -BYTES, 0))
    return text.split('\n').filter((line) => line.trim() !== '')
  } catch (error) {
    if (error instanceof SupervisordFault) return []
    throw error
  }
}
