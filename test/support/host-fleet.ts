import { join } from 'node:path'
import { createRepository } from '../lab/git-repository.mjs'
import { createLiveFleet, type LiveFleet, type LiveFleetOptions, type WrittenDocument } from './live-fleet.ts'

/** What a fleet needs of a lab with hosts, or of a crowd. */
export interface HostGround {
  readonly dir: string
  readonly keyFile: string
  readonly first: HostPlace
  readonly all: readonly HostPlace[]
}

interface HostPlace {
  readonly name: string
  readonly address: string
  readonly port: number
  readonly hostKey: () => string
}

/** How the hosts of a lab are declared: by their names, each with the label `role: worker`. */
export function hostDocuments(hosts: HostGround): readonly WrittenDocument[] {
  return hosts.all.map((host) => ({
    kind: 'Host',
    name: host.name,
    address: host.address,
    port: host.port,
    user: 'deploy',
    become: 'sudo',
    hostKey: host.hostKey(),
    credential: 'fleet-key',
    labels: { role: 'worker' },
  }))
}

/** A config repository in a folder, a database of its own, and the program as a library, for the hosts of a lab. */
export function createHostFleet(hosts: HostGround, name: string, options: LiveFleetOptions = {}): Promise<LiveFleet> {
  const { address } = hosts.first
  const addresses = JSON.stringify(hosts.all.map((host) => host.address))
  const key = `credentials: { fleet-key: { type: ssh, addresses: ${addresses}, key: { file: ${hosts.keyFile} } } }`
  const git = {
    create: (called: string) => {
      const dir = join(hosts.dir, `${called}.git`)
      return createRepository({ name: called, dir, url: `file://${dir}` })
    },
  }
  return createLiveFleet({ address, git }, name, {
    targets: { 'targets/hosts.yaml': hostDocuments(hosts) },
    ...options,
    settings: [key, options.settings ?? ''].join('\n'),
  })
}
