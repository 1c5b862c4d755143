// @ts-check
// One host of the lab: namespaces with systemd as their first process, on a disk in memory above the common image.
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { childOf, signalFirst, tail } from './engine.mjs'
import { run, start } from './processes.mjs'
import { waitUntil } from './wait.mjs'

/**
 * @typedef {object} Host
 * @property {string} name its host name: host-1, host-2, …
 * @property {string} address
 * @property {22} port
 * @property {string} machineId
 * @property {() => string} hostKey `ssh-ed25519 AAAA…`, as it is now
 * @property {(type: 'ed25519' | 'ecdsa') => string} hostKeyOf
 * @property {() => Promise<void>} renewHostKeys as a machine that was installed again
 * @property {(words: readonly string[], options?: {input?: string | Uint8Array, timeoutMs?: number}) => Promise<string>} run
 *   as root on the host and not through sshd: for what a test prepares and looks at
 * @property {() => Promise<void>} powerOff all its processes at once; the disk keeps what was written
 * @property {() => Promise<void>} powerOn waits until it is booted
 * @property {() => Promise<void>} cutLink nothing reaches the host, which runs on
 * @property {() => Promise<void>} mendLink
 * @property {() => Promise<void>} fillDisk until nothing more can be written
 * @property {() => Promise<void>} emptyDisk takes back what fillDisk wrote
 */

/**
 * @typedef {object} HostPlace
 * @property {string} name
 * @property {string} dir of the lab
 * @property {string} ledger
 * @property {import('./network.mjs').Cable} cable
 * @property {string} cgroup of the lab
 * @property {string} image
 * @property {string} disk its size
 * @property {boolean} supervisord
 * @property {string} authorized public key of those who may log in
 * @property {import('./lab.mjs').Releasers['own']} own
 */

// Holds the mounts of a host's disk: they end with the process, and outlive the host's own namespaces.
const disk = `
set -eu
dir=$1 image=$2 size=$3
mount -t tmpfs -o "size=$size,mode=755" tmpfs "$dir"
mkdir "$dir/upper" "$dir/work" "$dir/root"
mount -t overlay -o "lowerdir=$image,upperdir=$dir/upper,workdir=$dir/work" overlay "$dir/root"
exec sleep infinity
`

// Joins control groups first, so that the namespace of them begins there. cgroup v1 has a tree per controller.
const enterGroups = `
set -eu
group=$1; shift
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  mkdir -p "/sys/fs/cgroup/$group"
  for parent in /sys/fs/cgroup "/sys/fs/cgroup/\${group%/*}"; do
    for one in cpu memory pids; do echo "+$one" >"$parent/cgroup.subtree_control" || :; done
  done
  echo $$ >"/sys/fs/cgroup/$group/cgroup.procs"
else
  for tree in systemd memory cpu cpuacct pids blkio unified; do
    [ -d "/sys/fs/cgroup/$tree" ] || continue
    mkdir -p "/sys/fs/cgroup/$tree/$group"
    echo $$ >"/sys/fs/cgroup/$tree/$group/cgroup.procs"
  done
fi
exec unshare --mount --uts --ipc --pid --cgroup --fork --kill-child=KILL -- "$@"
`

const boot = `
set -eu
name=$1
cd "$2"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys # read-only is how systemd knows that the hardware is not its own
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  mount -t cgroup2 cgroup2 sys/fs/cgroup
else
  mount -t tmpfs -o mode=755 tmpfs sys/fs/cgroup
  for tree in systemd memory cpu cpuacct pids blkio unified; do
    [ -d "/sys/fs/cgroup/$tree" ] || continue
    mkdir "sys/fs/cgroup/$tree"
    case $tree in
      systemd) mount -t cgroup -o none,name=systemd cgroup sys/fs/cgroup/systemd ;;
      unified) mount -t cgroup2 cgroup2 sys/fs/cgroup/unified ;;
      *) mount -t cgroup -o "$tree" cgroup "sys/fs/cgroup/$tree" ;;
    esac
  done
fi
mount -t tmpfs -o mode=755 tmpfs dev
for device in null zero full random urandom tty; do
  : >"dev/$device"
  mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=666,mode=620 devpts dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
for number in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/\${number%:*}" "dev/\${number#*:}"; done
mount -t tmpfs -o mode=755 tmpfs run
echo "$name" >/proc/sys/kernel/hostname
mkdir -p .old
pivot_root . .old
umount -l /.old
exec env -i container=lab PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin /sbin/init
`

/**
 * @param {HostPlace} place
 * @returns {Promise<Host>} not booted yet
 */
