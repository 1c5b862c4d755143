import { quoteWords } from '../../../shell/words.ts'
import { askWords } from './ask-words.ts'
import { answerOf } from './http-call.ts'
import { type Supervisor, socketOf } from './reach.ts'
import { listOf, readAnswer, structOf, writeCall, type XmlValue } from './xml-rpc.ts'

/** What a look says of supervisord itself. */
export interface SupervisordFacts {
  /** Seconds since 1970; of this very start of it. */
  readonly started: number
  readonly processes: readonly ProcessFact[]
  /** `group:name` of every process that it has read a configuration of, in use or not -> which exit codes are as expected. */
  readonly read: ReadonlyMap<string, readonly number[]>
}

export interface ProcessFact {
  readonly group: string
  readonly name: string
  readonly statename: string
  /** Of one that runs. */
  readonly pid?: number
  /** When it was started: seconds since 1970, of one that runs. */
  readonly since?: number
  /** Why it does not run, in supervisord's words. */
  readonly why?: string
  /** Of its last run. */
  readonly exitstatus: number
}

/** `getPID` comes last: sh finds it there. */
const ASKED = ['supervisor.getAllProcessInfo', 'supervisor.getAllConfigInfo', 'supervisor.getPID']

/**
 * Words of the facts script: one request, which costs a tenth of what two runs of supervisorctl do, and says more. Its answer
 * is read here and not there. A restart of supervisord, also one from within, makes its socket anew; at an address only a new
 * process can be told.
 */
export function supervisordQuestion(supervisor: Supervisor): string {
  const socket = socketOf(supervisor)
  const calls = ASKED.map((methodName) => ({ methodName, params: [] }))
  return `
supervisord() {
  [ -n "$(unset -f supervisord; command -v supervisord)" ] || ${socket === undefined ? ':' : `[ -e ${quoteWords([socket])} ]`} || { echo 'supervisord none'; return; }
  r=$(
    ${askWords(supervisor, writeCall('system.multicall', [calls]))} | base64 -w0
  )
  ${socket === undefined ? STARTED_PROCESS : `t=$(stat -c %.9Y -- ${quoteWords([socket])} 2>/dev/null)`}
  printf 'supervisord %s %s\\n' "$(w "$t")" "$r"
}
`
}

/** In seconds since 1970, by proc(5): field 22 of its stat is in ticks since the boot. */
const STARTED_PROCESS = `
  p=$(printf %s "$r" | base64 -d | grep -ao '<int>[0-9]*</int>' | tail -n 1 | tr -dc 0-9)
  t=$(sed 's/.*) //' "/proc/$p/stat" 2>/dev/null | cut -d ' ' -f 20)
  t=$(($(sed -n 's/^btime //p' /proc/stat) + \${t:-0} / $(getconf CLK_TCK)))`

/** A string says why it cannot be known. */
export function readSupervisord([started = '', answer = '']: readonly string[]): SupervisordFacts | string {
  if (started === 'none') return 'supervisord is not installed there'
  const bytes = Buffer.from(answer, 'base64')
  const http = answerOf(bytes)
  if (http?.status === 401) return 'supervisord asks for another name and password'
  if (http?.status !== 200) return `supervisord does not answer: ${lastLine(bytes.toString('utf8'))}`
  const results = resultsOf(http.body)
  if (typeof results === 'string') return results
  const [processes, configs] = results.map(listOf)
  return {
    started: Number(Buffer.from(started, 'base64').toString('utf8')),
    processes: (processes ?? []).map(processOf),
    read: new Map((configs ?? []).map(structOf).map((one) => [`${one.group}:${one.name}`, exitCodesOf(one.exitcodes)])),
  }
}

/** Before supervisor 4 they were not told. */
const exitCodesOf = (value: XmlValue | undefined): readonly number[] =>
  value === undefined ? [0] : listOf(value).map(Number)

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.slice(0, 200) || 'nothing came'

function resultsOf(body: string): readonly XmlValue[] | string {
  try {
    const answer = readAnswer(body)
    const results = 'value' in answer ? listOf(answer.value) : []
    const fault = 'fault' in answer ? answer.fault.message : results.map(structOf).find((one) => 'faultCode' in one)
    if (fault !== undefined) return `supervisord does not answer: ${String(structOf(fault).faultString ?? fault)}`
    return results
  } catch {
    return 'what answers is not supervisord'
  }
}

function processOf(value: XmlValue): ProcessFact {
  const { group, name, statename, pid, start, spawnerr, exitstatus } = structOf(value)
  return {
    group: String(group),
    name: String(name),
    statename: String(statename),
    exitstatus: Number(exitstatus ?? 0),
    ...(typeof pid === 'number' && pid > 0 ? { pid, since: Number(start) } : {}),
    ...(typeof spawnerr === 'string' && spawnerr !== '' ? { why: spawnerr } : {}),
  }
}
