import { quoteWords } from '../../shell/words.ts'
import { ACCOUNT_FUNCTIONS } from './account-script.ts'
import { BULK_FUNCTIONS } from './bulk-script.ts'
import { RECORDS } from './entry.ts'
import { PATH_FUNCTIONS } from './path-script.ts'
import type { ProgramStep } from './supervisord/steps.ts'

/** What one change does on the host, in words of the script below; each list of steps stops at the first that fails. */
export interface ChangeScript {
  /** What must be so before anything is intended. */
  readonly checks?: readonly string[]
  /** What systemd is to say nothing against, before anything is intended. */
  readonly draft?: Draft
  /** What the record is told before anything is done. */
  readonly intends?: Note
  /** Preconditions, intent and files. */
  readonly first: readonly string[]
  /** Files that are written after `first`. */
  readonly lays?: readonly Lay[]
  readonly daemonReload: boolean
  /** What systemd is told after it has read the files: verb and unit. */
  readonly acts?: readonly (readonly [verb: string, unit: string])[]
  /** After `acts`: what starts and stops, and the entry last. */
  readonly last: readonly string[]
  /** A file that is there afterwards and stands in no lay. */
  readonly brings?: string
  /** What the record is told when all is done. */
  readonly notes?: Note
  /** Places in the script of what it comes after: where one of them fails, nothing of this is done. */
  readonly after?: readonly number[]
  /** What is told to supervisord; these changes come after all others of the stage. */
  readonly programs?: readonly ProgramStep[]
}

interface Draft {
  readonly unit: string
  /** Undefined: as the package of the unit has it. */
  readonly file: string | undefined
  /** By the name of the drop-in. */
  readonly dropIns: Readonly<Record<string, string>>
}

export interface Note {
  readonly key: string
  /** Without its end. */
  readonly line: string
  /** The unit of which the start is noted as well. */
  readonly run?: string
}

export interface Lay {
  readonly path: string
  readonly mode: string
  readonly owner: string
  readonly keep: number
  readonly content: string | Uint8Array
}

export const FUNCTIONS = `${PATH_FUNCTIONS}${ACCOUNT_FUNCTIONS}${BULK_FUNCTIONS}
b() { base64 -w0; }
# note <key> <entry as base64>
note() { save "$base/owned/$1.json" "$2"; }
intend() { [ -f "$base/owned/$1.json" ] || note "$1" "$2"; }
forget() { rm -f -- "$base/owned/$1.json" "$base/owned/$1.run"; }
ran() {
  i=$(systemctl show -p InvocationID --value -- "$2")
  save "$base/owned/$1.run" "$(printf '%s\\n' "$i" | b)"
}
# unforeseen: without the complaint that a program is missing which is brought here right after
unforeseen() { if [ -n "$coming" ]; then grep -v -F -e "$coming" || :; else cat; fi; }
# about <unit>: lines that name it, whole; a template goes by the name of an instance that systemd makes up
about() {
  one=$(printf %s "$1" | sed 's/[.\\\\]/\\\\&/g; s/@\\\\\\./@[^[:space:]]*\\\\./')
  grep -E "(^|[^[:alnum:]:_.@-])$one([^[:alnum:]_@-]|$)" || :
}
# verify <unit>: what systemd says of the draft counts, not its exit code
verify() {
  rm -rf -- "$work"
  mkdir -- "$work"
  cp -- "$all/$1" "$work"
  [ ! -d "$all/$1.d" ] || cp -R -- "$all/$1.d" "$work"
  said=$(SYSTEMD_UNIT_PATH="$work:$all:" systemd-analyze verify --man=no -- "$work/$1" 2>&1 | unforeseen)
  said=$(printf '%s\\n' "$said" | about "$1" | sed "s|$work|/etc/systemd/system|g")
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
told() {
  if [ -z "$said" ]; then printf '%s %s %s \\n' "$1" "$2" "$3"
  else printf '%s %s %s %s\\n' "$1" "$2" "$3" "$(printf %s "$said" | tail -c 4000 | b)"; fi
}
`

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
work=$top/w all=$top/all
mkdir -- "$all"`
}
