// @ts-check
// The lab's own network: a switch (a bridge in a network namespace of its own) with one cable to the host and one to
// each node. All namespaces are anonymous and held by a process, so they vanish with it: nothing stands in /run/netns.
//
//   host .1 ── switch (registry at .14) ── node-1 .2, node-2 .3, …     one /28 of 198.18.0.0/15 (RFC 2544, for tests)
//
// No namespace has a default route: a lab reaches nothing but itself and the host.

import { readlinkSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { run, start } from './processes.mjs'
import { waitUntil } from './wait.mjs'

const subnets = 8192
const hostPort = 1
const switchPort = 14

/** Every address that a lab may have; engines trust plain-http registries there. */
export const labRange = '198.18.0.0/15'

/**
 * @typedef {object} Cable one end of the lab's network
 * @property {string} address
 * @property {import('./processes.mjs').Running} holder keeps the network namespace alive
 * @property {(words: readonly string[]) => string[]} inside the words that run a command in this namespace
 * @property {() => Promise<void>} cut takes the cable out: nothing reaches the node over the network
 * @property {() => Promise<void>} mend
 * @property {() => Promise<void>} dispose
 */

/**
 * @typedef {object} LabNetwork
 * @property {string} id four hexadecimal digits, unique among the labs of this machine
 * @property {string} subnet like 198.18.0.16/28
 * @property {string} hostAddress where processes of the host are reached from the lab
 * @property {string} switchAddress
 * @property {(words: readonly string[]) => string[]} inSwitch
 * @property {(number: number) => Promise<Cable>} plug a new namespace with the address of node 1, 2, … 11
 * @property {() => Promise<void>} dispose
 */

/**
 * @param {{dir: string, ledger: string}} options
 * @returns {Promise<LabNetwork>}
 */
export async function createNetwork({ dir, ledger }) {
  const hold = (/** @type {string} */ name) =>
    start(['unshare', '--net', 'sleep', 'infinity'], { name, log: `${dir}/logs/${name}.log`, ledger })
  const holder = hold('switch')
  try {
    await ownNamespace(holder)
    const inSwitch = enter(holder)
    await run(inSwitch(['ip', '-batch', '-']), { input: 'link set lo up\nlink add lab type bridge\nlink set lab up\n' })
    const claim = await claimSubnet(holder)
    const address = (/** @type {number} */ host) => addressOf(claim, host)
    await run(['ip', '-batch', '-'], { input: up(linkName(claim), address(hostPort)) })
    await run(inSwitch(['ip', '-batch', '-']), {
      input: `link set host master lab up\naddr add ${address(switchPort)}/28 dev lab\n`,
    })
    return {
      id: hex(claim),
      subnet: `${address(0)}/28`,
      hostAddress: address(hostPort),
      switchAddress: address(switchPort),
      inSwitch,
      plug: (number) => plug({ number, address: address(hostPort + number), inSwitch, holder: hold(`node-${number}`) }),
      dispose: async () => {
        await run(['ip', 'link', 'del', linkName(claim)]).catch(() => {})
        await holder.stop()
      },
    }
  } catch (error) {
    await holder.stop()
    throw error
  }
}

/**
 * The host's interface of a lab, for the clean-up after a kill.
 * @param {string} id
 */
export function hostLink(id) {
  return `swk${id}`
}

/**
 * @param {{number: number, address: string, inSwitch: (words: readonly string[]) => string[],
 *   holder: import('./processes.mjs').Running}} options
 * @returns {Promise<Cable>}
 */
async function plug({ number, address, inSwitch, holder }) {
  const inside = enter(holder)
  const port = `node-${number}`
  try {
    await ownNamespace(holder)
    await run(inSwitch(['ip', '-batch', '-']), {
      input: `link add ${port} type veth peer name eth0 netns ${holder.pid}\nlink set ${port} master lab up\n`,
    })
    await run(inside(['ip', '-batch', '-']), { input: `link set lo up\n${up('eth0', address)}` })
  } catch (error) {
    await holder.stop()
    throw error
  }
  return {
    address,
    holder,
    inside,
    cut: async () => void (await run(inSwitch(['ip', 'link', 'set', port, 'down']))),
    mend: async () => void (await run(inSwitch(['ip', 'link', 'set', port, 'up']))),
    dispose: () => holder.stop(),
  }
}

/**
 * The name of the host's interface is the claim: the kernel gives it to one lab only.
 * @param {import('./processes.mjs').Running} holder
 */
async function claimSubnet(holder) {
  const first = (process.pid * 7 + Date.now()) % subnets
  for (let step = 0; step < 64; step += 1) {
    const claim = (first + step) % subnets
    if (taken(claim)) continue
    const words = [
      'ip',
      'link',
      'add',
      linkName(claim),
      'type',
      'veth',
      'peer',
      'name',
      'host',
      'netns',
      `${holder.pid}`,
    ]
    const done = await run(words).then(
      () => true,
      (error) => {
        if (!/File exists/.test(String(error))) throw error
        return false
      },
    )
    if (done) return claim
  }
  throw new Error(`no free subnet in ${labRange}: 64 were tried and all are in use on this machine`)
}

/** @param {number} claim */
function taken(claim) {
  const prefix = addressOf(claim, 0).split('.').slice(0, 3).join('.')
  return Object.entries(networkInterfaces()).some(
    ([name, addresses]) => !name.startsWith('swk') && addresses?.some((one) => one.address.startsWith(`${prefix}.`)),
  )
}

/** @param {import('./processes.mjs').Running} holder */
async function ownNamespace(holder) {
  const ours = readlinkSync('/proc/self/ns/net')
  await waitUntil('a network namespace', () => readlinkSync(`/proc/${holder.pid}/ns/net`) !== ours, {
    timeoutMs: 10_000,
    everyMs: 5,
    giveUp: () =>
      holder.alive() ? undefined : `"${holder.name}" ended; this machine may not allow network namespaces`,
  })
}

/**
 * @param {import('./processes.mjs').Running} holder
 * @returns {(words: readonly string[]) => string[]}
 */
function enter(holder) {
  return (words) => ['nsenter', `--net=/proc/${holder.pid}/ns/net`, '--', ...words]
}

/**
 * @param {string} link
 * @param {string} address
 */
function up(link, address) {
  return `addr add ${address}/28 dev ${link}\nlink set ${link} up\n`
}

/**
 * @param {number} claim
 * @param {number} host
 */
function addressOf(claim, host) {
  const offset = claim * 16 + host
  return `198.${18 + (offset >> 16)}.${(offset >> 8) & 255}.${offset & 255}`
}

/** @param {number} claim */
function hex(claim) {
  return claim.toString(16).padStart(4, '0')
}

/** @param {number} claim */
function linkName(claim) {
  return hostLink(hex(claim))
}
