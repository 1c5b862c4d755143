import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe } from 'vitest'
import { createRealClock } from '../../src/lib/real-clock.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import type { Shell } from '../../src/shell/shell.ts'
import { createSshPool } from '../../src/shell/ssh-pool.ts'
import { targetConformance } from '../conformance/target.ts'
import { type Hosts, hostsPossible, startHosts } from '../lab/hosts.mjs'
import { createHostConformanceWorld } from '../targets/host/conformance-world.ts'

describe.skipIf(!hostsPossible())('the conformance of the host target', () => {
  const clock = createRealClock()
  let hosts: Hosts
  let shell: Shell
  beforeAll(async () => {
    hosts = await startHosts({ supervisord: false })
    const { address, port } = hosts.first
    const privateKey = new Sensitive(readFileSync(hosts.keyFile))
    const login = { host: address, port, user: 'deploy', hostKey: hosts.first.hostKey(), privateKey }
    shell = createSshPool({ clock, random: Math.random }).shell({ ...login, become: 'sudo' })
  })
  afterAll(async () => {
    await shell?.dispose()
    await hosts?.dispose()
  })

  targetConformance('a real host', () => createHostConformanceWorld({ host: hosts.first, shell, clock }))
})
