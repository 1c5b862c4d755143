import { quoteWords } from '../../shell/words.ts'
import { RECORDS } from './entry.ts'
import { supervisordQuestion } from './supervisord/facts.ts'
import type { Supervisor } from './supervisord/reach.ts'

/** What one look at a host is about. */
export interface Question {
  readonly units: readonly string[]
  /** With their content where `content` says so. */
  readonly paths: readonly { readonly path: string; readonly content: boolean }[]
  readonly users: readonly string[]
  readonly groups: readonly string[]
  /** Ask supervisord for its states. */
  readonly supervisor?: Supervisor
}

const PROPERTIES = [
  'Id,Names,LoadState,ActiveState,SubState,UnitFileState,NeedDaemonReload,InvocationID,ActiveEnterTimestamp,NRestarts',
  'Result,ExecMainStatus,ExecMainCode,Type,LoadError',
].join(',')

/** sh cannot escape JSON safely: a line is a word and fields in base64, `-` for none. */
const FUNCTIONS = `
b() { base64 -w0; }
w() { printf %s "$1" | base64 -w0; }
denied() {
  d=\${1%/*}
  while [ -n "$d" ]; do
    if [ -d "$d" ]; then [ -x "$d" ] && return 1; return 0; fi
    [ -e "$d" ] && return 1
    d=\${d%/*}
  done
  return 1
}
crosses() {
  d=\${1%/*}
  found=
  while [ -n "$d" ]; do [ -L "$d" ] && found=$d; d=\${d%/*}; done
  printf %s "$found"
}
entry() {
  printf 'path %s ' "$(w "$1")"
  if ! s=$(stat -c '%F|%U|%u|%G|%g|%a|%Y' -- "$1" 2>/dev/null); then
    if denied "$1"; then echo denied; else echo absent; fi
    return
  fi
  printf 'present %s %s' "$(w "$s")" "$(w "$(crosses "$1")")"
  if [ -f "$1" ]; then
    if sum=$(sha256sum <"$1" 2>/dev/null); then
      printf ' %s ' "\${sum%% *}"
      if [ "$2" = content ] && [ "$(stat -Lc %s -- "$1")" -le 1048576 ]; then b <"$1"; fi
    else
      printf ' denied'
    fi
  fi
  echo
}
unit() {
  entry "/etc/systemd/system/$1" content
  if [ -d "/etc/systemd/system/$1.d" ]; then
    for f in "/etc/systemd/system/$1.d"/*.conf; do [ -e "$f" ] && entry "$f" content; done
  fi
}
user() {
  p=$(getent passwd -- "$1") || { printf 'user %s absent\\n' "$(w "$1")"; return; }
  printf 'user %s present %s %s %s\\n' "$(w "$1")" "$(w "$p")" "$(id -gn -- "$1" | b)" "$(id -Gn -- "$1" | b)"
}
group() {
  g=$(getent group -- "$1") || { printf 'group %s absent\\n' "$(w "$1")"; return; }
  printf 'group %s present %s\\n' "$(w "$1")" "$(w "$g")"
}
records() {
  [ -d ${RECORDS} ] || return
  [ -x ${RECORDS} ] && [ -r ${RECORDS} ] || { echo 'records denied'; return; }
  for d in ${RECORDS}/*/; do
    [ -d "$d" ] || continue
    n=\${d%/}
    printf 'records present %s %s %s %s\\n' "$(w "\${n##*/}")" \\
      "$(cat "$d"owned/*.json 2>/dev/null | b)" \\
      "$(cd "$d"owned 2>/dev/null && grep -H . ./*.run /dev/null 2>/dev/null | b)" \\
      "$(b 2>/dev/null <"$d"record.json)"
  done
}
machine() {
  printf 'machine %s %s %s %s %s %s\\n' "$(w "$(id -u)")" "$(b </etc/machine-id)" "$(b </etc/os-release)" \\
    "$(stat -fc %T /sys/fs/cgroup | b)" "$(df -Pk / /etc /var/lib 2>/dev/null | b)" "$(b </proc/meminfo)"
}
`

/** Reads only. A template is no unit that systemd would show. */
export function factsScript({ units, paths, users, groups, supervisor }: Question): string {
  const shown = units.filter((name) => !isTemplate(name))
  return [
    FUNCTIONS,
    'machine',
    'records',
    ...(shown.length > 0
      ? [`printf 'show %s\\n' "$(systemctl show --timestamp=unix -p ${PROPERTIES} -- ${quoteEach(shown)} 2>&1 | b)"`]
      : []),
    ...units.map((name) => `unit ${quoteEach([name])}`),
    ...units
      .filter(isTemplate)
      .map(
        (name) =>
          `printf 'enabled %s %s\\n' "$(w ${quoteEach([name])})" "$(systemctl is-enabled -- ${quoteEach([name])} 2>/dev/null | b)"`,
      ),
    ...paths.map(({ path, content }) => `entry ${quoteEach([path])} ${content ? 'content' : 'plain'}`),
    ...users.map((name) => `user ${quoteEach([name])}`),
    ...groups.map((name) => `group ${quoteEach([name])}`),
    ...(supervisor ? [supervisordQuestion(supervisor), 'supervisord'] : []),
    'echo end',
  ].join('\n')
}

const isTemplate = (unit: string): boolean => /@\.[a-z]+$/.test(unit)

const quoteEach = (words: readonly string[]): string => quoteWords(words)
