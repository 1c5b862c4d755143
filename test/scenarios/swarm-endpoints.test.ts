import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { createServer as createTlsServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Sensitive } from '../../src/model/sensitive.ts'
import type { EndpointCredential, SwarmEndpoint } from '../../src/targets/swarm/config.ts'
import { createRecordingEngine, type RecordingEngine } from '../support/recording-engine/recording-engine.ts'
import { createSwarmWorld, neverAborted, type SwarmWorld, TARGET, wantedOf } from '../targets/swarm/swarm-world.ts'

const missing = ['/usr/sbin/sshd', '/usr/bin/ssh-keygen', '/usr/bin/openssl'].filter((path) => !existsSync(path))
if (missing.length > 0) console.error(`endpoints by ssh and TLS are not tested: ${missing.join(', ')} missing`)

const wanted = wantedOf({ kind: 'Service', name: 'web', image: 'app:1', resolve: 'never' })

const worldAt = (endpoint: SwarmEndpoint, credential: EndpointCredential): SwarmWorld =>
  createSwarmWorld({
    endpoint: endpoint.url,
    config: { name: TARGET, endpoints: [endpoint], credential: 'prod', registries: [] },
    credentials: {
      endpoint: () => credential,
      registry: () => ({ addresses: [], username: '', password: new Sensitive('') }),
    },
    timeoutMs: 5_000,
  })

