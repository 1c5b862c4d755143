import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGitSource } from '../../src/source/git-source.ts'
import { contentsOf } from '../conformance/source.ts'
import { createGitWorld, type GitWorld } from './support/git-world.ts'

const SSHD = '/usr/sbin/sshd'
const missing = existsSync(SSHD) ? undefined : 'needs sshd (package openssh-server)'

describe.skipIf(missing !== undefined)(`over ssh${missing === undefined ? '' : `: ${missing}`}`, () => {
  let folder: string
  let world: GitWorld
  let server: SshServer
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'swarmkeeper-ssh-'))
    world = createGitWorld()
    world.commit({ 'a.yaml': 'a: 1' })
    server = await startSshServer(folder)
  })
  afterAll(() => {
    server.stop()
    world.remove()
    rmSync(folder, { recursive: true, force: true })
  })

  const sourceWith = (sshKey: { readonly file: string; readonly knownHosts: string }, name: string) =>
    createGitSource({
      url: `ssh://${userInfo().username}@127.0.0.1:${server.port}${world.repository}`,
      branch: 'main',
      directory: join(folder, name),
      sshKey,
    })

  it('reads a repository with a key, where the host key is the known one', async () => {
    const source = sourceWith({ file: server.key, knownHosts: server.knownHosts }, 'good')
    expect(await contentsOf(source)).toEqual({ 'a.yaml': 'a: 1' })
    await source.dispose()
  })

  it('does not speak to a host whose key is another or unknown', async () => {
    for (const content of [server.otherHostLine, '']) {
      const knownHosts = join(folder, 'others')
      writeFileSync(knownHosts, content)
      const source = sourceWith({ file: server.key, knownHosts }, 'unknown-host')
      const { signal } = new AbortController()
      await expect(source.resolve({ signal })).rejects.toMatchObject({
        reason: 'SourceUnreachable',
        message: expect.stringContaining('Host key verification failed'),
      })
    }
  })

  it('uses no other key than the one in the settings', async () => {
    const source = sourceWith({ file: server.otherKey, knownHosts: server.knownHosts }, 'other-key')
    const { signal } = new AbortController()
    await expect(source.resolve({ signal })).rejects.toMatchObject({ reason: 'SourceUnreachable' })
  })
})

interface SshServer {
  readonly port: number
  readonly key: string
  readonly otherKey: string
  readonly knownHosts: string
  readonly otherHostLine: string
  stop(): void
}

async function startSshServer(folder: string): Promise<SshServer> {
  const makeKey = (name: string) => {
    execFileSync('/usr/bin/ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)])
    return join(folder, name)
  }
  const [hostKey, key, otherKey] = [makeKey('host'), makeKey('key'), makeKey('other')]
  const port = await freePort()
  const hostLine = (file: string) => `[127.0.0.1]:${port} ${readFileSync(`${file}.pub`, 'utf8')}`
  writeFileSync(join(folder, 'known_hosts'), hostLine(hostKey))
  // sshd drops its privileges into this folder, and Debian makes it only when the service starts.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  const settings = {
    ListenAddress: '127.0.0.1',
    HostKey: hostKey,
    AuthorizedKeysFile: `${key}.pub`,
    StrictModes: 'no',
    UsePAM: 'no',
    PidFile: 'none',
    PasswordAuthentication: 'no',
  }
  const words = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  const sshd = spawn(SSHD, ['-D', '-e', '-f', '/dev/null', '-p', String(port), ...words], { stdio: 'ignore' })
  await listening(port)
  const files = { key, otherKey, knownHosts: join(folder, 'known_hosts'), otherHostLine: hostLine(otherKey) }
  return { port, ...files, stop: () => void sshd.kill() }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

/** Until the port answers: the runner's time limit ends it otherwise. */
async function listening(port: number): Promise<void> {
  const answers = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
      socket.on('close', () => undefined)
      socket.on('connect', () => socket.destroy())
    })
  while (!(await answers())) await new Promise((resolve) => setImmediate(resolve))
}
