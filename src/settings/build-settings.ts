import { dirname, join, resolve } from 'node:path'
import { type AddressEntry, parseAddressEntry } from '../lib/addresses.ts'
import { messageOf } from '../model/error.ts'
import { Sensitive } from '../model/sensitive.ts'
import type {
  Credential as WrittenCredential,
  Secret as WrittenSecret,
  Settings as WrittenSettings,
} from '../model/written/settings.ts'
import { buildDaemon } from './daemon.ts'
import { duration } from './duration.ts'
import type { Environment } from './environment.ts'
import { parseKey } from './key.ts'
import type { Report } from './load-settings.ts'
import { readSecret } from './read-secret.ts'
import { buildRepository } from './repository.ts'
import type { Credential, Settings, SshProof } from './settings.ts'

export interface BuildContext {
  /** Of relative paths. */
  readonly directory: string
  readonly env: Environment
  readonly report: Report
}

/** What a secret of the settings was read as. */
export interface ReadValue {
  readonly value: Sensitive
  readonly file?: string
}

export type ReadSecret = (written: WrittenSecret, pointer: string) => ReadValue | undefined

/** From what is valid by its schema to what the program works with; undefined after an error was reported. */
export function buildSettings(written: WrittenSettings, context: BuildContext): Settings | undefined {
  const { report, directory } = context
  const secret = secretReader(context)
  const key = parseKey(secret(written.key, '/key'), (message) => report('error', { pointer: '/key', message }))
  const repository = buildRepository(written.repository, { report, secret })
  const credentials = buildCredentials(written.credentials ?? {}, { report, secret, directory })
  const secrets = buildSecrets(written.secrets ?? {}, secret)
  const allowedAddresses = parseAddresses(written.allowedAddresses ?? [], '/allowedAddresses', report)
  const pollIntervalMs = duration(written.pollInterval ?? '60s', { pointer: '/pollInterval', least: 1000, report })
  const lockWaitMs = duration(written.lockWait ?? '30s', { pointer: '/lockWait', least: 0, report })
  const auditRetentionMs = duration(written.auditRetention ?? '90d', {
    pointer: '/auditRetention',
    least: 3_600_000,
    report,
  })
  const daemon = buildDaemon(written, { report, secret, directory })
  if (!key || !repository) return undefined
  const database = resolve(directory, written.database ?? '.swarmkeeper/swarmkeeper.db')
  const cache = written.cache === undefined ? join(dirname(database), 'git') : resolve(directory, written.cache)
  const { install, allowLocal = false, parallelApps = 4, logLevel = 'info' } = written
  const places = { database, cache, allowedAddresses }
  return {
    install,
    key,
    repository,
    credentials,
    secrets,
    allowLocal,
    ...places,
    pollIntervalMs,
    lockWaitMs,
    parallelApps,
    logLevel,
    auditRetentionMs,
    ...daemon,
  }
}

function secretReader({ directory, env, report }: BuildContext): ReadSecret {
  return (written, pointer) => {
    const read = readSecret(written, directory, env)
    if ('problem' in read) {
      report('error', { pointer, message: read.problem })
      return undefined
    }
    if (read.warning !== undefined) report('warning', { pointer, message: read.warning })
    return { value: new Sensitive(read.content), ...(read.file !== undefined && { file: read.file }) }
  }
}

function parseAddresses(texts: readonly string[], pointer: string, report: Report): readonly AddressEntry[] {
  return texts.flatMap((text, index) => {
    try {
      return [parseAddressEntry(text)]
    } catch (error) {
      report('error', { pointer: `${pointer}/${index}`, message: messageOf(error) })
      return []
    }
  })
}

function buildSecrets(
  written: Readonly<Record<string, WrittenSecret>>,
  secret: ReadSecret,
): ReadonlyMap<string, Sensitive> {
  const read = Object.entries(written).map(([name, one]) => [name, secret(one, `/secrets/${name}`)?.value] as const)
  return new Map(read.flatMap(([name, value]) => (value ? [[name, value] as const] : [])))
}

function buildCredentials(
  written: Readonly<Record<string, WrittenCredential>>,
  { report, secret, directory }: Pick<BuildContext, 'report' | 'directory'> & { readonly secret: ReadSecret },
): ReadonlyMap<string, Credential> {
  const built = new Map<string, Credential>()
  for (const [name, one] of Object.entries(written)) {
    const pointer = `/credentials/${name}`
    const addresses = parseAddresses(one.addresses, `${pointer}/addresses`, report)
    const read: ReadField = (field, from) => secret(from, `${pointer}/${field}`)
    const credential = buildCredential(one, addresses, { read, directory })
    if (credential) built.set(name, credential)
  }
  return built
}

type ReadField = (field: string, written: WrittenSecret) => ReadValue | undefined

interface Reading {
  readonly read: ReadField
  readonly directory: string
}

function buildCredential(
  written: WrittenCredential,
  addresses: readonly AddressEntry[],
  reading: Reading,
): Credential | undefined {
  const secret = (field: string, from: WrittenSecret) => reading.read(field, from)?.value
  switch (written.type) {
    case 'docker-tcp':
      return { type: 'docker-tcp', addresses, insecure: true }
    case 'registry':
    case 'supervisord': {
      const password = secret('password', written.password)
      return password && { type: written.type, addresses, username: written.username, password }
    }
    case 'token': {
      const token = secret('token', written.token)
      return token && { type: 'token', addresses, token }
    }
    case 'jwt': {
      const { subject, email } = written
      const found = secret('secret', written.secret)
      return found && { type: 'jwt', addresses, secret: found, subject, ...(email === undefined ? {} : { email }) }
    }
    case 'ssh': {
      const proof = buildProof(written, reading)
      return proof && { type: 'ssh', addresses, ...proof }
    }
    case 'docker-tls': {
      const [ca, cert, key] = [secret('ca', written.ca), secret('cert', written.cert), secret('key', written.key)]
      return ca && cert && key && { type: 'docker-tls', addresses, ca: ca.revealText(), cert: cert.revealText(), key }
    }
  }
}

/** The schema has seen to it that there is one of both. */
function buildProof(
  { key, passphrase, agent }: Extract<WrittenCredential, { readonly type: 'ssh' }>,
  { read, directory }: Reading,
): SshProof | undefined {
  if (agent !== undefined) return { agent: resolve(directory, agent) }
  const found = key && read('key', key)
  const opened = passphrase && read('passphrase', passphrase)
  if (!found || (passphrase && !opened)) return undefined
  const { value, file } = found
  return { key: value, ...(opened && { passphrase: opened.value }), ...(file !== undefined && { keyFile: file }) }
}
