import { quoteWords } from '../../shell/words.ts'
import { ACCOUNT_FUNCTIONS } from './account-script.ts'
import { RECORDS } from './entry.ts'
import { PATH_FUNCTIONS } from './path-script.ts'
import type { ProgramStep } from './supervisord/steps.ts'

/** What one change does on the host, in words of the script below; each list of steps stops at the first that fails. */
export interface ChangeScript {
  /** Preconditions, intent and files. */
  readonly first: readonly string[]
  readonly daemonReload: boolean
  /** After systemd has read the files: what starts and stops, and the entry last. */
  readonly last: readonly string[]
  /** Places in the script of what it comes after: where one of them fails, nothing of this is done. */
  readonly after?: readonly number[]
  /** What is told to supervisord; these changes come after all others of the stage. */
  readonly programs?: readonly ProgramStep[]
}

export const FUNCTIONS = `${PATH_FUNCTIONS}${ACCOUNT_FUNCTIONS}
b() { base64 -w0; }
# note <key> <entry as base64>
note() { save "$base/owned/$1.json" "$2"; }
intend() { [ -f "$base/owned/$1.json" ] || note "$1" "$2"; }
forget() { rm -f -- "$base/owned/$1.json" "$base/owned/$1.run"; }
ran() {
  i=$(systemctl show -p InvocationID --value -- "$2")
  save "$base/owned/$1.run" "$(printf '%s\\n' "$i" | b)"
}
draft() { mkdir -p -- "$work/$1.d"; printf %s "$3" | base64 -d >"$work/$2"; }
# verify <unit>: what systemd says of the draft counts, not its exit code
verify() {
  said=$(SYSTEMD_UNIT_PATH="$work:" systemd-analyze verify --man=no --recursive-errors=no -- "$work/$1" 2>&1 || :)
  said=$(printf '%s\\n' "$said" | grep -F -e "$1" | sed "s|$work|/etc/systemd/system|g" || :)
  [ -z "$said" ] || { printf '%s\\n' "$said" >&2; exit 7; }
}
act() {
  verb=$1
  shift
  timeout 120 systemctl "$verb" -- "$1" && return 0
  case $verb in start | restart) journalctl -u "$1" -n 20 --no-pager -o cat >&2 ;; esac
  return 1
}
# some programs end when they are told to reload
reload() {
  timeout 60 systemctl reload -- "$1" || { act restart "$1"; return; }
  sleep 1
  systemctl is-active --quiet -- "$1" || act restart "$1"
}
told() { printf '%s %s %s %s\\n' "$1" "$2" "$3" "$(printf %s "$said" | tail -c 4000 | b)"; }
`

/** One script for a stage: files of all, one daemon-reload, then what starts. A change that fails stops only itself. */
export function applyScript(install: string, changes: readonly ChangeScript[]): string {
  const reload = changes.some(({ daemonReload }) => daemonReload)
  return [
    FUNCTIONS,
    prelude(install),
    ...changes.flatMap(({ first, after = [] }, at) => inTurn(at, after, part('first', at, first))),
    ...(reload ? ['said=$(systemctl daemon-reload 2>&1) || told reload 0 1'] : []),
    ...changes.flatMap(({ last, after = [] }, at) => [
      `[ "$ok${at}" -ne 0 ] || {`,
      ...inTurn(at, after, part('last', at, last)),
      '}',
    ]),
    'echo end',
  ].join('\n')
}

/** Where writes are serial: one of an install at a time (rule 23). */
export function prelude(install: string): string {
  return `
base=${RECORDS}/${quoteWords([install])}
mkdir -p -m 0700 -- ${RECORDS} "$base" "$base/owned" "$base/previous" || { echo full; exit 0; }
base=$(cd -P -- "$base" && pwd -P)
exec 9>"$base/lock"
flock -w 60 9 || { echo busy; exit 0; }
top=$(mktemp -d -- /run/swarmkeeper.XXXXXXXXXX) || { echo full; exit 0; }
trap 'rm -rf -- "$top"' EXIT
work=$top/w
mkdir -- "$work"`
}

/** A unit does not start with the file that could not be written for it. */
const inTurn = (at: number, after: readonly number[], lines: readonly string[]): readonly string[] =>
  after.length === 0
    ? lines
    : [
        `if [ "${after.map((before) => `$ok${before}`).join('')}" = ${'0'.repeat(after.length)} ]; then`,
        ...lines,
        `else ok${at}=10 said='nothing was done: what it comes after failed'; told first ${at} 10; fi`,
      ]

/**
 * What it says is kept in a variable: a full disk has no room for it. The subshell stands alone: where its end is asked for
 * by `||`, `set -e` does nothing.
 */
const part = (name: string, at: number, steps: readonly string[]): readonly string[] => [
  'said=$( {',
  'set -eu',
  ...(name === 'first' ? ['rm -rf -- "$work"', 'mkdir -- "$work"'] : []),
  ...steps,
  '} 2>&1 >/dev/null 9>&- )',
  'code=$?',
  `ok${at}=$code`,
  `told ${name} ${at} $code`,
]
