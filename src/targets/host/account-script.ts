/** Words of the apply script for the accounts of a host. */
export const ACCOUNT_FUNCTIONS = `
# unused <user|group> <name>: nothing runs as it, and no file belongs to it: whoever got its number next would own that
unused() {
  case $1 in
    user) n=$(getent passwd -- "$2" | cut -d: -f3) flag=-uid ;;
    *) n=$(getent group -- "$2" | cut -d: -f3) flag=-gid ;;
  esac
  if [ "$1" = user ]; then
    p=$(stat -c '%u %n' /proc/[0-9]* 2>/dev/null | grep "^$n /" | head -n 1 || :)
    [ -z "$p" ] || { echo "the user $2 still runs the process \${p##*/}: it stays" >&2; exit 1; }
  fi
  set -- "$1" "$2" /
  while read -r _ mount type _; do
    case $mount in / | /proc* | /sys* | /dev* | /run* | *\\\\*) continue ;; esac
    case $type in ext* | xfs | btrfs | f2fs | zfs | tmpfs) set -- "$@" "$mount" ;; esac
  done </proc/self/mounts
  what="$1 $2"
  shift 2
  f=$(timeout 60 find "$@" -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path /run \\) -prune -o "$flag" "$n" -print -quit 2>/dev/null) ||
    [ $? -ne 124 ] || { echo "whether files belong to the $what was not found out in a minute: it stays" >&2; exit 1; }
  [ -z "$f" ] || { echo "$f belongs to the $what: whoever gets its number next would own that, so it stays" >&2; exit 1; }
}
# a user that goes takes its own group along
nobody() { ! getent passwd -- "$1" >/dev/null || { unused user "$1"; userdel -- "$1"; }; }
nogroup() { ! getent group -- "$1" >/dev/null || { unused group "$1"; groupdel -- "$1"; }; }
`
