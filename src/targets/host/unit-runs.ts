import type { UnitSpec } from '../../kinds/unit/spec.ts'
import type { RunKey, RunLook } from '../../model/agent.ts'
import { ReconcileError } from '../../model/error.ts'
import { partsOf, type ResourceId } from '../../model/id.ts'
import type { Resource } from '../../model/resource.ts'
import type { CallOptions, LeftRun } from '../../model/target.ts'
import { runScript } from '../../shell/script.ts'
import { quoteText, quoteWords } from '../../shell/words.ts'
import { FUNCTIONS, prelude } from './apply-script.ts'
import type { Place } from './look-at.ts'
import { BUSY } from './outcomes.ts'

/**
 * Runs of an agent that is a unit: a unit of its own in /run for each, from the files of the one that rests. So it is gone
 * with a reboot (systemd.unit(5)), and until then stays to say that it ran. The last of its drop-ins carries in a comment
 * whose run it is; beside it stand `started` and `stopped`, of which systemd reads nothing.
 */
const RUNTIME = '/run/systemd/system'
const MARK = 'zz-swarmkeeper-run.conf'
const LINES = 30
/** Longer than it waits for the lock. */
const TIMEOUT_MS = 90_000
/** What stops has its own time: of systemd's default and the lock's. */
const STOP_MS = 300_000

/** `digest-202611210700.service`, `digest-202611210700@a.service` */
export function runUnit({ id, tick }: RunKey): string {
  const { name } = partsOf(id)
  const digits = digitsOf(tick)
  const stamp = digits.endsWith('00') ? digits.slice(0, 12) : digits
  return name.replace(/(?=@|\.[^.@]*$)/, `-${stamp}`)
}

const digitsOf = (tick: string): string => tick.replaceAll(/\D/g, '').slice(0, 14)

export async function startUnitRun(run: RunKey, of: Resource, place: Place, call: CallOptions): Promise<void> {
  const { file, dropIns, name } = of.spec as UnitSpec
  const unit = runUnit(run)
  const text =
    file === undefined ? `cat -- "$(systemctl show -p FragmentPath --value -- ${quoteWords([name])})"` : put(file)
  const mark = [
    `# ${markOf(place.install, run.id)} ${digitsOf(run.tick)} ${run.tick} ${of.digest}`,
    '[Service]',
    'RemainAfterExit=yes',
    '',
  ].join('\n')
  const steps = [
    FIND,
    `begun=$(newest ${quoteWords([markOf(place.install, run.id)])})`,
    `[ "\${begun:-0}" -lt ${digitsOf(run.tick)} ] || { echo began; exit 0; }`,
    `unit=${quoteWords([unit])}`,
    `mkdir -p -- "${RUNTIME}/$unit.d"`,
    ...Object.entries(dropIns).map(
      ([called, content]) => `${put(content)} >"${RUNTIME}/$unit.d/"${quoteWords([called])}`,
    ),
    `${text} >"${RUNTIME}/$unit.d/.unit"`,
    `${put(mark)} >"${RUNTIME}/$unit.d/${MARK}"`,
    `mv -fT -- "${RUNTIME}/$unit.d/.unit" "${RUNTIME}/$unit"`,
    'systemctl daemon-reload 9>&-',
    'systemctl start --no-block -- "$unit" 9>&-',
    `: >"${RUNTIME}/$unit.d/started"`,
    'echo began',
  ]
  await write(steps, 'began', place, { ...call, timeoutMs: TIMEOUT_MS })
}

/** Words of install and id, in one. */
const markOf = (install: string, id: ResourceId): string => Buffer.from(`${install} ${id}`).toString('base64')

const put = (text: string): string => `printf %s ${quoteText(text)}`

/** The newest time of a run that was started: asked for, or systemd knows of a start. */
const FIND = `
newest() {
  for one in ${RUNTIME}/*.d/${MARK}; do
    [ -f "$one" ] || continue
    read -r _ whose at _ <"$one" || continue
    [ "$whose" = "$1" ] || continue
    u=\${one%/*}
    u=\${u##*/}
    u=\${u%.d}
    [ -e "\${one%/*}/started" ] || [ -n "$(systemctl show -p InvocationID --value -- "$u")" ] || continue
    echo "$at"
  done | sort -n | tail -n 1
}`

const PROPERTIES = [
  'ActiveState,SubState,Result,ExecMainStatus,ExecMainCode,InvocationID',
  'InactiveExitTimestamp,ExecMainStartTimestamp,ExecMainExitTimestamp,StateChangeTimestamp',
].join(',')

const TAIL = `
tail_of() {
  timeout 10 journalctl --sync >/dev/null 2>&1 || :
  journalctl --no-pager -o cat -n ${LINES} --unit="$1" 2>/dev/null | tail -c 32768 | base64 -w0
}`

export async function lookAtUnitRun(run: RunKey, place: Place, call: CallOptions): Promise<RunLook> {
  const steps = [
    TAIL,
    `unit=${quoteWords([runUnit(run)])}`,
    `[ -e "${RUNTIME}/$unit" ] || { echo absent; exit 0; }`,
    `[ ! -e "${RUNTIME}/$unit.d/stopped" ] || echo Stopped=yes`,
    `TZ=UTC systemctl show -p ${PROPERTIES} -- "$unit"`,
    `case $(systemctl show -p SubState --value -- "$unit") in exited | failed | dead) echo "Lines=$(tail_of "$unit")" ;; esac`,
  ]
  const said = await ask(steps, place, call)
  return said.trim() === 'absent' ? { state: 'absent' } : readLook(said)
}

