// @ts-check
// What the lab, the quickstart and a compiled npm package need of the machine, and how to get it on Debian: every
// system package of this project is named here.

import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline/promises'

/**
 * @typedef {object} Missing
 * @property {string} what the program, file or right that is missing
 * @property {string} why what it is needed for
 * @property {string} [package] the Debian package that brings it
 */

/** @typedef {readonly (readonly [program: string, pkg: string, why: string])[]} Programs */

/** @type {Programs} */
const labPrograms = [
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

/** @type {Programs} */
const hostPrograms = [
  ['debootstrap', 'debootstrap', 'the root file system of hosts'],
  ['ssh-keygen', 'openssh-client', 'keys of hosts'],
  ['flock', 'util-linux', 'the root file system is made once'],
  ['pivot_root', 'util-linux', 'the root of a host'],
]

/** @type {Programs} */
const testPrograms = [
  ['sshd', 'openssh-server', 'repositories and engines reached by ssh'],
  ['ssh', 'openssh-client', 'repositories reached by ssh'],
  ['ssh-keygen', 'openssh-client', 'keys of the tests'],
  ['ssh-agent', 'openssh-client', 'logins with a key that an agent holds'],
]

/** @type {Programs} */
const prometheusPrograms = [
  ['prometheus', 'prometheus', 'the real Prometheus'],
  ['promtool', 'prometheus', 'what it says of rule files'],
  ['prometheus-alertmanager', 'prometheus-alertmanager', 'the real Alertmanager'],
]

/** @type {Programs} */
const ownDockerPrograms = [['git', 'git', 'the git server and its repository']]

/** @type {Programs} */
const compilerPrograms = [
  ['python3', 'python3', 'node-gyp is written in it'],
  ['make', 'make', 'node-gyp builds with it'],
  ['g++', 'g++', 'better-sqlite3 is C++'],
]

const searchPath = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/local/sbin']

/**
 * Everything that a lab needs and this machine lacks; empty when a lab can start.
 * @returns {readonly Missing[]}
 */
export function missingForLab() {
  if (process.platform !== 'linux') return [{ what: 'Linux', why: 'network namespaces' }]
  const root = process.getuid?.() === 0 ? [] : [{ what: 'root', why: 'network namespaces and dockerd' }]
  return [...root, ...missingPrograms(labPrograms), ...missingForImages()]
}

/**
 * What hosts with a systemd, sshd and supervisord of their own need; all that runs on them comes with their image.
 * @returns {readonly Missing[]}
 */
export function missingForHosts() {
  return [...missingForLab(), ...missingPrograms(hostPrograms)]
}

/**
 * What the tests need: the lab, and programs that a suite of theirs starts.
 * @returns {readonly Missing[]}
 */
export function missingForTests() {
  return [...missingForHosts(), ...missingPrograms(testPrograms), ...missingForPrometheus()]
}

/**
 * What a Prometheus and an Alertmanager of the lab need.
 * @returns {readonly Missing[]}
 */
export function missingForPrometheus() {
  return missingPrograms(prometheusPrograms)
}

/**
 * What the quickstart needs beside a Docker Engine that is there already.
 * @returns {readonly Missing[]}
 */
export function missingForOwnDocker() {
  return [...missingPrograms(ownDockerPrograms), ...missingForImages()]
}

/**
 * What `npm ci` needs where no compiled better-sqlite3 can be downloaded for this machine.
 * @returns {readonly Missing[]}
 */
export function missingForCompiling() {
  return missingPrograms(compilerPrograms)
}

/** @param {Programs} programs @returns {Missing[]} */
function missingPrograms(programs) {
  return programs
    .filter(([program]) => !searchPath.some((folder) => existsSync(join(folder, program))))
    .map(([what, pkg, why]) => ({ what, package: pkg, why }))
}

/** @returns {Missing[]} */
function missingForImages() {
  const git = { what: 'git-http-backend', package: 'git', why: 'the git server' }
  const busybox = { what: 'a static busybox', package: 'busybox-static', why: 'the contents of test images' }
  return [...(gitHttpBackend() ? [] : [git]), ...(staticBusybox() ? [] : [busybox])]
}

/**
 * One line for people about what is missing.
 * @param {readonly Missing[]} missing
 * @returns {string}
 */
export function describeMissing(missing) {
  const packages = packagesOf(missing)
  const list = missing.map((one) => `${one.what} (${one.why})`).join(', ')
  return `This machine lacks ${list}.${packages.length > 0 ? ` On Debian: apt-get install ${packages.join(' ')}` : ''}`
}

/**
 * Installs with apt-get what can be installed. Prints what it does and asks first, unless `yes` or CI is set.
 * No daemon that comes with a package is started or stays enabled: the lab starts its own.
 * @param {{yes?: boolean, say?: (line: string) => void, find?: () => readonly Missing[], what?: string}} [options]
 *   `find` says what is missing, `what` for whom
 * @returns {Promise<readonly Missing[]>} what is missing afterwards
 */
export async function installMissing({ yes = false, say = console.log, find = missingForLab, what = 'The lab' } = {}) {
  const missing = find()
  const packages = packagesOf(missing)
  if (packages.length === 0) return missing
  const install = ['apt-get', 'install', '--yes', '--no-install-recommends', ...packages]
  say(`${what} needs system packages that are not here:`)
  for (const name of packages) say(`  ${name}: ${wantedOf(missing.filter((one) => one.package === name))}`)
  const refusal = cannotInstall()
  if (refusal !== undefined) {
    say(`${refusal} Install them with: ${install.join(' ')}`)
    return missing
  }
  say('They would be installed with:')
  for (const step of [update, install]) say(`  ${step.join(' ')}`)
  if (!yes && process.env.CI !== 'true' && !(await agreed(say))) return missing
  const present = units.filter(isUnit)
  withoutStartingDaemons(() => {
    for (const step of [update, install]) execute(step, say)
  })
  for (const unit of units.filter((unit) => !present.includes(unit) && isUnit(unit)))
    execute(['systemctl', 'disable', '--now', unit], say)
  return find()
}

const wantedOf = (/** @type {readonly Missing[]} */ missing) =>
  missing.map(({ what, why }) => `${what}, ${why}`).join('; ')

const update = ['apt-get', 'update', '--quiet']

/** @returns {string | undefined} */
function cannotInstall() {
  if (process.getuid?.() !== 0) return 'Only root can install packages.'
  return searchPath.some((folder) => existsSync(join(folder, 'apt-get'))) ? undefined : 'There is no apt-get here.'
}

/**
 * Says what it runs and how long it took; the output only where it failed.
 * @param {readonly string[]} words
 * @param {(line: string) => void} say
 */
function execute(words, say) {
  const begin = performance.now()
  say(`+ ${words.join(' ')}`)
  const done = spawnSync(words[0] ?? '', words.slice(1), {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  const seconds = ((performance.now() - begin) / 1000).toFixed(0)
  if (done.status === 0) return say(`  done in ${seconds} s`)
  for (const line of `${done.stdout}${done.stderr}`.trim().split('\n').slice(-30)) say(`  ${line}`)
  say(`"${words.join(' ')}" ended with ${done.status ?? done.signal ?? String(done.error)}`)
}

const policy = '/usr/sbin/policy-rc.d'

/**
 * Debian asks this file whether a package may start its daemons (invoke-rc.d(8)); one of the machine's own stays.
 * @param {() => void} body
 */
function withoutStartingDaemons(body) {
  if (existsSync(policy)) return body()
  const outlive = () => {}
  process.on('SIGINT', outlive) // Ctrl-C ends apt-get, and we still take the file away
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    body()
  } finally {
    rmSync(policy, { force: true })
    process.off('SIGINT', outlive)
  }
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

const units = [
  'docker.socket',
  'docker.service',
  'docker-registry.service',
  'containerd.service',
  'ssh.service',
  'ssh.socket',
  'prometheus.service',
  'prometheus-alertmanager.service',
  'prometheus-node-exporter.service',
]

/** @param {string} unit */
function isUnit(unit) {
  return existsSync('/run/systemd/system') && existsSync(`/lib/systemd/system/${unit}`)
}

/** @param {readonly Missing[]} missing */
function packagesOf(missing) {
  return [...new Set(missing.flatMap((one) => (one.package === undefined ? [] : [one.package])))]
}

/** @param {(line: string) => void} say */
async function agreed(say) {
  if (!process.stdin.isTTY) {
    say('There is nobody to ask here: --yes installs them without a question.')
    return false
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const question = terminal.question('Install them now? [y/N] ')
  const answer = await question.catch(() => '').finally(() => terminal.close()) // Ctrl-C rejects, and means no
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
