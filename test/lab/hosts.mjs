// @ts-check
// startHosts: machines with a real systemd, sshd and supervisord in namespaces of their own, some seconds to start. Each
// has a disk in memory above the common image: small, so that it can be filled, and kept while the host is off.
import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createHost, makeKey, publicKey } from './host.mjs'
import { hostImage, hostUsers } from './host-image.mjs'
import { createReleasers } from './lab.mjs'
import { cgroupOf, createLabDir, describeLab, ledgerOf, removeLeftovers } from './leftovers.mjs'
import { createNetwork } from './network.mjs'
import { describeMissing, missingForHosts } from './requirements.mjs'

/**
 * @typedef {object} HostsOptions
 * @property {number} [count] default 1, at most 11
 * @property {string} [disk] what a host can store, as tmpfs takes it; default 256m
 * @property {boolean} [supervisord] default true; false starts none, which is a second less of a processor per host
 * @property {(line: string) => void} [say] hears what is being done
 */

/**
 * @typedef {object} Hosts
 * @property {string} dir private folder, gone after dispose
 * @property {readonly import('./host.mjs').Host[]} all
 * @property {import('./host.mjs').Host} first
 * @property {typeof hostUsers} users who may log in
 * @property {string} keyFile private key of all of them
 * @property {string} hostAddress where this machine is reached from the hosts
 * @property {() => Promise<void>} dispose
 */

/**
 * For `describe.skipIf(!hostsPossible())`: says loudly what is missing, or throws where a lab is required.
 * @returns {boolean}
 */
export function hostsPossible() {
  const missing = missingForHosts()
  if (missing.length === 0) return true
  if (process.env.SWARMKEEPER_LAB === 'required') throw new Error(describeMissing(missing))
  console.error(`SKIPPED: hosts. ${describeMissing(missing)}`)
  return false
}

/**
 * Hosts in a network of their own, as a lab has one.
 * @param {HostsOptions} [options]
 * @returns {Promise<Hosts>}
 */
export async function startHosts({ count = 1, disk = '256m', supervisord = true, say = () => {} } = {}) {
  const missing = missingForHosts()
  if (missing.length > 0) throw new Error(describeMissing(missing))
  say('the image of the hosts, made once')
  const image = await hostImage()
  for (const dir of await removeLeftovers()) say(`removed ${dir}, left by a process that is gone`)
  const dir = createLabDir()
  const releasers = createReleasers(dir)
  try {
    mkdirSync(join(dir, 'logs'))
    const ledger = ledgerOf(dir)
    appendFileSync(ledger, '')
    const network = releasers.own(await createNetwork({ dir, ledger }))
    releasers.id = network.id
    describeLab(dir, network.id)
    const keyFile = join(dir, 'login')
    await makeKey(keyFile, 'ed25519')
    const authorized = publicKey(keyFile)
    say(`booting ${count}`)
    const all = await Promise.all(
      Array.from({ length: count }, async (_, at) => {
        const cable = releasers.own(await network.plug(at + 1))
        const place = { name: `host-${at + 1}`, dir, ledger, cable, cgroup: cgroupOf(network.id) }
        const host = await createHost({ ...place, image, disk, supervisord, authorized, own: releasers.own })
        await host.powerOn()
        return host
      }),
    )
    const first = /** @type {import('./host.mjs').Host} */ (all[0])
    const { hostAddress } = network
    return { dir, all, first, users: hostUsers, keyFile, hostAddress, dispose: releasers.run }
  } catch (error) {
    await releasers.run()
    throw error
  }
}
