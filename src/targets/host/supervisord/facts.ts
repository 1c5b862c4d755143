import { quoteWords } from '../../../shell/words.ts'
import { type Supervisor, socketOf } from './reach.ts'

/** What a look says of supervisord itself. */
export interface SupervisordFacts {
  /** Seconds since 1970; of this very start of it. */
  readonly started: number
  /** Of the host's clock, when it was asked. */
  readonly now: number
  readonly processes: readonly ProcessFact[]
  /** Groups of which it has read a configuration; in use or not. */
  readonly available: ReadonlySet<string>
}

export interface ProcessFact {
  readonly group: string
  readonly name: string
  readonly statename: string
  /** Of one that runs. */
  readonly pid?: string
  /** Seconds since 1970, of one that runs. */
  readonly since?: number
  /** Why it does not run, in supervisord's words; without what varies. */
  readonly why?: string
}

/**
 * Words of the facts script. Its own client asks, once for the states and once for what it has read: exit codes 0 and 3 are
 * answers (supervisor supervisorctl.py). A restart of supervisord, also one from within, makes its socket anew.
 */
export function supervisordQuestion(supervisor: Supervisor): string {
  const { config, server, login } = supervisor
  const socket = socketOf(supervisor)
  const conf = login
    ? `c=$(mktemp) && trap 'rm -f -- "$c"' EXIT && ${writeClientConfig(server, login)} >"$c"`
    : `c=${quoteWords([config])}`
  const started =
    socket === undefined
      ? 'p=$(supervisorctl -c "$c" pid 2>/dev/null) && t=$(stat -c %Y -- "/proc/$p" 2>/dev/null)'
      : `t=$(stat -c %.9Y -- ${quoteWords([socket])} 2>/dev/null)`
  return `
supervisord() {
  command -v supervisorctl >/dev/null || { echo 'supervisord none'; return; }
  ${conf}
  t=
  s=$(timeout 20 supervisorctl -c "$c" status 2>/dev/null) && code=0 || code=$?
  case $code in 0 | 3) ;; *) printf 'supervisord %s %s\\n' "$code" "$(w "$s")"; return ;; esac
  a=$(timeout 20 supervisorctl -c "$c" avail 2>/dev/null)
  ${started}
  printf 'supervisord 0 %s %s %s %s\\n' "$(w "$s")" "$(w "$a")" "$(w "$t")" "$(date +%s)"
}
`
}

/** Not in the words of a command, where everybody could read it. */
function writeClientConfig(server: string, { username, password }: NonNullable<Supervisor['login']>): string {
  const of = (text: string) => text.replaceAll('%', '%%')
  const lines = [
    '[supervisorctl]',
    `serverurl=${server}`,
    `username=${of(username)}`,
    `password=${of(password.revealText())}`,
  ]
  return `printf '%s\\n' ${quoteWords(lines)}`
}

/** A string says why it cannot be known. */
export function readSupervisord(fields: readonly string[] | undefined): SupervisordFacts | string {
  const [code, status = '', available = '', started = '', now = ''] = fields ?? []
  if (code === undefined || code === 'none') return 'supervisord is not installed there'
  if (code !== '0') return `supervisord does not answer: ${text64(status).trim().slice(0, 300) || `exit code ${code}`}`
  const seconds = Number(now)
  return {
    started: Number(text64(started)),
    now: seconds,
    processes: linesOf(text64(status)).map((line) => processOf(line, seconds)),
    available: new Set(linesOf(text64(available)).map((line) => nameOf(line).group)),
  }
}

const text64 = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8')
const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line.trim() !== '')

/** `group:name`, or one word for both (supervisor options.py `make_namespec`). */
function nameOf(line: string): { readonly group: string; readonly name: string } {
  const [word = ''] = line.split(/\s/, 1)
  const [group = '', name = group] = word.split(':')
  return { group, name }
}

const LINE = /^\S+\s+(\S+)\s*(.*)$/
const RUNS = /^pid (\d+), uptime (?:(\d+) days?, )?(\d+):(\d+):(\d+)$/

function processOf(line: string, now: number): ProcessFact {
  const [, statename = 'UNKNOWN', said = ''] = LINE.exec(line) ?? []
  const [, pid, days = '0', hours = '0', minutes = '0', seconds = '0'] = RUNS.exec(said) ?? []
  if (pid === undefined) {
    const why = ['FATAL', 'BACKOFF'].includes(statename) ? { why: said } : {}
    return { ...nameOf(line), statename, ...why }
  }
  const uptime = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)
  return { ...nameOf(line), statename, pid, since: now - uptime }
}