describe.skipIf(missing.length > 0)('endpoints of a Swarm', () => {
  const dir = mkdtempSync(join(tmpdir(), 'swarmkeeper-endpoints-'))
  let engine: RecordingEngine
  const ends: (() => unknown)[] = []
  beforeAll(async () => {
    engine = await createRecordingEngine({ socketPath: join(dir, 'docker.sock') })
  })
  afterAll(async () => {
    for (const end of ends.reverse()) await end()
    await engine?.dispose()
    rmSync(dir, { recursive: true, force: true })
  })

  describe('by ssh, with a pinned host key', () => {
    const keys = join(dir, 'ssh')
    let open = 0
    let closed = 0
    beforeAll(async () => {
      mkdirSync(keys)
      mkdirSync('/run/sshd', { recursive: true })
      for (const name of ['host', 'client', 'other']) keygen(join(keys, name))
      // Stands for the docker CLI on the host: joins the standard streams with the engine's socket.
      const bin = join(dir, 'bin')
      mkdirSync(bin)
      const join2 = `require('net').connect('${join(dir, 'docker.sock')}',function(){process.stdin.pipe(this).pipe(process.stdout)})`
      const script = `#!/bin/sh\n[ "$*" = "system dial-stdio" ] && exec ${process.execPath} -e "${join2}"\nexit 64\n`
      writeFileSync(join(bin, 'docker'), script, { mode: 0o755 })
      open = await sshd({ forwarding: true, bin })
      closed = await sshd({ forwarding: false, bin })
    })

    const sshd = async ({ forwarding, bin }: { forwarding: boolean; bin: string }): Promise<number> => {
      const port = await freePort()
      const config = join(keys, `sshd-${port}.conf`)
      writeFileSync(
        config,
        [
          `Port ${port}`,
          'ListenAddress 127.0.0.1',
          `HostKey ${join(keys, 'host')}`,
          `AuthorizedKeysFile ${join(keys, 'client.pub')}`,
          'StrictModes no',
          'UsePAM no',
          'PasswordAuthentication no',
          'PermitRootLogin yes',
          `PidFile ${config}.pid`,
          `AllowStreamLocalForwarding ${forwarding ? 'yes' : 'no'}`,
          `SetEnv PATH=${bin}:/usr/bin:/bin`,
        ].join('\n'),
      )
      const daemon = spawn('/usr/sbin/sshd', ['-D', '-f', config], { stdio: 'ignore' })
      ends.push(() => daemon.kill())
      await untilListening(port)
      return port
    }
    const at = (port: number, key = 'client', hostKey = 'host') =>
      worldAt(
        {
          url: `ssh://${process.env.USER ?? 'root'}@127.0.0.1:${port}${join(dir, 'docker.sock')}`,
          hostKey: readFileSync(join(keys, `${hostKey}.pub`), 'utf8'),
        },
        { privateKey: new Sensitive(readFileSync(join(keys, key))) },
      )

    it('reaches the socket of the engine through the connection, however many calls there are at once', async () => {
      const world = at(open)
      await Promise.all(Array.from({ length: 5 }, () => world.observe(wanted)))
      expect(await world.one(wanted)).toEqual({ state: 'absent' })
      await world.target.dispose()
    })

    it('falls back to the docker CLI where the host forwards no sockets', async () => {
      const world = at(closed)
      await Promise.all(Array.from({ length: 5 }, () => world.observe(wanted)))
      expect(await world.one(wanted)).toEqual({ state: 'absent' })
      await world.target.dispose()
    })

    it('refuses a host that shows another key', async () => {
      const world = at(open, 'client', 'other')
      await expect(world.observe(wanted)).rejects.toMatchObject({
        reason: 'TargetMismatch',
        message: expect.stringContaining('and pinned is'),
      })
      await world.target.dispose()
    })

    it('says that the login failed, and never shows the key', async () => {
      const world = at(open, 'other')
      const error = await world.observe(wanted).catch((caught: unknown) => caught)
      expect(error).toMatchObject({ reason: 'LoginRefused', message: expect.stringContaining('authentication') })
      expect(JSON.stringify(error)).not.toContain('PRIVATE KEY')
      await world.target.dispose()
    })
  })

  describe('by TCP with TLS', () => {
    const tls = join(dir, 'tls')
    let port = 0
    const pem = (name: string) => readFileSync(join(tls, name), 'utf8')
    beforeAll(async () => {
      mkdirSync(tls)
      certificates(tls)
      const server: Server = createTlsServer(
        {
          key: pem('server.key'),
          cert: pem('server.crt'),
          ca: pem('ca.crt'),
          requestCert: true,
          rejectUnauthorized: true,
        },
        (incoming, response) => {
          const { method, headers } = incoming
          const onward = request(
            { socketPath: join(dir, 'docker.sock'), path: incoming.url, method, headers },
            (answer) => {
              response.writeHead(answer.statusCode ?? 502, answer.headers)
              answer.pipe(response)
            },
          )
          incoming.pipe(onward)
        },
      )
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      ends.push(
        () => server.closeAllConnections(),
        () => server.close(),
      )
      port = (server.address() as AddressInfo).port
    })
    const at = (credential: EndpointCredential) => worldAt({ url: `tcp://127.0.0.1:${port}` }, credential)

    it('shows its certificate and checks that of the engine', async () => {
      const world = at({ ca: pem('ca.crt'), cert: pem('client.crt'), key: new Sensitive(pem('client.key')) })
      expect(await world.one(wanted)).toEqual({ state: 'absent' })
      await world.target.dispose()
    })

    it('refuses an engine whose certificate its authority did not sign', async () => {
      const world = at({ ca: pem('other.crt'), cert: pem('client.crt'), key: new Sensitive(pem('client.key')) })
      await expect(world.target.identity({ signal: neverAborted })).rejects.toMatchObject({
        reason: 'TargetUnreachable',
      })
      await world.target.dispose()
    })

    it('is refused without a certificate', async () => {
      const world = at({ ca: pem('ca.crt') })
      await expect(world.target.identity({ signal: neverAborted })).rejects.toMatchObject({
        reason: 'TargetUnreachable',
      })
      await world.target.dispose()
    })
  })
})

function keygen(path: string): void {
  execFileSync('/usr/bin/ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path])
}

function certificates(dir: string): void {
  const openssl = (...words: readonly string[]) => execFileSync('/usr/bin/openssl', words, { cwd: dir, stdio: 'pipe' })
  const selfSigned = (name: string) =>
    openssl(
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
      ...['-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.crt`],
    )
  selfSigned('ca')
  selfSigned('other')
  writeFileSync(join(dir, 'san.conf'), 'subjectAltName=IP:127.0.0.1\n')
  for (const name of ['server', 'client']) {
    openssl(
      ...['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', `/CN=${name}`],
      ...['-keyout', `${name}.key`, '-out', `${name}.csr`],
    )
    openssl(
      ...['x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial'],
      ...['-days', '2', '-extfile', 'san.conf', '-out', `${name}.crt`],
    )
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function untilListening(port: number): Promise<void> {
  for (let left = 100; left > 0; left -= 1) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy()
        resolve(true)
      })
      socket.once('error', () => resolve(false))
    })
    if (open) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`nothing listens on ${port}`)
}
