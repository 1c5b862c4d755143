import { execFileSync, spawn } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { waitUntil } from '../lab/wait.mjs'

/** A real sshd on loopback, with keys of its own. */
export interface SshServer {
  readonly user: string
  readonly port: number
  /** `ssh-ed25519 AAAA…` */
  readonly hostKey: string
  /** A private key that may log in, and the path that it stands at. */
  readonly keyFile: string
  /** The same key, for whoever says the passphrase `open sesame`. */
  lockedKeyFile(): string
  stop(): Promise<void>
}

const SSHD = '/usr/sbin/sshd'

/** False, and said on stderr, where the machine has none. */
export function sshPossible(): boolean {
  const possible = existsSync(SSHD) && process.getuid?.() === 0
  if (!possible) console.error('SKIPPED: ssh endpoints need openssh-server and root')
  return possible
}

/** @param hostKeyType words of `ssh-keygen -t` */
export async function startSshServer(
  directory: string,
  hostKeyType: readonly string[] = ['ed25519'],
): Promise<SshServer> {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 }) // sshd does not start without it
  const hostKey = makeKey(directory, 'host', hostKeyType)
  const login = makeKey(directory, 'login')
  const port = await freePort()
  const config = join(directory, 'sshd_config')
  writeFileSync(join(directory, 'authorized_keys'), `${login.public}\n`, { mode: 0o600 })
  writeFileSync(
    config,
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${hostKey.file}`,
      `AuthorizedKeysFile ${join(directory, 'authorized_keys')}`,
      `PidFile ${join(directory, 'sshd.pid')}`,
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'PermitRootLogin prohibit-password',
      'AllowStreamLocalForwarding yes',
      '',
    ].join('\n'),
  )
  const child = spawn(SSHD, ['-D', '-e', '-f', config], { stdio: 'ignore' })
  const ended = new Promise<void>((done) => child.once('close', () => done()))
  await waitUntil('sshd', () => accepts(port), { everyMs: 20 })
  return {
    user: userInfo().username,
    port,
    hostKey: hostKey.public,
    keyFile: login.file,
    lockedKeyFile: () => {
      const file = join(directory, 'locked')
      copyFileSync(login.file, file)
      execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'open sesame', '-f', file])
      return file
    },
    stop: () => {
      child.kill()
      return ended
    },
  }
}

/** Another key than that of the server. */
export function strangeHostKey(directory: string): string {
  return makeKey(directory, 'stranger').public
}

function makeKey(
  directory: string,
  name: string,
  words: readonly string[] = ['ed25519'],
): { readonly file: string; readonly public: string } {
  const file = join(directory, name)
  execFileSync('ssh-keygen', ['-q', '-t', ...words, '-N', '', '-C', name, '-f', file])
  const [type = '', key = ''] = readFileSync(`${file}.pub`, 'utf8').split(' ')
  return { file, public: `${type} ${key}` }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
