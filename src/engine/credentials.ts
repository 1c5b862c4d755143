import { lstatSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ReconcileError } from '../model/error.ts'
import { credentialFor } from '../settings/credential-for.ts'
import type { RepositorySettings, Settings, SshProof } from '../settings/settings.ts'
import type { SshLogin } from '../shell/ssh-login.ts'
import type { GitSourceOptions } from '../source/git-options.ts'
import type { Supervisor } from '../targets/host/supervisord/reach.ts'
import type { SwarmCredentials } from '../targets/swarm/config.ts'

/** The operator's credentials as a Swarm target asks for them, each at the addresses that it is bound to only. */
export function swarmCredentials(settings: Settings): SwarmCredentials {
  return {
    endpoint: (name, address) => {
      const credential = credentialFor(settings, name, address)
      switch (credential.type) {
        case 'docker-tls':
          return { ca: credential.ca, cert: credential.cert, key: credential.key }
        case 'docker-tcp':
          return { insecure: true }
        case 'ssh':
          return keyOf(credential)
        default:
          throw wrongType(name, `of type ${credential.type}`)
      }
    },
    registry: (name) => {
      const credential = settings.credentials.get(name)
      if (credential?.type !== 'registry')
        throw wrongType(name, credential ? `of type ${credential.type}` : 'not there')
      const { username, password } = credential
      return { addresses: credential.addresses.map(({ text }) => text), username, password }
    },
  }
}

function keyOf(credential: SshProof): SshKey {
  if ('agent' in credential) return { agent: credential.agent }
  const { key, passphrase } = credential
  return { privateKey: key, ...(passphrase ? { passphrase } : {}) }
}

type SshKey = Pick<SshLogin, 'privateKey' | 'passphrase' | 'agent'>

/**
 * The key that a host is logged in with, at the addresses that the operator bound it to only.
 * @throws ReconcileError `InvalidSettings`
 */
export function sshCredential(settings: Settings, name: string | undefined, address: string): SshKey {
  if (name === undefined) {
    throw new ReconcileError('InvalidSettings', {
      message: `the host at ${address} names no credential`,
      todo: 'give it `credential: NAME`, and the settings a credential of type ssh with that name',
    })
  }
  const credential = credentialFor(settings, name, address)
  if (credential.type !== 'ssh') throw wrongType(name, `of type ${credential.type}`)
  return keyOf(credential)
}

/** The name and password that the supervisord of a host asks for. @throws ReconcileError `InvalidSettings` */
export function supervisordLogin(
  settings: Pick<Settings, 'credentials'>,
  name: string,
  address: string,
): Supervisor['login'] {
  const credential = credentialFor(settings, name, address)
  if (credential.type !== 'supervisord') throw wrongType(name, `of type ${credential.type}`)
  const { username, password } = credential
  return { username, password }
}

function wrongType(name: string, what: string): ReconcileError {
  return new ReconcileError('InvalidSettings', {
    message: `the credential '${name}' is ${what}`,
    todo: 'name another one in the target document, or correct the settings',
  })
}

export interface GitAccess {
  readonly options: Pick<GitSourceOptions, 'auth' | 'sshKey'>
  dispose(): void
}

const FOLDER = 'swarmkeeper-ssh-'

/** A process that was killed leaves its folder behind, with a key in it (SEC-24). */
function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    const [, pid] = /^swarmkeeper-ssh-(\d+)-/.exec(name) ?? []
    if (pid === undefined || isRunning(Number(pid))) continue
    const path = join(tmpdir(), name)
    const found = lstatSync(path, { throwIfNoEntry: false })
    if (found?.isDirectory() && found.uid === process.getuid?.()) rmSync(path, { recursive: true, force: true })
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/** How git gets at its key: ssh reads files, so a key that came from elsewhere stands in a private folder for a while. */
export function gitAccess({ auth, ssh }: RepositorySettings): GitAccess {
  const withAuth = auth ? { auth } : {}
  if (!ssh) return { options: withAuth, dispose: () => {} }
  removeLeftovers()
  const folder = mkdtempSync(join(tmpdir(), `${FOLDER}${process.pid}-`))
  const knownHosts = join(folder, 'known_hosts')
  writeFileSync(knownHosts, `${ssh.knownHosts.trim()}\n`, { mode: 0o600 })
  const file = ssh.keyFile ?? join(folder, 'key')
  // OpenSSH refuses some keys without a newline at their end.
  if (ssh.keyFile === undefined) writeFileSync(file, `${ssh.key.revealText().trimEnd()}\n`, { mode: 0o600 })
  return {
    options: { ...withAuth, sshKey: { file, knownHosts } },
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  }
}