export async function createHost({
  name,
  dir,
  ledger,
  cable,
  cgroup,
  image,
  disk: size,
  supervisord,
  authorized,
  own,
}) {
  const folder = join(dir, name)
  mkdirSync(folder)
  const log = join(dir, 'logs', `${name}.log`)
  const words = ['unshare', '--mount', 'sh', '-c', disk, 'disk', folder, image, size]
  const holder = start(words, { name: `disk of ${name}`, log, ledger })
  own({ dispose: () => holder.stop() })
  const root = `/proc/${holder.pid}/root${folder}/root`
  await waitUntil(`the disk of ${name}`, () => existsSync(`${root}/etc/passwd`), {
    everyMs: 10,
    giveUp: () => (holder.alive() ? undefined : `this machine may not allow it:\n${tail(log)}`),
  })
  const machineId = randomBytes(16).toString('hex')
  await prepareDisk(root, { name, machineId, authorized, supervisord })

  const enter = ['nsenter', `--mount=/proc/${holder.pid}/ns/mnt`, '--']
  const machine = [
    ...cable.inside(enter),
    'sh',
    '-c',
    enterGroups,
    'groups',
    `${cgroup}/${name}`,
    'sh',
    '-c',
    boot,
    'boot',
  ]
  /** @type {import('./processes.mjs').Running | undefined} */
  let running
  /** @type {Host['run']} */
  const runInside = (inside, { input = '', timeoutMs = 60_000 } = {}) => {
    const first = running?.alive() ? childOf(running.pid) : undefined
    if (first === undefined) throw new Error(`${name} is off`)
    return run(['nsenter', `--target=${first}`, '--all', '--', ...inside], { input, timeoutMs, env: insideEnv })
  }
  const powerOff = async () => {
    if (!running?.alive()) return
    const ended = running.ended()
    signalFirst(running.pid, 'SIGKILL')
    await ended
  }
  const powerOn = async () => {
    if (running?.alive()) return
    const started = start([...machine, name, `${folder}/root`], { name, log, ledger })
    running = started
    // degraded is booted as well: a test may have left a unit that fails
    await waitUntil(`${name} to boot`, async () => /^(running|degraded)\nactive/.test(await systemState(runInside)), {
      timeoutMs: 90_000,
      everyMs: 100,
      giveUp: () => (started.alive() ? undefined : `it ended: ${tail(log)}`),
    })
  }
  own({ dispose: powerOff })
  const hostKeyOf = (/** @type {'ed25519' | 'ecdsa'} */ type) => publicKey(`${root}/etc/ssh/ssh_host_${type}_key`)
  return {
    name,
    address: cable.address,
    port: 22,
    machineId,
    hostKey: () => hostKeyOf('ed25519'),
    hostKeyOf,
    renewHostKeys: async () => {
      await makeHostKeys(root)
      await runInside(['systemctl', 'restart', 'ssh.service'])
    },
    run: runInside,
    powerOff,
    powerOn,
    cutLink: cable.cut,
    mendLink: cable.mend,
    fillDisk: async () => {
      await runInside(['sh', '-c', 'dd if=/dev/zero of=/.filling bs=64k 2>/dev/null || :'])
    },
    emptyDisk: async () => {
      await runInside(['rm', '-f', '/.filling'])
    },
  }
}

const insideEnv = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }

/**
 * Written through the mounts of the holder, before anything runs there.
 * @param {string} root
 * @param {{name: string, machineId: string, authorized: string, supervisord: boolean}} own
 */
async function prepareDisk(root, { name, machineId, authorized, supervisord }) {
  writeFileSync(`${root}/etc/machine-id`, `${machineId}\n`)
  writeFileSync(`${root}/etc/hostname`, `${name}\n`)
  writeFileSync(`${root}/etc/hosts`, `127.0.0.1 localhost\n127.0.1.1 ${name}\n`)
  writeFileSync(`${root}/etc/ssh/lab_authorized_keys`, `${authorized}\n`)
  if (!supervisord) symlinkSync('/dev/null', `${root}/etc/systemd/system/supervisor.service`)
  await makeHostKeys(root)
}

/** @param {string} root */
async function makeHostKeys(root) {
  for (const type of /** @type {const} */ (['ed25519', 'ecdsa'])) {
    const file = `${root}/etc/ssh/ssh_host_${type}_key`
    for (const old of [file, `${file}.pub`]) rmSync(old, { force: true })
    await makeKey(file, type)
  }
}

/**
 * @param {string} file
 * @param {'ed25519' | 'ecdsa'} type
 */
export async function makeKey(file, type) {
  await run(['ssh-keygen', '-q', '-t', type, '-N', '', '-C', 'lab', '-f', file])
}

/**
 * Type and base64 text, without the comment.
 * @param {string} file of the private key
 */
export function publicKey(file) {
  return readFileSync(`${file}.pub`, 'utf8').split(' ').slice(0, 2).join(' ')
}

/** @param {Host['run']} runInside */
async function systemState(runInside) {
  // exits with 1 for everything but running
  return runInside(['sh', '-c', 'systemctl is-system-running; systemctl is-active ssh.service || :'])
}
