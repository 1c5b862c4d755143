import type { ProgramSpec } from '../../../kinds/program/spec.ts'
import type { RunKey, RunLook } from '../../../model/agent.ts'
import { ReconcileError } from '../../../model/error.ts'
import type { Resource } from '../../../model/resource.ts'
import type { CallOptions } from '../../../model/target.ts'
import { runScript } from '../../../shell/script.ts'
import { quoteWords } from '../../../shell/words.ts'
import { keyOf, RECORDS } from '../entry.ts'
import type { Place } from '../look-at.ts'
import { write } from '../unit-runs.ts'
import { FAULTS, openRpc, type Rpc, SupervisordFault } from './rpc.ts'
import { listOf, structOf, type XmlValue } from './xml-rpc.ts'

/**
 * Runs of an agent that is a program: supervisord starts it as it is. Whose minute a start was for is kept on the host, with
 * where its logs ended then, written before it is started; what supervisord started since that was written is this run. Both
 * times are the host's own.
 */
interface Mark {
  readonly tick: string
  /** Process -> bytes in its logs before. */
  readonly logs: Readonly<Record<string, readonly [out: number, err: number]>>
}

/** Of one process. */
interface Seen {
  readonly name: string
  readonly state: string
  /** Seconds since 1970; 0 for never. */
  readonly start: number
  readonly stop: number
  readonly exit: number
  readonly why: string
}

const TIMEOUT_MS = 90_000
const LINES = 30
const BYTES = 32 * 1024

const namesOf = ({ spec }: Resource): readonly string[] =>
  Object.entries((spec as ProgramSpec).groups).flatMap(([group, { processes }]) =>
    Object.keys(processes).map((name) => `${group}:${name}`),
  )

export async function startProgramRun(run: RunKey, of: Resource, place: Place, call: CallOptions): Promise<void> {
  await withRpc(place, call, async (rpc) => {
    const names = namesOf(of)
    const seen = await lookAll(rpc, names)
    const mark = await readMark(run, place, call)
    if (mark && mark.tick >= run.tick && seen.some((one) => isOf(one, mark))) return
    const going = seen.find(({ state }) => GOING.has(state))
    if (going) {
      const message = `${going.name} is ${going.state} already, and nobody knows for which run`
      throw new ReconcileError('Conflict', { message })
    }
    const logs: Record<string, readonly [number, number]> = {}
    for (const name of names) logs[name] = [await sizeOf(rpc, 'Stdout', name), await sizeOf(rpc, 'Stderr', name)]
    await writeMark(run, { tick: run.tick, logs }, place, call)
    for (const name of names) await start(rpc, name)
  })
}

async function start(rpc: Rpc, name: string): Promise<void> {
  try {
    await rpc.call('startProcess', name, false)
  } catch (error) {
    if (!(error instanceof SupervisordFault)) throw error
    if (error.code === FAULTS.alreadyStarted) return
    throw new ReconcileError('TargetRefused', { message: `supervisord does not start ${name}: ${error.message}` })
  }
}

const GOING: ReadonlySet<string> = new Set(['STARTING', 'RUNNING', 'BACKOFF', 'STOPPING'])

const isOf = ({ start }: Seen, { since }: { readonly since: number }): boolean => start >= since

export async function lookAtProgramRun(run: RunKey, of: Resource, place: Place, call: CallOptions): Promise<RunLook> {
  const mark = await readMark(run, place, call)
  if (!mark || mark.tick !== run.tick) return { state: 'absent' }
  return withRpc(place, call, async (rpc) => {
    const seen = await lookAll(rpc, namesOf(of))
    if (!seen.some((one) => isOf(one, mark))) return { state: 'absent' }
    const startedAt = iso(Math.min(...seen.map(({ start }) => start)))
    if (seen.some(({ state }) => GOING.has(state))) return { state: 'running', startedAt }
    const bad = seen.find((one) => !(one.state === 'EXITED' && one.exit === 0 && one.why === ''))
    const endedAt = iso(Math.max(...seen.map(({ start, stop }) => Math.max(start, stop))))
    const message = bad ? endWords(bad) : 'exit code 0'
    return { state: 'ended', ok: bad === undefined, message, startedAt, endedAt, lines: await tailOf(rpc, mark) }
  })
}

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString()

function endWords({ state, exit, why }: Seen): string {
  if (state === 'EXITED' && why === '') return exit < 0 ? `signal ${-exit}` : `exit code ${exit}`
  return state === 'STOPPED' ? 'it was stopped' : [state, why].filter((word) => word !== '').join(': ')
}

