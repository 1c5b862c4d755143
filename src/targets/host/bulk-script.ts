/**
 * Words of the apply script that do for all changes of a stage at once what would cost each a dozen processes. They are
 * tried first, and may fail as a whole: what they did not do, each change does by itself, and says what is wrong with it.
 */
export const BULK_FUNCTIONS = `
# stock <folder>: $stock is a folder of root's in one that is root's alone, as is all above it: nobody can exchange what lies
# there. It is empty otherwise.
stock() {
  stock=
  cd -P -- "$1/" 2>/dev/null || return 0
  set -- "$1" /
  d=$1
  while [ -n "$d" ]; do set -- "$@" "$d"; d=\${d%/*}; done
  lies=$1
  shift
  if [ "$PWD" = "$lies" ] && solely "$@"; then
    sweep
    stock=$(mktemp -d -- "$lies/.swarmkeeper.XXXXXXXXXX" 2>/dev/null) || stock=
  fi
  cd /
}
solely() {
  n=0
  for one in $(stat -c '%u:%a' -- "$@" 2>/dev/null); do
    case $one in *[2367]? | *[2367]) return 1 ;; 0:*) n=$((n + 1)) ;; *) return 1 ;; esac
  done
  [ "$n" -eq $# ]
}
# lay <path> <mode> <owner[:group]> <keep> <what is in stock> <content as base64> [<or as it is>]
lay() {
  if [ ! -f "$5" ]; then
    put "$1" "$2" "$3" "$4" "$6" "\${7-}"
    return
  fi
  enter "$1"
  new=$5
  if [ -e "$at" ] || [ -L "$at" ]; then keep "$1" "$4"; fi
  mv -fT -- "$5" "$at"
  cd /
}
# draft <unit or its drop-in> <text>
draft() {
  case $1 in */*) mkdir -p -- "$all/\${1%/*}" ;; esac
  printf %s "$2" >"$all/$1"
}
# sounds <draft of a unit>...: systemd says nothing of any of them
sounds() {
  faults=$(SYSTEMD_UNIT_PATH="$all:" systemd-analyze verify --man=no -- "$@" 2>&1 | unforeseen)
  [ -n "$faults" ] || return 0
  for unit in "$@"; do
    unit=\${unit##*/}
    case $unit in *@.*) unit=\${unit%%@.*}@ ;; esac
    case $faults in *"$unit"*) return 1 ;; esac
  done
}
# pend <name> <line>: into the record, with all others, by saved
pend() { printf '%s\\n' "$2" >"$base/.pending/$1"; }
intending() { [ -f "$base/owned/$1.json" ] || pend "$1.json" "$2"; }
saving() { rm -rf -- "$base/.pending" && mkdir -- "$base/.pending"; }
saved() {
  set -- "$base/.pending"/*
  [ -e "$1" ] || return 0
  sync -- "$@" && mv -f -t "$base/owned" -- "$@" && sync -- "$base/owned"
}
# runs <key> <unit> ...: which start each runs by
runs() {
  keys= n=$#
  while [ "$n" -gt 0 ]; do
    keys="$keys $1"
    set -- "$@" "$2"
    shift 2
    n=$((n - 2))
  done
  [ $# -gt 0 ] || return 0
  blocks=$(systemctl show -p Id,InvocationID -- "$@" && echo) || return 1
  set -- $keys
  i=
  while [ $# -gt 0 ] && IFS= read -r line; do
    case $line in
      InvocationID=*) i=\${line#*=} ;;
      '') pend "$1.run" "$i" || return 1; i= ; shift ;;
    esac
  done <<.
$blocks

.
  [ $# -eq 0 ]
}
# begin <start|restart> <unit>...: all at once; $begun says that all of them did, else $unbegun what systemd says of some
begin() {
  begun=yes named=
  [ $# -gt 1 ] || return 0
  verb=$1
  shift
  unbegun=$(timeout 300 systemctl "$verb" -- "$@" 2>&1) && return 0
  ended=$? begun=
  for one in "$@"; do
    case $unbegun in *"$one"*) named=yes ;; esac
  done
}
# began <start|restart> <unit>: whether this one is among those that begun
began() {
  [ -z "$begun" ] || return 0
  faults=$(printf '%s\\n' "$unbegun" | grep -E "(^|[^[:alnum:]:_.@-])$(printf %s "$2" | sed 's/[.\\\\]/\\\\&/g')([^[:alnum:]_@-]|$)" || :)
  if [ -z "$faults" ]; then
    [ -z "$named" ] || [ "$ended" -eq 124 ] || return 0
    systemctl is-active --quiet -- "$2" && return 0
    faults="systemctl $1 $2 ended with $ended: $(printf %s "$unbegun" | tail -n 1)"
  fi
  printf '%s\\n' "$faults" >&2
  journalctl -u "$2" -n 20 --no-pager -o cat >&2
  return 1
}
`
