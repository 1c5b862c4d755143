import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startApiCounter } from '../lab/api-counter.mjs'
import { type Lab, labPossible, requireLab } from '../lab/lab.mjs'
import { createDocuments } from '../support/documents.ts'
import { ask, createLiveFleet, type LiveFleet } from '../support/live-fleet.ts'
import { type SshServer, sshPossible, startSshServer, strangeHostKey } from '../support/ssh-server.ts'

describe.skipIf(!labPossible())('how a Swarm is reached', () => {
  let lab: Lab
  const fleets: LiveFleet[] = []

  beforeAll(async () => {
    lab = await requireLab()
  })
  afterEach(async () => {
    for (const fleet of fleets.splice(0)) await fleet.dispose()
  })
  afterAll(() => lab?.dispose())

  const open = async (name: string, options: Parameters<typeof createLiveFleet>[2]): Promise<LiveFleet> => {
    const fleet = await createLiveFleet(lab, name, options)
    fleets.push(fleet)
    return fleet
  }

  /** One apply of one service, and why the target could not be reached, if so. */
  const applied = async (fleet: LiveFleet) => {
    const name = `via-${fleets.length}-${Math.random().toString(36).slice(2, 8)}`
    const { service } = createDocuments(lab)
    const outcome = await fleet.ship('web', { 'apps/web/web.yaml': service(name, 'app:1') })
    const [target] = (await fleet.engine.status(ask())).targets
    return { outcome: outcome.outcome, message: target?.message }
  }

  describe('by TCP with TLS', () => {
    let tls: Awaited<ReturnType<Lab['listenTls']>>
    const file = (name: string, text: string): string => {
      const path = join(lab.dir, name)
      writeFileSync(path, text, { mode: 0o600 })
      return path
    }
    const settingsFor = (pair: { key: string; cert: string }, addresses: readonly string[]): string => {
      const files = { ca: tls.ca, cert: pair.cert, key: pair.key }
      const parts = Object.entries(files).map(([part, text]) => `${part}: { file: ${file(`tls-${part}.pem`, text)} }`)
      return `credentials: { docker: { type: docker-tls, addresses: ${JSON.stringify(addresses)}, ${parts.join(', ')} } }`
    }
    beforeAll(async () => {
      tls = await lab.listenTls()
    })
    const address = (): string => tls.url.slice('tcp://'.length)
    const target = { credential: 'docker' }

    it('applies with the credential for this address', async () => {
      const fleet = await open('tls', { endpoint: tls.url, target, settings: settingsFor(tls.client, [address()]) })
      expect(await applied(fleet)).toEqual({ outcome: 'proven', message: undefined })
      expect(tls.counter.matching('POST', '/services/create')).toHaveLength(1)
    })

    it('is refused with a certificate that the engine does not know', async () => {
      const fleet = await open('stranger', {
        endpoint: tls.url,
        target,
        settings: settingsFor(tls.stranger, [address()]),
      })
      expect(await applied(fleet)).toMatchObject({ outcome: 'unknown', message: expect.stringContaining(tls.url) })
    })

    it('sends a credential only to the addresses that the operator bound it to', async () => {
      const settings = settingsFor(tls.client, ['127.0.0.1:1', 'elsewhere.test'])
      tls.counter.forget()
      const fleet = await open('elsewhere', { endpoint: tls.url, target, settings })
      expect(await applied(fleet)).toMatchObject({
        outcome: 'unknown',
        message: `the credential 'docker' may be used for 127.0.0.1:1, elsewhere.test, not for ${address()}`,
      })
      expect(tls.counter.calls).toEqual([])
    })
  })

  it('plain TCP to another machine is refused, unless the operator says that it is insecure', async () => {
    const listen = { address: lab.hostAddress }
    const counter = await startApiCounter({ engineSocket: lab.engine.socketPath, listen })
    const endpoint = `tcp://${counter.address}`
    const plain = await open('plain', { endpoint })
    expect(await applied(plain)).toMatchObject({ outcome: 'unknown', message: `the endpoint ${endpoint} has no TLS` })
    expect(counter.calls).toEqual([])
    const settings = `credentials: { tapped: { type: docker-tcp, addresses: ["${lab.hostAddress}"], insecure: true } }`
    const insecure = await open('insecure', { endpoint, settings, target: { credential: 'tapped' } })
    expect(await applied(insecure)).toMatchObject({ outcome: 'proven' })
    await counter.dispose()
  })

  describe.skipIf(!sshPossible())('by ssh', () => {
    let server: SshServer
    beforeAll(async () => {
      server = await startSshServer(join(lab.dir, 'sshd'))
    })
    afterAll(() => server?.stop())
    const url = (): string => `ssh://${server.user}@127.0.0.1:${server.port}${lab.counter.socketPath}`
    const settings = (): string =>
      `credentials: { fleet-key: { type: ssh, addresses: ["127.0.0.1:${server.port}"], key: { file: ${server.keyFile} } } }`
    const target = { credential: 'fleet-key' }

    it('applies through the socket of the host, whose key is pinned', async () => {
      const pinned = { ...target, hostKey: server.hostKey }
      const fleet = await open('ssh', { endpoint: url(), target: pinned, settings: settings() })
      lab.counter.forget()
      expect(await applied(fleet)).toEqual({ outcome: 'proven', message: undefined })
      expect(lab.counter.matching('POST', '/services/create')).toHaveLength(1)
    })

    it('talks to no host that shows another key', async () => {
      const pinned = { ...target, hostKey: strangeHostKey(join(lab.dir, 'sshd')) }
      const fleet = await open('other-host', { endpoint: url(), target: pinned, settings: settings() })
      lab.counter.forget()
      const seen = await applied(fleet)
      expect(seen).toMatchObject({
        outcome: 'unknown',
        message: expect.stringContaining('and pinned is'),
      })
      expect(lab.counter.calls).toEqual([])
    })

    it('needs a pinned key', async () => {
      const fleet = await open('unpinned', { endpoint: url(), target, settings: settings() })
      expect(await applied(fleet)).toMatchObject({ outcome: 'unknown', message: expect.stringContaining('hostKey') })
    })
  })
})
