// @ts-check
// startCrowd: very many hosts, each a real sshd above the common image in namespaces of its own, with its own machine-id,
// host key and disk in memory. Without systemd, which takes a second of a processor per host: for what depends on numbers.
import { randomBytes } from 'node:crypto'
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { makeKey, publicKey } from './host.mjs'
import { hostImage } from './host-image.mjs'
import { createReleasers } from './lab.mjs'
import { createLabDir, describeLab, ledgerOf, removeLeftovers } from './leftovers.mjs'
import { start } from './processes.mjs'
import { describeMissing, missingForHosts } from './requirements.mjs'
import { waitUntil } from './wait.mjs'

/**
 * @typedef {object} Member
 * @property {string} name host-1, host-2, …
 * @property {string} address of the loopback network
 * @property {number} port
 * @property {string} machineId
 * @property {() => string} hostKey `ssh-ed25519 AAAA…`
 * @property {() => Promise<void>} powerOff
 * @property {() => number} sessions that its sshd has begun so far
 */

/**
 * @typedef {object} Crowd
 * @property {string} dir private folder, gone after dispose
 * @property {readonly Member[]} all
 * @property {Member} first
 * @property {string} keyFile private key of all of them, for `deploy`, who may become root by sudo
 * @property {() => Promise<void>} dispose
 */

// As the first process of its own pid namespace: nothing of it outlives it.
const boot = `
set -eu
dir=$1 image=$2 name=$3 address=$4
mount -t tmpfs -o size=32m,mode=755 tmpfs "$dir"
mkdir "$dir/upper" "$dir/work" "$dir/root"
mount -t overlay -o "lowerdir=$image,upperdir=$dir/upper,workdir=$dir/work" overlay "$dir/root"
cd "$dir/root"
echo "$5" >etc/machine-id
echo "$name" >etc/hostname
printf '127.0.0.1 localhost\\n127.0.1.1 %s\\n' "$name" >etc/hosts
printf '%s\\n' "$6" >etc/ssh/lab_authorized_keys
cat "$7" >etc/ssh/ssh_host_ed25519_key
chmod 600 etc/ssh/ssh_host_ed25519_key
echo "$name" >/proc/sys/kernel/hostname
mount -t proc proc proc
mount --rbind /dev dev
mount -t tmpfs -o mode=755 tmpfs run
mkdir -p run/sshd .old
pivot_root . .old
umount -l /.old
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin /usr/sbin/sshd -D -e \\
  -o ListenAddress="$address" -o Port=22 -o HostKey=/etc/ssh/ssh_host_ed25519_key
`

const port = 22

/**
 * @param {{count: number}} options at most 250
 * @returns {Promise<Crowd>}
 */
export async function startCrowd({ count }) {
  const missing = missingForHosts()
  if (missing.length > 0) throw new Error(describeMissing(missing))
  const image = await hostImage()
  await removeLeftovers()
  const dir = createLabDir()
  const releasers = createReleasers(dir)
  try {
    mkdirSync(join(dir, 'logs'))
    appendFileSync(ledgerOf(dir), '')
    describeLab(dir, '')
    const keyFile = join(dir, 'login')
    await makeKey(keyFile, 'ed25519')
    const place = { dir, image, authorized: publicKey(keyFile), net: freeNet() }
    const starting = Array.from({ length: count }, (_, at) => startMember(at + 1, place))
    releasers.own({
      dispose: async () => {
        for (const one of await Promise.allSettled(starting)) if (one.status === 'fulfilled') await one.value.powerOff()
      },
    })
    const all = await Promise.all(starting)
    const first = /** @type {Member} */ (all[0])
    return { dir, all, first, keyFile, dispose: releasers.run }
  } catch (error) {
    await releasers.run()
    throw error
  }
}

/** Of 127.0.0.0/8, which is all this machine's: `127.x.y`. */
function freeNet() {
  const [x = 0, y = 0] = randomBytes(2)
  return `127.${1 + (x % 250)}.${y}`
}

/**
 * @param {number} number
 * @param {{dir: string, image: string, authorized: string, net: string}} place
 * @returns {Promise<Member>} as soon as its sshd answers
 */
async function startMember(number, { dir, image, authorized, net }) {
  const name = `host-${number}`
  const [folder, log] = [join(dir, name), join(dir, 'logs', `${name}.log`)]
  mkdirSync(folder)
  const key = join(dir, `${name}.key`)
  await makeKey(key, 'ed25519')
  const [address, machineId] = [`${net}.${number}`, randomBytes(16).toString('hex')]
  const hostKey = publicKey(key)
  const own = ['unshare', '--mount', '--uts', '--ipc', '--pid', '--fork', '--kill-child=KILL', '--']
  const words = [folder, image, name, address, machineId, authorized, key]
  const running = start([...own, 'sh', '-c', boot, 'boot', ...words], { name, log, ledger: ledgerOf(dir) })
  const giveUp = () => (running.alive() ? undefined : `it ended: ${readFileSync(log, 'utf8').slice(-500)}`)
  await waitUntil(`sshd of ${name}`, () => answers(address), { timeoutMs: 60_000, everyMs: 100, giveUp })
  return {
    name,
    address,
    port,
    machineId,
    hostKey: () => hostKey,
    powerOff: () => running.stop(),
    sessions: () => readFileSync(log, 'utf8').split('Starting session: ').length - 1,
  }
}

/**
 * @param {string} address
 * @returns {Promise<boolean>}
 */
function answers(address) {
  return new Promise((resolve) => {
    const socket = connect(port, address)
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}
