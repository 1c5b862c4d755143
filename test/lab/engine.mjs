// @ts-check
// A real dockerd in namespaces of its own: network (from the lab's network), mount, pid and host name. Everything that
// it starts lives in its pid namespace, so killing the first process there ends containers, shims and containerd alike.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createEngineClient } from './engine-client.mjs'
import { labRange } from './network.mjs'
import { parentOf, start } from './processes.mjs'
import { waitUntil } from './wait.mjs'

/**
 * @typedef {object} EngineControls
 * @property {string} name the engine's host name: node-1, node-2, …
 * @property {string} address where published ports of this node are reached from the host
 * @property {string} dir data-root, configuration and logs
 * @property {string} socketPath
 * @property {string} log path of dockerd's log
 * @property {() => Promise<void>} start starts dockerd on the same data, waits until it answers
 * @property {() => Promise<void>} stop SIGTERM: containers are stopped, the node leaves in order
 * @property {() => Promise<void>} kill as a power failure: all its processes at once
 * @property {() => boolean} running
 * @property {() => Promise<void>} cutLink nothing reaches the node by network; its socket still answers
 * @property {() => Promise<void>} mendLink
 * @property {(volume: string) => string} volumeDir the folder of a local volume, readable from the test
 * @property {() => Promise<void>} dispose
 */

/** @typedef {import('./engine-client.mjs').EngineClient & EngineControls} Engine */

// The first process of the pid namespace. It must not be dockerd itself: orphaned shims have to be reaped.
const init = `
set -e
hosts=$1 resolver=$2 name=$3; shift 3
mount -t tmpfs tmpfs /run
mkdir -p /run/docker
mount --bind "$hosts" /etc/hosts
target=$(readlink -m /etc/resolv.conf)
mkdir -p "$(dirname "$target")"
[ -e "$target" ] || touch "$target"
mount --bind "$resolver" "$target"
echo "$name" > /proc/sys/kernel/hostname
set +e
dockerd "$@" &
engine=$!
trap 'kill -TERM "$engine"' TERM
while kill -0 "$engine" 2>/dev/null; do wait; done
`

/**
 * @param {{name: string, dir: string, ledger: string, cable: import('./network.mjs').Cable, cgroup: string,
 *   hosts: Readonly<Record<string, string>>, insecureRegistries?: readonly string[], labels?: readonly string[]}} options
 *   `hosts`: names that this engine resolves; there is no other name server
 * @returns {Promise<Engine>} not started yet
 */
export async function createEngine({ name, dir, ledger, cable, cgroup, hosts, insecureRegistries = [], labels = [] }) {
  mkdirSync(join(dir, 'data'), { recursive: true })
  const socketPath = join(dir, 'engine.sock')
  const log = join(dir, 'dockerd.log')
  const names = Object.entries({ localhost: '127.0.0.1', [name]: '127.0.1.1', ...hosts })
  writeFileSync(join(dir, 'hosts'), names.map(([host, address]) => `${address} ${host}\n`).join(''))
  writeFileSync(join(dir, 'resolv.conf'), 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n')
  writeFileSync(
    join(dir, 'daemon.json'), // given on the command line, so that the one in /etc is not read
    JSON.stringify({
      'data-root': join(dir, 'data'),
      hosts: [`unix://${socketPath}`],
      'exec-opts': ['native.cgroupdriver=cgroupfs'],
      'cgroup-parent': `/${cgroup}`,
      'insecure-registries': [labRange, ...insecureRegistries],
      labels,
      'shutdown-timeout': 5,
    }),
  )
  const isolate = ['unshare', '--mount', '--uts', '--pid', '--fork', '--kill-child=KILL', '--mount-proc']
  const dockerd = ['sh', '-c', init, 'init', join(dir, 'hosts'), join(dir, 'resolv.conf'), name]
  const words = cable.inside([...isolate, ...dockerd, '--config-file', join(dir, 'daemon.json')])
  const client = createEngineClient(socketPath)
  /** @type {import('./processes.mjs').Running | undefined} */
  let running

  const startEngine = async () => {
    if (running?.alive()) return
    rmSync(socketPath, { force: true })
    const started = start(words, { name, log, ledger, env: engineEnvironment(dir) })
    running = started
    await waitUntil(`dockerd of ${name}`, async () => (await client.request('GET', '/_ping')).status === 200, {
      timeoutMs: 60_000,
      everyMs: 25,
      giveUp: () => (started.alive() ? undefined : `it ended; its log (${log}) says:\n${tail(log)}`),
    })
  }
  const kill = async () => {
    if (!running?.alive()) return
    const ended = running.ended()
    signalFirst(running.pid, 'SIGKILL')
    await ended
  }
  const stop = async () => {
    if (!running?.alive()) return
    const ended = running.ended()
    signalFirst(running.pid, 'SIGTERM')
    const timer = setTimeout(() => void kill(), 20_000)
    await ended
    clearTimeout(timer)
  }
  return {
    ...client,
    name,
    address: cable.address,
    dir,
    socketPath,
    log,
    start: startEngine,
    stop,
    kill,
    running: () => running?.alive() ?? false,
    cutLink: cable.cut,
    mendLink: cable.mend,
    volumeDir: (volume) => join(dir, 'data', 'volumes', volume, '_data'),
    dispose: async () => {
      await kill()
      await cable.dispose()
    },
  }
}

/**
 * Removes the control groups that the containers of a lab leave behind.
 * @param {string} cgroup
 * @returns {boolean} whether none is left
 */
export function removeControlGroups(cgroup) {
  const root = '/sys/fs/cgroup'
  const groups = [root, ...folders(root)].map((parent) => join(parent, cgroup))
  for (const group of groups) removeTree(group)
  return !groups.some((group) => existsSync(group))
}

/**
 * The last lines of a log file.
 * @param {string} path
 */
export function tail(path, lines = 15) {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-lines).join('\n')
  } catch {
    return '(no log)'
  }
}

/**
 * `unshare --fork` waits for the first process of the new pid namespace; the kernel ends that one only when all
 * processes of the namespace are gone. So we signal the child, and wait for the parent.
 * @param {number} parent
 * @param {NodeJS.Signals} signal
 */
export function signalFirst(parent, signal) {
  try {
    process.kill(childOf(parent) ?? parent, signal)
  } catch {
    // it ended in the meantime
  }
}

/**
 * The first process of a pid namespace, by the process that made it.
 * @param {number} parent
 * @returns {number | undefined}
 */
export function childOf(parent) {
  const pids = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
  return pids.find((pid) => parentOf(pid) === parent)
}

/**
 * No proxies of the machine: they would stand between the engine and the lab's registry.
 * @param {string} dir
 */
function engineEnvironment(dir) {
  return { PATH: `${process.env.PATH}:/usr/sbin:/sbin`, HOME: dir, NO_PROXY: '*' }
}

/** @param {string} folder */
function removeTree(folder) {
  for (const child of folders(folder)) removeTree(child)
  try {
    rmdirSync(folder)
  } catch {
    // not there, or in use by another: control groups cannot be removed by force
  }
}

/** @param {string} folder @returns {string[]} */
function folders(folder) {
  try {
    return readdirSync(folder)
      .map((entry) => join(folder, entry))
      .filter((path) => statSync(path).isDirectory())
  } catch {
    return []
  }
}
