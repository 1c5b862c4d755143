/**
 * Words of the apply script for what stands at a path. They work within a folder that was entered, never on a whole path:
 * whoever owns a folder on the way can put a symlink in its place between two commands, and would have root write, or give
 * away, what the symlink leads to (SEC-2). A folder that was entered stays what it was. What is made there is made in a
 * folder of root's beside it, since a file that lies open in somebody's folder can be exchanged before it gets its owner.
 */
export const PATH_FUNCTIONS = `
new=
sum() { s=$(sha256sum <"$1"); printf %s "\${s%% *}"; }
# enter <path>: into its folder, through no symlink; what stands there is $at
enter() {
  folder=\${1%/*}
  name=\${1##*/}
  at=./$name
  [ -d "\${folder:-/}" ] || { echo "$1: there is no folder $folder; a Directory makes one" >&2; exit 1; }
  cd -P -- "\${folder:-/}"
  [ "$PWD" = "\${folder:-/}" ] || { echo "$1 crosses a symlink: it leads to $PWD" >&2; exit 8; }
}
# sweep: what a killed apply left of stages
sweep() {
  for old in ./.swarmkeeper.??????????; do
    [ ! -d "$old" ] || find "$old" -maxdepth 0 -user 0 -mmin +60 -exec rm -rf -- {} +
  done
}
# stage: a folder of root's within the one entered
stage() {
  sweep
  new=./content
  stage=$(mktemp -d -- ./.swarmkeeper.XXXXXXXXXX)
  cd -P -- "$stage"
  stage=\${stage#./}
  case $(pwd -P):$(stat -c '%u %a' .) in
    "$folder/$stage:0 700" | "$folder/$stage:0 2700") ;;
    *) echo "somebody exchanges folders in \${folder:-/}" >&2; exit 8 ;;
  esac
  at=../$name
  trap unstage EXIT
}
unstage() {
  rm -f -- ./content
  cd ..
  rmdir -- "./$stage" 2>/dev/null || :
  cd /
  trap - EXIT
}
# present: the content of what was entered, if that is a file: no symlink, and no pipe that nobody writes to
present() { timeout 120 dd if="$at" iflag=nofollow,nonblock bs=1M status=none; }
# is <path> <sha256, or - for absent>: nobody changed it since it was looked at
is() {
  if [ "$2" = - ] && [ ! -e "\${1%/*}/" ]; then return 0; fi
  enter "$1"
  if [ "$2" = - ]; then [ ! -e "$at" ] && [ ! -L "$at" ] && return 0
  elif [ -f "$at" ] && [ ! -L "$at" ] && [ "$(present | sha256sum)" = "$2  -" ]; then return 0; fi
  echo "$1 was changed in the meantime" >&2
  exit 9
}
incoming() { printf %s "$base/incoming/"; printf %s "$1" | sha256sum | cut -c1-40 | tr -d '\\n'; printf %s "-$2"; }
shelf() { printf %s "$base/previous/"; printf %s "$1" | sha256sum | cut -c1-40; }
# keep <path> <how many>: what stands there, for the way back
keep() {
  k=$(shelf "$1")
  [ ! -e "$k/.gone" ] || rm -f -- "$k/.gone"
  if [ "$2" -gt 0 ] && [ -f "$at" ] && [ ! -L "$at" ]; then
    mkdir -p -- "$k"
    # a GiB and no more: whoever owns it could make it as long as it likes, and fill the disk of the host
    present | head -c 1073741824 >"$k/.new"
    old=$(sum "$k/.new")
    # the same content again is no version of its own
    if [ -n "$new" ] && [ "$old" = "$(sum "$new")" ]; then rm -f -- "$k/.new"; return 0; fi
    sync -- "$k/.new"
    mv -fT -- "$k/.new" "$k/$old"
  fi
  [ ! -d "$k" ] || ls -t -- "$k" | tail -n "+$(($2 + 1))" | while IFS= read -r old; do rm -f -- "$k/$old"; done
}
# place <path> <mode> <owner[:group]> <keep, or - for as it is>: what was staged, in one step
place() {
  chown -- "$3" ./content
  chmod -- "$2" ./content
  sync -- ./content
  [ "$4" = - ] || keep "$1" "$4"
  mv -fT -- ./content "$at"
  sync -- ..
  unstage
}
# put <path> <mode> <owner[:group]> <keep> <content as base64> [<or as it is>]: all of it or nothing. What writes is no word
# of sh itself, which would only say "I/O error" of a full disk.
put() {
  enter "$1"
  stage
  if [ -n "\${6-}" ]; then printf %s "$6" | cat >./content; else printf %s "$5" | base64 -d >./content; fi
  place "$@"
}
# again <path> <mode> <owner[:group]> <keep> <sha256> [path as written]: what was uploaded, was kept, or is there already
again() {
  enter "$1"
  stage
  came=$(incoming "\${6:-$1}" "$5")
  for from in "$came" "$(shelf "$1")/$5"; do
    [ ! -f "$from" ] || [ -f ./content ] || cp -- "$from" ./content
  done
  [ -f ./content ] || [ ! -f "$at" ] || present >./content
  [ -f ./content ] && [ "$(sum ./content)" = "$5" ] || { echo "no version of $1 with the digest $5 is at hand" >&2; exit 1; }
  place "$@"
  rm -f -- "$came"
}
# own <path> <mode> <owner[:group]>: the same content, of another owner or mode
own() {
  enter "$1"
  stage
  present >./content
  place "$1" "$2" "$3" -
}
# take <path>: away with it, and a copy is kept for a month
take() {
  [ -e "$1" ] || [ -L "$1" ] || return 0
  enter "$1"
  new=
  keep "$1" 2
  rm -f -- "$at"
  find "$base/previous" -mindepth 2 -maxdepth 2 -name .gone -mtime +30 | while IFS= read -r old; do rm -rf -- "\${old%/.gone}"; done
  [ ! -d "$k" ] || : >"$k/.gone"
  cd /
}
# folder <path> <mode> <owner[:group]>; five digits, since chmod leaves the set-group bit of folders with four
folder() {
  enter "$1"
  [ -d "$at" ] || mkdir -- "$at"
  cd -P -- "$at"
  [ "$(pwd -P)" = "$1" ] || { echo "$1 is a symlink" >&2; exit 8; }
  chown -- "$3" .
  chmod -- "0$2" .
  cd /
}
# drop <path>: a folder, and only an empty one
drop() {
  [ -d "$1" ] || return 0
  enter "$1"
  n=$(ls -A -- "$at" | wc -l)
  [ "$n" -eq 0 ] || { echo "$1 is not empty ($n in it): it stays, with all that is in it" >&2; exit 1; }
  rmdir -- "$at"
  cd /
}
# save <file of ours> <content as base64>
save() {
  printf %s "$2" | base64 -d >"$base/.new"
  sync -- "$base/.new"
  mv -fT -- "$base/.new" "$1"
  sync -- "\${1%/*}"
}
`
