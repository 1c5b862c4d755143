// @ts-check
// What a lab needs of the machine, and how to get it on Debian.

import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync, readSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline/promises'

/**
 * @typedef {object} Missing
 * @property {string} what the program, file or right that is missing
 * @property {string} why what the lab needs it for
 * @property {string} [package] the Debian package that brings it
 */

/** @type {readonly (readonly [program: string, pkg: string, why: string])[]} */
const programs = [
  ['dockerd', 'docker.io', 'the real engine'],
  ['docker-registry', 'docker-registry', 'the real registry'],
  ['git', 'git', 'the git server and its repositories'],
  ['ip', 'iproute2', 'addresses of the lab'],
  ['iptables', 'iptables', 'the engine publishes ports with it'],
  ['nsenter', 'util-linux', 'to start the engine in its own network'],
  ['unshare', 'util-linux', 'to start the engine in its own namespaces'],
  ['setpriv', 'util-linux', 'so that nothing outlives a killed run'],
  ['mount', 'mount', 'the private /run of the engine'],
  ['perl', 'perl-base', 'the password file of the registry'],
  ['openssl', 'openssl', 'certificates of engines reached by TLS'],
]

const searchPath = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/local/sbin']

/**
 * Everything that a lab needs and this machine lacks; empty when a lab can start.
 * @returns {readonly Missing[]}
 */
export function missingForLab() {
  /** @type {Missing[]} */
  const missing = []
  if (process.platform !== 'linux') return [{ what: 'Linux', why: 'network namespaces' }]
  if (process.getuid?.() !== 0) missing.push({ what: 'root', why: 'network namespaces and dockerd' })
  for (const [program, pkg, why] of programs) {
    if (!searchPath.some((folder) => existsSync(join(folder, program))))
      missing.push({ what: program, package: pkg, why })
  }
  if (!gitHttpBackend()) missing.push({ what: 'git-http-backend', package: 'git', why: 'the git server' })
  const busybox = staticBusybox()
  if (!busybox)
    missing.push({ what: 'a static busybox', package: 'busybox-static', why: 'the contents of test images' })
  return missing
}

/**
 * One line for people about what is missing.
 * @param {readonly Missing[]} missing
 * @returns {string}
 */
export function describeMissing(missing) {
  const packages = packagesOf(missing)
  const list = missing.map((one) => `${one.what} (${one.why})`).join(', ')
  return `This machine cannot run the lab: missing ${list}.${packages.length > 0 ? ` On Debian: apt-get install ${packages.join(' ')}` : ''}`
}

/**
 * Installs with apt-get what can be installed. Prints what it does and asks first, unless `yes` or CI is set.
 * Daemons that arrive with the packages are switched off again: the lab starts its own, and the machine's stay as found.
 * @param {{yes?: boolean, say?: (line: string) => void}} [options]
 * @returns {Promise<readonly Missing[]>} what is missing afterwards
 */
export async function installMissing({ yes = false, say = console.log } = {}) {
  const packages = packagesOf(missingForLab())
  if (packages.length === 0) return missingForLab()
  const words = ['apt-get', 'install', '--yes', '--no-install-recommends', ...packages]
  say(`The lab needs system packages: ${words.join(' ')}`)
  if (!yes && !process.env.CI && !(await agreed())) return missingForLab()
  const present = units.filter(isUnit)
  for (const step of [['apt-get', 'update', '--quiet'], words]) {
    say(`+ ${step.join(' ')}`)
    const done = spawnSync(step[0] ?? '', step.slice(1), {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
    if (done.status !== 0) say(`"${step.join(' ')}" ended with ${done.status ?? done.signal ?? String(done.error)}`)
  }
  for (const unit of units.filter((unit) => !present.includes(unit) && isUnit(unit))) {
    say(`+ systemctl disable --now ${unit} (arrived with the package, the lab does not use it)`)
    spawnSync('systemctl', ['disable', '--now', unit], { stdio: 'ignore' })
  }
  return missingForLab()
}

/** @returns {string | undefined} */
export function gitHttpBackend() {
  return ['/usr/lib/git-core', '/usr/libexec/git-core']
    .map((folder) => join(folder, 'git-http-backend'))
    .find(existsSync)
}

/** @returns {string | undefined} */
export function staticBusybox() {
  const candidates = ['/bin/busybox', '/usr/bin/busybox', '/bin/busybox.static']
  return candidates.find((path) => existsSync(path) && !asksForLoader(path))
}

const units = ['docker.socket', 'docker.service', 'docker-registry.service', 'containerd.service']

/** @param {string} unit */
function isUnit(unit) {
  return existsSync('/run/systemd/system') && existsSync(`/lib/systemd/system/${unit}`)
}

/** @param {readonly Missing[]} missing */
function packagesOf(missing) {
  return [...new Set(missing.flatMap((one) => (one.package === undefined ? [] : [one.package])))]
}

async function agreed() {
  if (!process.stdin.isTTY) return false
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await terminal.question('Install them now? [y/N] ').finally(() => terminal.close())
  return /^y(es)?$/i.test(answer.trim())
}

/**
 * Whether an ELF file names a dynamic loader; program headers stand in its first kilobytes.
 * @param {string} path
 */
function asksForLoader(path) {
  const head = Buffer.alloc(4096)
  const file = openSync(path, 'r')
  readSync(file, head, 0, head.length, 0)
  closeSync(file)
  return head.includes('/ld-') || head.includes('/ld.')
}