export async function stopProgramRun(
  run: RunKey,
  of: Resource,
  place: Place,
  call: CallOptions,
): Promise<readonly string[]> {
  const mark = await readMark(run, place, call)
  if (!mark || mark.tick !== run.tick) return []
  return withRpc(place, call, async (rpc) => {
    for (const name of namesOf(of)) await stop(rpc, name)
    return tailOf(rpc, mark)
  })
}

async function stop(rpc: Rpc, name: string): Promise<void> {
  try {
    await rpc.call('stopProcess', name, true)
  } catch (error) {
    if (!(error instanceof SupervisordFault)) throw error
    if (error.code === FAULTS.notRunning || error.code === FAULTS.badName) return
    throw new ReconcileError('TargetRefused', { message: `supervisord does not stop ${name}: ${error.message}` })
  }
}

async function lookAll(rpc: Rpc, names: readonly string[]): Promise<readonly Seen[]> {
  const all = listOf(await rpc.call('getAllProcessInfo')).map(seenOf)
  return all.filter(({ name }) => names.includes(name))
}

function seenOf(value: XmlValue): Seen {
  const { group, name, statename, start, stop, exitstatus, spawnerr } = structOf(value)
  return {
    name: `${group}:${name}`,
    state: String(statename),
    start: Number(start ?? 0),
    stop: Number(stop ?? 0),
    exit: Number(exitstatus ?? 0),
    why: String(spawnerr ?? ''),
  }
}

type Log = 'Stdout' | 'Stderr'

/** A log that is not kept has no end. */
async function sizeOf(rpc: Rpc, log: Log, name: string): Promise<number> {
  try {
    const [, size] = listOf(await rpc.call(`tailProcess${log}Log`, name, 0, 0))
    return Number(size ?? 0)
  } catch (error) {
    if (error instanceof SupervisordFault) return 0
    throw error
  }
}

async function tailOf(rpc: Rpc, { logs }: Mark): Promise<readonly string[]> {
  const lines: string[] = []
  for (const [name, [out, err]] of Object.entries(logs)) {
    const said = [...(await since(rpc, ['Stdout', name], out)), ...(await since(rpc, ['Stderr', name], err))]
    lines.push(...(Object.keys(logs).length > 1 ? said.map((line) => `${name}: ${line}`) : said))
  }
  return lines
}

/** What was written since, the end of it; a log that is shorter now was begun anew. */
async function since(rpc: Rpc, [log, name]: readonly [Log, string], before: number): Promise<readonly string[]> {
  const size = await sizeOf(rpc, log, name)
  const from = Math.max(before <= size ? before : 0, size - BYTES)
  if (from >= size) return []
  try {
    const text = String(await rpc.call(`readProcess${log}Log`, name, from, 0))
    return text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(-LINES)
  } catch (error) {
    if (error instanceof SupervisordFault) return []
    throw error
  }
}

async function withRpc<T>(place: Place, call: CallOptions, body: (rpc: Rpc) => Promise<T>): Promise<T> {
  const rpc = await openRpc(place, call)
  try {
    return await body(rpc)
  } catch (error) {
    if (!(error instanceof SupervisordFault)) throw error
    throw new ReconcileError('TargetRefused', { message: `${place.shell.where}: supervisord: ${error.message}` })
  } finally {
    rpc.close()
  }
}

const markPath = ({ id }: RunKey): string => `"$base"/runs/${keyOf(id)}`

async function writeMark(run: RunKey, mark: Mark, place: Place, call: CallOptions): Promise<void> {
  const text = Buffer.from(`${JSON.stringify(mark)}\n`).toString('base64')
  const steps = ['mkdir -p -m 0700 -- "$base/runs"', `save ${markPath(run)} ${text}`, 'echo marked']
  await write(steps, 'marked', place, { ...call, timeoutMs: TIMEOUT_MS })
}

/** `since`: when it was written, seconds since 1970. */
async function readMark(
  run: RunKey,
  { shell, install }: Place,
  { signal }: CallOptions,
): Promise<(Mark & { readonly since: number }) | undefined> {
  const text = [
    `base=${quoteWords([`${RECORDS}/${install}`])}`,
    `[ ! -f ${markPath(run)} ] || { stat -c %Y -- ${markPath(run)} && cat -- ${markPath(run)}; }`,
  ].join('\n')
  const { code, stdout, stderr } = await runScript(shell, { text, args: ['run'] }, { signal })
  if (code !== 0) {
    const said = stderr.toString('utf8').trim().slice(-500)
    throw new ReconcileError('TargetRefused', { message: `${shell.where}: the run cannot be looked at: ${said}` })
  }
  const [since, json] = stdout.toString('utf8').split('\n')
  if (!since || !json) return undefined
  return { ...(JSON.parse(json) as Mark), since: Number(since) }
}
