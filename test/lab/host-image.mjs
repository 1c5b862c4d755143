// @ts-check
// The root file system of the lab's hosts: Debian 12 with systemd, sshd, sudo and supervisord, made once per machine by
// debootstrap and never written to again: each host keeps its changes in a layer of its own.
import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './processes.mjs'

const suite = 'bookworm'
const packages = 'systemd,systemd-sysv,dbus,openssh-server,supervisor,iproute2,sudo'

/** Who may log in with the lab's key, and what sudo lets them do. */
export const hostUsers = /** @type {const} */ ({
  root: 'root',
  /** sudo without a password */
  deploy: 'deploy',
  /** sudo only with a password, which it has not */
  asker: 'asker',
  /** unknown to sudo */
  guest: 'guest',
})

// Runs under a lock: what a killed run left half done is ours to remove.
const build = `
set -eu
final=$1 packages=$2 suite=$3
[ ! -d "$final" ] || exit 0
rm -rf -- "$final".building.*
root=$(mktemp -d "$final.building.XXXXXX")
debootstrap --variant=minbase --include="$packages" "$suite" "$root" >"$final.log" 2>&1 || {
  tail -n 15 "$final.log" >&2
  exit 1
}
for user in deploy asker guest; do chroot "$root" useradd --create-home --shell /bin/bash "$user"; done
printf '%s\\n' 'deploy ALL=(ALL:ALL) NOPASSWD: ALL' 'asker ALL=(ALL:ALL) ALL' >"$root/etc/sudoers.d/lab"
chmod 440 "$root/etc/sudoers.d/lab"
cat >"$root/etc/ssh/sshd_config.d/lab.conf" <<'END'
AuthorizedKeysFile /etc/ssh/lab_authorized_keys
PermitRootLogin prohibit-password
PasswordAuthentication no
LogLevel VERBOSE
END
# each host has its own; timers of the system would disturb measurements
rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/machine-id" "$root"/var/cache/apt/archives/*.deb
for unit in apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer \\
  dpkg-db-backup.timer systemd-modules-load.service getty.target console-getty.service; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
chmod 755 "$root"
mv -T -- "$root" "$final"
`

/**
 * The folder of the root file system; made first where it is not there yet, which takes about a minute and Debian's
 * mirror.
 * @returns {Promise<string>}
 */
export async function hostImage() {
  const cache = process.env.SWARMKEEPER_LAB_CACHE ?? '/var/cache/swarmkeeper-lab'
  mkdirSync(cache, { recursive: true, mode: 0o755 })
  const version = createHash('sha256').update([suite, packages, build].join('\n')).digest('hex').slice(0, 12)
  const final = join(cache, `host-${version}`)
  const words = ['flock', join(cache, 'lock'), 'sh', '-c', build, 'build', final, packages, suite]
  await run(words, { timeoutMs: 900_000, env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin`, LC_ALL: 'C' } })
  return final
}
