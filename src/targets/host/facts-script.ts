import { groupBy } from '../../lib/group-by.ts'
import { quoteWords } from '../../shell/words.ts'
import { RECORDS } from './entry.ts'
import { supervisordQuestion } from './supervisord/facts.ts'
import type { Supervisor } from './supervisord/reach.ts'

/** What one look at a host is about. */
export interface Question {
  readonly units: readonly string[]
  /** With their content where `content` says so. */
  readonly paths: readonly PathQuestion[]
  readonly users: readonly string[]
  readonly groups: readonly string[]
  /** Ask supervisord for its states. */
  readonly supervisor?: Supervisor
}

interface PathQuestion {
  readonly path: string
  readonly content: boolean
  /** What a symlink leads to is meant. Otherwise nothing is read through one; absent: the folder is the system's own. */
  readonly symlinks?: 'refuse' | 'follow'
}

/** Of a larger file the content is not read. */
export const MOST_BYTES = 1_048_576

const PROPERTIES = [
  'Id,Names,LoadState,ActiveState,SubState,UnitFileState,NeedDaemonReload,InvocationID,ActiveEnterTimestamp,NRestarts',
  'Result,ExecMainStatus,ExecMainCode,Type,LoadError',
].join(',')

/**
 * sh cannot escape JSON safely: a line is a word and fields in base64. Starting a program costs more than all that sh does
 * itself, so each asks about many things at once; their answers stand one after the other, ended by NUL. A function at
 * the end of a pipe would be one process more.
 */
const FUNCTIONS = `
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
missing() {
  for p in "$@"; do
    if [ -e "$p" ] || [ -L "$p" ]; then continue; fi
    if denied "$p"; then s=denied; elif [ -d "\${p%/*}/" ]; then s=absent; else s=nowhere; fi
    printf '%s %s\\0' "$s" "$p"
  done
}
crossing() {
  for p in "$@"; do
    found=
    d=\${p%/*}
    while [ -n "$d" ]; do [ -L "$d" ] && found=$d; d=\${d%/*}; done
    [ -z "$found" ] || printf '%s\\0%s\\0' "$p" "$found"
  done
}
# paths <content|plain> <path>...: each part of the answer ends with an empty word, and contents stand last
paths() {
  how=$1
  shift
  printf 'many %s %s\\n' "$how" "$({
    stat --printf '%F|%U|%u|%G|%g|%a|%Y|%n\\0' -- "$@"
    printf '\\0'
    missing "$@"
    printf '\\0'
    crossing "$@"
    printf '\\0'
    for p in "$@"; do
      shift
      [ ! -f "$p" ] || set -- "$@" "$p"
    done
    [ $# -eq 0 ] || sha256sum -z -- "$@"
    printf '\\0'
    [ $# -eq 0 ] || stat -L --printf '%s|%n\\0' -- "$@"
    printf '\\0'
    [ "$how" = plain ] || [ $# -eq 0 ] || head -q -c ${MOST_BYTES} -- "$@"
  } 2>/dev/null | base64 -w0)"
}
# straight <path>: through no symlink, and none itself
straight() {
  d=$1
  while [ -n "$d" ]; do
    [ ! -L "$d" ] || return 1
    d=\${d%/*}
  done
}
inside() {
  (
    cd -P -- "\${1%/*}/" && [ "$PWD" = "\${1%/*}" ] &&
      exec timeout 60 dd if="./\${1##*/}" iflag=nofollow,nonblock bs=1M status=none
  ) 2>/dev/null
}
# content <content|plain> <path> <how to read it>
content() {
  if [ ! -r "$2" ]; then
    printf '  %s' "$(printf '0|%s\\0' "$2" | base64 -w0)"
  else
    s=$("$3" "$2" | sha256sum)
    printf ' %s %s' "$(printf '%s  %s\\0' "\${s%% *}" "$2" | base64 -w0)" "$(stat -L --printf '%s|%n\\0' -- "$2" 2>/dev/null | base64 -w0)"
    [ "$1" = plain ] || printf ' %s' "$("$3" "$2" | head -c ${MOST_BYTES} | base64 -w0)"
  fi
}
led() { cat -- "$1" 2>/dev/null; }
# follow <content|plain> <path>...: what they lead to
follow() {
  how=$1
  shift
  for p in "$@"; do
    printf 'paths %s %s ' "$(stat -L --printf '%F|%U|%u|%G|%g|%a|%Y|%n\\0' -- "$p" 2>/dev/null | base64 -w0)" "$(missing "$p" | base64 -w0)"
    [ ! -f "$p" ] || content "$how" "$p" led
    echo
  done
}
# isGuarded <folder>: nobody but root can put anything else in its place, or in it, or in the place of a folder above it. One
# stat tells all of an entry at once: between two questions its owner could exchange it.
guarded=
isGuarded() {
  [ "$1" != "$guarded" ] || return 0
  folder=$1
  above=$1
  set --
  while [ -n "$above" ]; do
    set -- "$above" "$@"
    above=\${above%/*}
  done
  stat --printf '%F|%u|%a\\n' -- / "$@" 2>/dev/null | {
    left=$#
    while IFS='|' read -r type uid mode; do
      [ "$type:$uid" = directory:0 ] || exit 1
      case $mode in
        [1357]???) [ "$left" -gt 0 ] || exit 1 ;;
        *[2367] | *[2367]?) exit 1 ;;
      esac
      left=$((left - 1))
    done
    [ "$left" -eq -1 ]
  } || return 1
  guarded=$folder
}
# refuse <content|plain> <path>...: nothing is read through a symlink; whoever owns the folder could put one there meanwhile
refuse() {
  how=$1
  shift
  for p in "$@"; do
    shift
    d=\${p%/*}
    case $p in
      /etc/systemd/system/*) set -- "$@" "$p"; continue ;;
    esac
    if isGuarded "$d" && [ ! -L "$p" ]; then
      set -- "$@" "$p"
      continue
    fi
    printf 'paths %s %s %s' "$(stat --printf '%F|%U|%u|%G|%g|%a|%Y|%n\\0' -- "$p" 2>/dev/null | base64 -w0)" \\
      "$(missing "$p" | base64 -w0)" "$(crossing "$p" | base64 -w0)"
    [ ! -f "$p" ] || ! straight "$p" || content "$how" "$p" inside
    echo
  done
  [ $# -eq 0 ] || paths "$how" "$@"
}
# units <how many> <name>... <path>...: files of units and of their drop-ins, and others with their content
units() {
  n=$1
  shift
  while [ "$n" -gt 0 ]; do
    u=$1
    shift
    set -- "$@" "/etc/systemd/system/$u"
    for f in "/etc/systemd/system/$u.d"/*.conf; do [ ! -e "$f" ] || set -- "$@" "$f"; done
    n=$((n - 1))
  done
  refuse content "$@"
}
# groups(1) says 'name : group ...', the own one first
users() { printf 'users %s\\n' "$({ getent passwd -- "$@"; printf '\\0'; groups -- "$@"; } 2>/dev/null | base64 -w0)"; }
members() { printf 'groups %s\\n' "$(getent group -- "$@" | base64 -w0)"; }
records() {
  [ -d ${RECORDS} ] || return
  [ -x ${RECORDS} ] && [ -r ${RECORDS} ] || { echo 'records denied'; return; }
  for d in ${RECORDS}/*/; do
    [ -d "$d" ] || continue
    d=\${d%/}
    printf 'records present %s\\n' "$({
      printf '%s\\0' "\${d##*/}"
      cd "$d/owned" && grep -aH . ./*.json ./*.run /dev/null
      printf '\\0'
      [ ! -f "$d/record.json" ] || cat "$d/record.json"
    } 2>/dev/null | base64 -w0)"
  done
}
first() {
  n=0
  while [ "$n" -lt "$1" ] && { IFS= read -r line || [ -n "$line" ]; }; do
    printf '%s\\n' "$line"
    n=$((n + 1))
  done
}
machine() {
  printf 'machine %s\\n' "$({
    id -u
    printf '\\0'
    first 1 </etc/machine-id
    printf '\\0'
    first 50 </etc/os-release
    printf '\\0'
    [ ! -e /sys/fs/cgroup/cgroup.controllers ] || echo cgroup2fs
    printf '\\0'
    df -Pk / /etc /var/lib
    printf '\\0'
    first 3 </proc/meminfo
  } 2>/dev/null | base64 -w0)"
}
`

