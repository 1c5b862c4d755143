import { ReconcileError } from '../../model/error.ts'
import type { CallOptions, TargetFinding } from '../../model/target.ts'
import { runScript } from '../../shell/script.ts'
import type { Shell } from '../../shell/shell.ts'
import { RECORDS } from './entry.ts'
import type { Place } from './look-at.ts'
import { readSupervisord, supervisordQuestion } from './supervisord/facts.ts'

/** Programs that the scripts start there, beside those of sh: of coreutils, util-linux, libc-bin, systemd, findutils, sed, grep. */
const TOOLS =
  'base64 cat chmod chown cut date dd df find flock getent grep groups head id journalctl ls mkdir mktemp mv rm sed ' +
  'sha256sum stat sync systemctl systemd-analyze tail timeout'

const SCRIPT = `
w() { printf %s "$1" | base64 -w0; }
missing=
for tool in ${TOOLS}; do command -v "$tool" >/dev/null || missing="$missing $tool"; done
hidden=
[ ! -d ${RECORDS} ] || [ -r ${RECORDS} ] || hidden=${RECORDS}
printf 'host %s %s %s %s %s %s %s\\n' "$(w "$(id -u)")" "$(w "$(id -un)")" "$(w "$missing")" "$(w "$hidden")" \\
  "$(w "$(systemctl --version 2>/dev/null)")" "$(w "$(systemctl is-system-running 2>&1)")" \\
  "$(w "$(df -Pk /var/lib 2>/dev/null; df -Pi /var/lib 2>/dev/null)")"
`

/** Asks once, and changes nothing. */
export async function examineHost(
  { shell, supervisor }: Place,
  { signal }: CallOptions,
): Promise<readonly TargetFinding[]> {
  const text = [SCRIPT, supervisordQuestion(supervisor), 'supervisord'].join('\n')
  const { code, stdout, stderr } = await runScript(shell, { text, args: ['look'] }, { signal })
  if (code === 0) return readExamination(stdout.toString('utf8'), shell)
  const message = `${shell.where}: it cannot be examined: ${stderr.toString('utf8').trim().slice(-500)}`
  throw new ReconcileError('TargetRefused', { message })
}

/** What the script printed, as findings. */
export function readExamination(text: string, shell: Pick<Shell, 'root'>): readonly TargetFinding[] {
  const lines = text.split('\n').map((line) => line.split(' '))
  const of = (word: string) => lines.find(([first]) => first === word)?.slice(1)
  const [uid = '', user = '', missing = '', hidden = '', systemd = '', state = '', disk = ''] = (of('host') ?? []).map(
    (field) => Buffer.from(field, 'base64').toString('utf8').trim(),
  )
  return [
    rootOf({ uid, user, hidden }, shell),
    ...toolsOf(missing),
    systemdOf(systemd, state),
    ...diskOf(disk),
    ...supervisordOf(of('supervisord')),
  ]
}

interface Who {
  readonly uid: string
  readonly user: string
  readonly hidden: string
}

function rootOf({ uid, user, hidden }: Who, { root }: Pick<Shell, 'root'>): TargetFinding {
  const subject = 'root'
  if (uid === '0') return { subject, level: 'ok', message: 'commands run as root' }
  const blind = hidden === '' ? '' : `, and ${hidden} cannot be read: whose anything there is stays unknown`
  const message = `commands run as ${user}, who is not root: it is observed only${blind}`
  const todo = root
    ? 'its sudo becomes somebody else: let it become root'
    : 'give the Host `become: sudo`, and its user the right to it: `USER ALL=(ALL) NOPASSWD: ALL` in /etc/sudoers.d'
  return { subject, level: 'warning', message, todo }
}

function toolsOf(missing: string): readonly TargetFinding[] {
  if (missing === '') return []
  return [{ subject: 'programs', level: 'error', message: `not found there: ${missing}`, todo: 'install them' }]
}

function systemdOf(version: string, state: string): TargetFinding {
  const subject = 'systemd'
  const [, number] = /^systemd (\d+)/.exec(version) ?? []
  if (number === undefined || state === 'offline') {
    const what = number === undefined ? 'there is no systemd' : `systemd ${number} is not what booted it`
    return { subject, level: 'warning', message: `${what}: units cannot be declared there` }
  }
  const message = `systemd ${number}, ${state}`
  if (state !== 'degraded') return { subject, level: 'ok', message }
  return { subject, level: 'warning', message, todo: '`systemctl --failed` there names what failed' }
}

const LEAST_KB = 200 * 1024
const LEAST_INODES = 1_000

/** Lines of df(1), by size and by number of files: what cannot be written cannot be recorded. */
function diskOf(text: string): readonly TargetFinding[] {
  const subject = 'disk'
  const [size, files] = text.split('\n').filter((line) => /\s\d+%\s|\s-\s/.test(line))
  const freeKb = Number(size?.trim().split(/\s+/)[3])
  const freeFiles = Number(files?.trim().split(/\s+/)[3])
  if (Number.isNaN(freeKb)) return [{ subject, level: 'warning', message: 'it does not tell how full /var/lib is' }]
  const mebibytes = Math.floor(freeKb / 1024)
  const todo = 'make room: an apply that finds none there changes nothing'
  if (freeKb < LEAST_KB) return [{ subject, level: 'warning', message: `${mebibytes} MiB free at /var/lib`, todo }]
  if (freeFiles > 0 && freeFiles < LEAST_INODES) {
    return [{ subject, level: 'warning', message: `room for ${freeFiles} more files at /var/lib`, todo }]
  }
  return [{ subject, level: 'ok', message: `${mebibytes} MiB free at /var/lib` }]
}

/** Where there is none, there is nothing to say. */
function supervisordOf(fields: readonly string[] | undefined): readonly TargetFinding[] {
  if (fields === undefined || fields[0] === 'none') return []
  const said = readSupervisord(fields)
  const subject = 'supervisord'
  if (typeof said !== 'string') {
    return [{ subject, level: 'ok', message: `answers, with ${said.processes.length} processes` }]
  }
  const todo = 'start it, or say in the Host document under `supervisor` where it answers'
  return [{ subject, level: 'warning', message: said, todo }]
}
