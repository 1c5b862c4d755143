// @ts-check
// A lab's folder says who owns it. When that process is gone, the next lab removes what is left: its processes end by
// themselves (see processes.mjs) and take the namespaces along, so folders and control groups remain.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeControlGroups } from './engine.mjs'
import { hostLink } from './network.mjs'
import { run, startTime } from './processes.mjs'
import { waitUntil } from './wait.mjs'

const prefix = 'swarmkeeper-lab-'
const graceMs = 60_000

/** The file in which a lab writes down its processes, as `pid start-time` lines. @param {string} dir */
export function ledgerOf(dir) {
  return join(dir, 'processes')
}

/** @param {string} id */
export function cgroupOf(id) {
  return `swarmkeeper-lab-${id}`
}

/** @returns {string} a new private folder, marked as ours */
export function createLabDir() {
  const dir = mkdtempSync(join(tmpdir(), prefix))
  describeLab(dir, '')
  return dir
}

/**
 * @param {string} dir
 * @param {string} id of the lab's network, once known
 */
export function describeLab(dir, id) {
  writeFileSync(join(dir, 'lab.json'), JSON.stringify({ pid: process.pid, started: startTime(process.pid), id }))
}

/**
 * Removes the labs of this machine whose process is gone.
 * @returns {Promise<readonly string[]>} the folders removed
 */
export async function removeLeftovers() {
  const dirs = readdirSync(tmpdir())
    .filter((name) => name.startsWith(prefix))
    .map((name) => join(tmpdir(), name))
  const left = dirs.filter(isLeft)
  for (const dir of left) await removeLab(dir, ownerOf(dir)?.id ?? '')
  return left
}

/**
 * @param {string} dir
 * @param {string} id
 */
export async function removeLab(dir, id) {
  endProcesses(dir)
  if (id !== '') {
    if (existsSync(`/sys/class/net/${hostLink(id)}`)) await run(['ip', 'link', 'del', hostLink(id)]).catch(() => {})
    // refused while processes of a killed engine are still ending
    await waitUntil('control groups to be empty', () => removeControlGroups(cgroupOf(id))).catch(console.error)
  }
  rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
}

/** @param {string} dir */
function isLeft(dir) {
  const owner = ownerOf(dir)
  if (owner === undefined) return age(dir) > graceMs
  return startTime(owner.pid) !== owner.started
}

/** @param {string} dir @returns {{pid: number, started: string, id: string} | undefined} */
function ownerOf(dir) {
  try {
    return JSON.parse(readFileSync(join(dir, 'lab.json'), 'utf8'))
  } catch {
    return undefined
  }
}

/** @param {string} dir */
function endProcesses(dir) {
  const lines = existsSync(ledgerOf(dir)) ? readFileSync(ledgerOf(dir), 'utf8').trim().split('\n') : []
  for (const line of lines) {
    const [pid = 0, started] = [Number(line.split(' ')[0]), line.split(' ')[1]]
    if (pid <= 1 || startTime(pid) !== started) continue
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // it ended in the meantime
    }
  }
}

/** @param {string} dir */
function age(dir) {
  try {
    return Date.now() - statSync(dir).mtimeMs
  } catch {
    return 0
  }
}