/** What `systemctl show` says of the run's unit. */
export function readLook(said: string): RunLook {
  const shown = new Map(said.split('\n').map((line) => splitAt(line, line.indexOf('='))))
  const of = (name: string): string => shown.get(name) ?? ''
  const startedAt = timeOf(of('ExecMainStartTimestamp')) ?? timeOf(of('InactiveExitTimestamp'))
  const [active, sub] = [of('ActiveState'), of('SubState')]
  const stopped = of('Stopped') === 'yes'
  const isOver = active === 'failed' || (active === 'active' && sub === 'exited') || (active === 'inactive' && stopped)
  if (active === 'inactive' && !stopped && of('InvocationID') === '') return { state: 'absent' }
  const ended = isOver || active === 'inactive'
  if (!ended || !shown.has('Lines'))
    return { state: 'running', startedAt: startedAt ?? timeOf(of('StateChangeTimestamp')) ?? EPOCH }
  const ok = !stopped && of('Result') === 'success' && active !== 'failed'
  const endedAt = timeOf(of('ExecMainExitTimestamp')) ?? timeOf(of('StateChangeTimestamp')) ?? EPOCH
  return {
    ...{ state: 'ended', ok, startedAt: startedAt ?? endedAt, endedAt },
    message: stopped ? 'it was stopped' : resultWords(of('Result'), of('ExecMainStatus')),
    lines: linesOf(of('Lines')),
  }
}

const EPOCH = new Date(0).toISOString()

const splitAt = (line: string, at: number): readonly [string, string] => [line.slice(0, at), line.slice(at + 1)]

/** `Sat 2026-11-21 07:00:01 UTC` */
function timeOf(text: string): string | undefined {
  const at = Date.parse(text.replace(/^\w+ /, ''))
  return Number.isNaN(at) ? undefined : new Date(at).toISOString()
}

function resultWords(result: string, status: string): string {
  if (result === 'success') return 'exit code 0'
  return result === 'exit-code' ? `exit code ${status}` : `${result}${status === '0' ? '' : ` (${status})`}`
}

const linesOf = (base64: string): readonly string[] =>
  Buffer.from(base64, 'base64')
    .toString('utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')

export async function stopUnitRun(run: RunKey, place: Place, call: CallOptions): Promise<readonly string[]> {
  const steps = [
    TAIL,
    `unit=${quoteWords([runUnit(run)])}`,
    `[ -e "${RUNTIME}/$unit" ] || { echo stopped; exit 0; }`,
    `: >"${RUNTIME}/$unit.d/stopped"`,
    'systemctl stop -- "$unit" >/dev/null 2>&1 9>&- || :',
    'echo "stopped $(tail_of "$unit")"',
  ]
  const said = await write(steps, 'stopped', place, { ...call, timeoutMs: STOP_MS })
  return linesOf(said.trim().split(' ')[1] ?? '')
}

export async function clearUnitRun(run: RunKey, place: Place, call: CallOptions): Promise<void> {
  const steps = [
    `unit=${quoteWords([runUnit(run)])}`,
    `[ -e "${RUNTIME}/$unit.d" ] || [ -e "${RUNTIME}/$unit" ] || { echo cleared; exit 0; }`,
    'systemctl stop -- "$unit" >/dev/null 2>&1 9>&- || :',
    'systemctl reset-failed -- "$unit" >/dev/null 2>&1 || :',
    `rm -rf -- "${RUNTIME}/$unit" "${RUNTIME}/$unit.d"`,
    'systemctl daemon-reload 9>&-',
    'echo cleared',
  ]
  await write(steps, 'cleared', place, { ...call, timeoutMs: STOP_MS })
}

export async function listUnitRuns(place: Place, call: CallOptions): Promise<readonly LeftRun[]> {
  const steps = [`for one in ${RUNTIME}/*.d/${MARK}; do [ ! -f "$one" ] || head -n 1 -- "$one"; done`]
  const lines = (await ask(steps, place, call)).split('\n')
  return lines.flatMap((line) => {
    const [, mark = '', , tick = '', digest = ''] = line.split(' ')
    const [install, ...id] = Buffer.from(mark, 'base64').toString('utf8').split(' ')
    return install === place.install && tick !== '' ? [{ id: id.join(' ') as ResourceId, tick, digest }] : []
  })
}

async function ask(steps: readonly string[], { shell }: Place, { signal }: CallOptions): Promise<string> {
  const { code, stdout, stderr } = await runScript(shell, { text: steps.join('\n'), args: ['run'] }, { signal })
  if (code === 0) return stdout.toString('utf8')
  const said = stderr.toString('utf8').trim().slice(-500)
  throw new ReconcileError('TargetRefused', { message: `${shell.where}: the run cannot be looked at: ${said}` })
}

/** Under the lock of the install, as all that is written there (rule 23). */
export async function write(
  steps: readonly string[],
  word: string,
  { shell, install }: Place,
  options: CallOptions & { readonly timeoutMs: number },
): Promise<string> {
  if (!shell.root) {
    throw new ReconcileError('RootRefused', { message: `${shell.where}: it is only looked at, without root` })
  }
  const text = [FUNCTIONS, prelude(install), 'set -eu', ...steps].join('\n')
  const { stdout, stderr } = await runScript(shell, { text, args: ['run'] }, options)
  const said = stdout.toString('utf8')
  if (said.startsWith(word)) return said
  if (said.trim() === 'busy')
    throw new ReconcileError('LeaseHeld', { message: `${shell.where}: ${BUSY}`, retryable: true })
  const why = stderr.toString('utf8').trim().slice(-500)
  throw new ReconcileError('TargetRefused', { message: `${shell.where}: nothing was done: ${why || said}` })
}