/** So many things are asked for at once, where their names are not very long. */
const MOST_AT_ONCE = 200
const MOST_LETTERS = 16_384

/** Reads only. A template is no unit that systemd would show. `most`: things that one command is asked about. */
export function factsScript({ units, paths, users, groups, supervisor }: Question, most = MOST_AT_ONCE): string {
  const shown = units.filter((name) => !isTemplate(name))
  const [withUnits, texts] = [chunks(units, most), chunks(paths.filter(isText).map(pathOf), most)]
  const others = groupBy(
    paths.filter((one) => !isText(one)),
    wordsFor,
  )
  return [
    FUNCTIONS,
    'machine',
    'records',
    ...chunks(shown, MOST_AT_ONCE).map(
      (names) =>
        `printf 'show %s\\n' "$(TZ=UTC systemctl show -p ${PROPERTIES} -- ${quoteEach(names)} 2>&1 | base64 -w0)"`,
    ),
    ...withUnits.map((names, at) => `units ${names.length} ${quoteEach([...names, ...(texts[at] ?? [])])}`),
    ...units
      .filter(isTemplate)
      .map(
        (name) =>
          `printf 'enabled %s %s\\n' "$(w ${quoteEach([name])})" "$(systemctl is-enabled -- ${quoteEach([name])} 2>/dev/null | base64 -w0)"`,
      ),
    ...texts.slice(withUnits.length).map((some) => `${TEXTS} ${quoteEach(some)}`),
    ...[...others].flatMap(([words, asked]) =>
      chunks(asked.map(pathOf), most).map((some) => `${words} ${quoteEach(some)}`),
    ),
    ...chunks(users, most).map((names) => `users ${quoteEach(names)}`),
    ...chunks(groups, most).map((names) => `members ${quoteEach(names)}`),
    ...(supervisor ? [supervisordQuestion(supervisor), 'supervisord'] : []),
    'echo end',
  ].join('\n')
}

const TEXTS = 'refuse content'
const isText = (asked: PathQuestion): boolean => wordsFor(asked) === TEXTS
const pathOf = ({ path }: PathQuestion): string => path
const wordsFor = ({ symlinks, content }: PathQuestion): string =>
  `${symlinks ?? 'paths'} ${content ? 'content' : 'plain'}`

function chunks(all: readonly string[], most: number): readonly (readonly string[])[] {
  const made: string[][] = []
  let letters = 0
  for (const one of all) {
    const last = made.at(-1)
    letters += one.length
    if (last && last.length < most && letters < MOST_LETTERS) last.push(one)
    else {
      made.push([one])
      letters = one.length
    }
  }
  return made
}

const isTemplate = (unit: string): boolean => /@\.[a-z]+$/.test(unit)

const quoteEach = (words: readonly string[]): string => quoteWords(words)
