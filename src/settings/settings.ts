import type { AddressEntry } from '../lib/addresses.ts'
import type { Sensitive } from '../model/sensitive.ts'

/** The operator's settings, every default filled, every secret read. */
export interface Settings {
  readonly install: string
  /** 32 bytes. */
  readonly key: Sensitive
  readonly repository: RepositorySettings
  readonly pollIntervalMs: number
  /** By the name that the repository uses; ask `credentialFor`, which knows where each may be used. */
  readonly credentials: ReadonlyMap<string, Credential>
  /** For `from: settings:NAME`. */
  readonly secrets: ReadonlyMap<string, Sensitive>
  /** For checks and artifacts of the repository; nothing where empty. */
  readonly allowedAddresses: readonly AddressEntry[]
  /** Whether a `Host` may be this machine. */
  readonly allowLocal: boolean
  /** Absolute path. */
  readonly database: string
  readonly lockWaitMs: number
  /** Folder of the clone: absolute path. */
  readonly cache: string
  readonly parallelApps: number
  readonly logLevel: LogLevel
}

type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export interface RepositorySettings {
  readonly url: string
  readonly branch: string
  /** Empty for the root. */
  readonly path: string
  readonly auth?: { readonly token: Sensitive } | { readonly username: string; readonly password: Sensitive }
  readonly ssh?: {
    readonly key: Sensitive
    /** Where the key was read from, if from a file: absolute path. */
    readonly keyFile?: string
    /** Lines of a known_hosts file. */
    readonly knownHosts: string
  }
}

interface Bound {
  readonly addresses: readonly AddressEntry[]
}

/** What a login is proven with. */
export type SshProof =
  | {
      readonly key: Sensitive
      readonly passphrase?: Sensitive
      /** Where the key was read from, if from a file: absolute path. */
      readonly keyFile?: string
    }
  /** Path of the socket of an ssh-agent: absolute. */
  | { readonly agent: string }

export type Credential =
  | (Bound & { readonly type: 'docker-tls'; readonly ca: string; readonly cert: string; readonly key: Sensitive })
  | (Bound & { readonly type: 'docker-tcp'; readonly insecure: true })
  | (Bound & { readonly type: 'ssh' } & SshProof)
  | (Bound & { readonly type: 'registry' | 'supervisord'; readonly username: string; readonly password: Sensitive })
