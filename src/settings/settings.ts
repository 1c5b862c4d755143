import type { AddressEntry } from '../lib/addresses.ts'
import type { Severity } from '../model/incident.ts'
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
  readonly auditRetentionMs: number
  /** Pull requests, statuses, webhooks; absent: any other git server. */
  readonly github?: GitHubSettings
  readonly chat: readonly ChatRoute[]
  readonly heartbeat?: { readonly url: Sensitive; readonly intervalMs: number }
  readonly listen: ListenSettings
  readonly tokens: readonly ApiToken[]
  /** An alert that was sent to us, and is not said again for so long, is unknown. */
  readonly alertsStaleAfterMs: number
  /** How commands reach a daemon. */
  readonly client?: { readonly url: string; readonly token?: Sensitive }
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
  /** A bearer token, or the admin key of a cost API. */
  | (Bound & { readonly type: 'token'; readonly token: Sensitive })
  /** Tokens are made with it: HS256, for this user. */
  | (Bound & { readonly type: 'jwt'; readonly secret: Sensitive; readonly subject: string; readonly email?: string })

export interface GitHubSettings {
  /** Without a slash at its end. */
  readonly apiUrl: string
  readonly owner: string
  readonly repo: string
  readonly login:
    | { readonly token: Sensitive }
    | { readonly appId: number; readonly installationId: number; readonly privateKey: Sensitive }
  /** Newest first; none: no webhooks are taken. */
  readonly webhookSecrets: readonly Sensitive[]
  readonly pollIntervalMs: number
}

export type ChatRoute = {
  readonly name: string
  readonly minSeverity: Severity
  /** Undefined: of all apps. */
  readonly apps?: readonly string[]
} & (
  | { readonly type: 'discord' | 'slack-webhook'; readonly url: Sensitive }
  | { readonly type: 'slack'; readonly token: Sensitive; readonly channel: string; readonly apiUrl: string }
  | { readonly type: 'webhook'; readonly url: Sensitive; readonly secret?: Sensitive }
)

export interface ListenSettings {
  readonly at: { readonly host: string; readonly port: number } | { readonly socket: string }
  readonly tls?: { readonly certificate: string; readonly key: Sensitive }
}

export type Scope = 'read' | 'reconcile' | 'alerts' | 'spend' | 'admin'

export interface ApiToken {
  readonly name: string
  /** Hex, of the token's UTF-8 bytes. The token has 256 bits of chance in it: no slow hash is needed. */
  readonly sha256: string
  readonly scopes: readonly Scope[]
}
