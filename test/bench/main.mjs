// @ts-check
// `npm run bench:hosts`: Ansible and swarmkeeper bring about the same on eight hosts, in turn; see README.md.
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { hostsPossible, startHosts } from '../lab/hosts.mjs'
import { ansibleVersion, createAnsible } from './ansible.mjs'
import { requireActive, resetHosts, stateOf } from './hosts-state.mjs'
import { createOurs } from './swarmkeeper.mjs'
import { HOSTS, WORKERS } from './workload.mjs'

const ROUNDS = 3
/** Of ours that take no time: each round's is the median of so many. */
const CHECKS = 5

/** @typedef {'apply' | 'check' | 'warm'} Act */
/** @typedef {Record<Act, number[]>} Times */

const [built = '', wished] = process.argv.slice(2)
const rounds = Number(wished ?? ROUNDS)
const say = (/** @type {string} */ line) => console.log(line)

/** @param {string} version */
async function bench(version) {
  say(`${version}, Node ${process.version}, ${cpus().length} processors`)
  say(`${HOSTS} hosts with ${WORKERS} units and ${WORKERS} files each, ${rounds} rounds`)
  const hosts = await startHosts({ count: HOSTS, supervisord: false, say: (line) => say(`  ${line}`) })
  /** @type {(() => Promise<void>)[]} */
  const ends = [hosts.dispose]
  try {
    const ansible = await createAnsible({ dir: join(hosts.dir, 'ansible'), hosts })
    ends.unshift(ansible.dispose)
    const ours = await createOurs({ dir: join(hosts.dir, 'ours'), hosts, built })
    ends.unshift(ours.dispose)
    await ansible.connect()
    await ours.version()
    const times = { ansible: blank(), ours: blank() }
    for (let round = 0; round < rounds; round += 1) {
      const sides = [() => runAnsible(ansible, hosts, times.ansible), () => runOurs(ours, hosts, times.ours)]
      // each is first as often as the other
      const states = []
      for (const side of round % 2 === 0 ? sides : sides.toReversed()) states.push(await side())
      if (states[0] !== states[1]) throw new Error('the two sides left different states behind')
    }
    report(times)
  } finally {
    for (const end of ends) await end()
  }
}

/** @returns {Times} */
const blank = () => ({ apply: [], check: [], warm: [] })

/**
 * @param {import('./ansible.mjs').Ansible} ansible
 * @param {import('../lab/hosts.mjs').Hosts} hosts
 * @param {Times} times
 */
async function runAnsible(ansible, hosts, times) {
  await resetHosts(hosts.all)
  note('Ansible', 'apply', times, await ansible.apply())
  await requireActive(hosts.all)
  note('Ansible', 'check', times, await ansible.check())
  return stateOf(hosts.all)
}

/**
 * @param {import('./swarmkeeper.mjs').Ours} ours
 * @param {import('../lab/hosts.mjs').Hosts} hosts
 * @param {Times} times
 */
async function runOurs(ours, hosts, times) {
  await resetHosts(hosts.all)
  ours.forget()
  note('swarmkeeper', 'apply', times, await ours.apply())
  await requireActive(hosts.all)
  note('swarmkeeper', 'check', times, median(await several(ours.check)))
  const warm = await ours.warm()
  try {
    await warm.tick() // connects
    note('swarmkeeper', 'warm', times, median(await several(warm.tick)))
  } finally {
    await warm.dispose()
  }
  return stateOf(hosts.all)
}

/** @param {() => Promise<number>} measure */
async function several(measure) {
  const all = []
  for (let at = 0; at < CHECKS; at += 1) all.push(await measure())
  return all
}

/** @param {string} side @param {Act} act @param {Times} times @param {number} ms */
function note(side, act, times, ms) {
  times[act].push(ms)
  const load = loadavg()[0]?.toFixed(1)
  say(`  ${side.padEnd(12)} ${act.padEnd(6)} ${seconds(ms)} s   (load ${load})`)
}

/** @param {{ansible: Times, ours: Times}} times */
function report({ ansible, ours }) {
  const rows = /** @type {const} */ ([
    ['check_oneshot', 'check, as a command', ansible.check, ours.check],
    ['check_warm', 'check, as a tick', ansible.check, ours.warm],
    ['apply', 'apply, as a command', ansible.apply, ours.apply],
  ])
  say(`\n${'medians'.padEnd(24)}  Ansible   swarmkeeper`)
  const words = rows.map(([word, title, theirs, own]) => {
    say(`${title.padEnd(24)} ${seconds(median(theirs))} s ${seconds(median(own)).padStart(9)} s`)
    return `${word}=${Math.floor(median(theirs) / median(own))}`
  })
  say(words.join(' '))
}

const seconds = (/** @type {number} */ ms) => (ms / 1000).toFixed(2).padStart(7)

/** @param {readonly number[]} numbers */
function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const high = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? high : (high + (sorted[middle - 1] ?? Number.NaN)) / 2
}

const version = await ansibleVersion()
if (version === undefined) {
  say('SKIPPED: Ansible is not installed. On Debian: apt-get install --no-install-recommends ansible-core')
} else if (hostsPossible()) {
  await bench(version)
}
