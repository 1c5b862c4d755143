import { quoteWords } from '../../shell/words.ts'
import type { Supervisor } from './supervisord/reach.ts'

/** Both kinds of package databases name what they own; without either, everything counts as installed by hand. */
const FUNCTIONS = `
b() { base64 -w0; }
said() { printf '%s %s\\n' "$1" "$(b)"; }
packaged() {
  {
    ! command -v dpkg-query >/dev/null || dpkg-query -S "$@" 2>/dev/null | sed -n 's/^.*: \\(\\/.*\\)$/\\1/p'
    ! command -v rpm >/dev/null || for p in "$@"; do rpm -qf -- "$p" >/dev/null 2>&1 && printf '%s\\n' "$p"; done
  } | said packaged
}
`

const UNITS = ['service', 'socket', 'timer', 'path', 'target', 'mount', 'automount', 'swap', 'slice']

/** Names only: of unit files, drop-ins, instances and program files. Reads only. */
export const listScript = ({ programs, config }: Supervisor): string => `${FUNCTIONS}
id -u | said uid
f=${quoteWords([programs])}
set --
for p in /etc/systemd/system/*.* /usr/local/lib/systemd/system/*.* /etc/systemd/system/*.d/*.conf "$f"/*.conf; do
  if [ -L "$p" ]; then
    t=$(readlink -f -- "$p") || t=
    printf 'link\\0%s\\0%s\\0' "$p" "$t"
  elif [ -f "$p" ] && [ -s "$p" ]; then
    printf 'file\\0%s\\0\\0' "$p"
  fi
done | said paths
for p in /etc/systemd/system/*.* /usr/local/lib/systemd/system/*.* /etc/systemd/system/*.d/*.conf "$f"/*.conf; do
  [ ! -f "$p" ] || set -- "$@" "$p"
done
[ $# -eq 0 ] || packaged "$@"
{
  systemctl list-units --all --plain --no-legend --no-pager --full '*@*' | sed 's/^[^[:alnum:]]*//;s/ .*//'
  for p in /etc/systemd/system/*.wants/*@* /etc/systemd/system/*.requires/*@*; do [ ! -L "$p" ] || printf '%s\\n' "\${p##*/}"; done
} | said instances
sed -n 's/^\\[\\(\\(program\\|group\\|eventlistener\\|fcgi-program\\):[^]]*\\)\\].*/\\1/p' ${quoteWords([config])} 2>/dev/null | said main
echo end
`

export const UNIT_FILE = new RegExp(`^(?<folder>/.*)/(?<name>[^/]+\\.(?:${UNITS.join('|')}))$`)

/** Of files: what they are, and the names in them, but no content; of users: whether a package speaks of them. */
export const aboutScript = (paths: readonly string[], users: readonly string[]): string => `${FUNCTIONS}
about() {
  [ -f "$1" ] && [ -r "$1" ] || return
  t=binary
  if [ ! -s "$1" ] || LC_ALL=C grep -qI . -- "$1" 2>/dev/null; then
    t=text
    [ "$(head -c 2 -- "$1")" != '#!' ] || t=script
  fi
  {
    printf '%s\\0%s\\0%s\\0' "$1" "$t" "$(stat -L -c %a:%s:%U:%G:%u:%g -- "$1")"
    [ $t = binary ] || head -c 262144 -- "$1" | sed -n 's/^[[:space:]]*\\(export[[:space:]]\\{1,\\}\\)\\{0,1\\}\\([A-Za-z_][A-Za-z0-9_]*\\)[[:space:]]*=.*/\\2/p'
  } | said about
}
account() {
  if grep -qsw -- "$1" /usr/share/base-passwd/passwd.master /usr/lib/sysusers.d/*.conf \\
    /var/lib/dpkg/info/*.preinst /var/lib/dpkg/info/*.postinst; then
    printf '%s\\0package' "$1"
  else
    printf '%s\\0' "$1"
  fi | said account
}
${paths.map((path) => `about ${quoteWords([path])}`).join('\n')}
${users.map((user) => `account ${quoteWords([user])}`).join('\n')}
${paths.length === 0 ? '' : `packaged ${quoteWords(paths)}`}
echo end
`
