// Generated from schemas/settings.json by `npm run schemas`. Do not edit.

/**
 * A length of time, with its unit: ns, us, ms, s, m, h or d. At most 100 days.
 */
export type Duration = string
/**
 * `docker-tls` for tcp endpoints of a Swarm (`docker-tcp` where they have no TLS), `ssh` for hosts and ssh endpoints, `registry` for an image registry, `token` for a Prometheus, an agent supervisor or the cost API of a model provider, `jwt` for a backend that takes tokens signed with its own secret.
 */
export type Credential =
  | {
      /**
       * What it is for.
       */
      readonly type: 'docker-tls'
      readonly addresses: Addresses
      readonly ca: Secret
      readonly cert: Secret
      readonly key: Secret
    }
  | {
      /**
       * What it is for.
       */
      readonly type: 'docker-tcp'
      readonly addresses: Addresses
      /**
       * Says that this is known: whoever reaches such an engine, or listens on the way, owns the Swarm.
       */
      readonly insecure: true
    }
  | {
      /**
       * What it is for.
       */
      readonly type: 'ssh'
      readonly addresses: Addresses
      readonly key?: Secret
      readonly passphrase?: Secret
      /**
       * In place of a key: path of the socket of an ssh-agent, relative to the settings file. All keys that it holds are offered, in its order; sshd ends a login after six.
       */
      readonly agent?: string
    }
  | {
      /**
       * What it is for.
       */
      readonly type: 'registry'
      readonly addresses: Addresses
      /**
       * Of the registry's account.
       */
      readonly username: string
      readonly password: Secret
    }
  | {
      /**
       * What it is for.
       */
      readonly type: 'supervisord'
      readonly addresses: Addresses
      /**
       * As `[unix_http_server]` or `[inet_http_server]` has it on the host.
       */
      readonly username: string
      readonly password: Secret
    }
  | {
      /**
       * What it is for.
       */
      readonly type: 'token'
      readonly addresses: Addresses
      readonly token: Secret
    }
  | {
      /**
       * What it is for.
       */
      readonly type: 'jwt'
      readonly addresses: Addresses
      readonly secret: Secret
      /**
       * Id of the user that the tokens are for.
       */
      readonly subject: string
      /**
       * Of that user.
       */
      readonly email?: string
    }
/**
 * Hosts, with or without a port, that this credential may be used for.
 *
 * @minItems 1
 */
export type Addresses = ReadonlyArray<string>
/**
 * `discord` and `slack-webhook` by the URL of an incoming webhook, `slack` by a bot's token (its messages are edited when they are resolved), `webhook` for a plain POST of JSON.
 */
export type ChatRoute =
  | {
      /**
       * What it is.
       */
      readonly type: 'discord'
      readonly url: Secret
      /**
       * What is less is not told here. Absent: warning.
       */
      readonly minSeverity?: 'info' | 'warning' | 'critical'
      /**
       * Only of these apps, and of what concerns no single app. Absent: of all.
       *
       * @minItems 1
       */
      readonly apps?: ReadonlyArray<string>
    }
  | {
      /**
       * What it is.
       */
      readonly type: 'slack'
      readonly token: Secret
      /**
       * Id of the channel.
       */
      readonly channel: string
      /**
       * Absent: https://slack.com/api.
       */
      readonly apiUrl?: string
      /**
       * What is less is not told here. Absent: warning.
       */
      readonly minSeverity?: 'info' | 'warning' | 'critical'
      /**
       * Only of these apps, and of what concerns no single app. Absent: of all.
       *
       * @minItems 1
       */
      readonly apps?: ReadonlyArray<string>
    }
  | {
      /**
       * What it is.
       */
      readonly type: 'slack-webhook'
      readonly url: Secret
      /**
       * What is less is not told here. Absent: warning.
       */
      readonly minSeverity?: 'info' | 'warning' | 'critical'
      /**
       * Only of these apps, and of what concerns no single app. Absent: of all.
       *
       * @minItems 1
       */
      readonly apps?: ReadonlyArray<string>
    }
  | {
      /**
       * What it is.
       */
      readonly type: 'webhook'
      readonly url: Secret
      readonly secret?: Secret
      /**
       * What is less is not told here. Absent: warning.
       */
      readonly minSeverity?: 'info' | 'warning' | 'critical'
      /**
       * Only of these apps, and of what concerns no single app. Absent: of all.
       *
       * @minItems 1
       */
      readonly apps?: ReadonlyArray<string>
    }

/**
 * swarmkeeper.config.yaml: the operator's settings. They are not part of the config repository. Every value can also come from the environment: SWARMKEEPER_ and its path in capitals, as SWARMKEEPER_REPOSITORY_URL; a secret also from a file, as SWARMKEEPER_KEY_FILE.
 */
export interface Settings {
  /**
   * Name of this installation: it stands on everything that it owns. Two installations on one target have two names.
   */
  readonly install: string
  readonly key: Secret
  /**
   * The config repository.
   */
  readonly repository: {
    /**
     * https://, http://, ssh://, git@host:path or file:// address.
     */
    readonly url: string
    /**
     * The tracked branch: what is merged to it is applied. Absent: main.
     */
    readonly branch?: string
    /**
     * Folder of the repository that holds swarmkeeper.yaml. Absent: its top.
     */
    readonly path?: string
    /**
     * For password authentication over HTTP(S).
     */
    readonly username?: string
    readonly password?: Secret
    readonly token?: Secret
    readonly sshKey?: Secret
    /**
     * Lines of a known_hosts file, for ssh:// and git@ addresses: no other host is talked to.
     */
    readonly knownHosts?: string
  }
  readonly pollInterval?: Duration
  /**
   * Credentials by name; the repository names them. Each is used for its own addresses only.
   */
  readonly credentials?: {
    readonly [k: string]: Credential
  }
  /**
   * What checks and artifacts of the repository may connect to, each with or without a port: `host`, `*.example`, an IP address, a network as `10.0.0.0/8`. Nothing where absent. This machine is reached as `localhost` or by its address, a metadata service only by its address.
   */
  readonly allowedAddresses?: ReadonlyArray<string>
  /**
   * Whether the repository may declare the machine that this runs on as a Host with `address: local`. Whoever can merge then rules it, with the key and the credentials on it. Absent: no.
   */
  readonly allowLocal?: boolean
  /**
   * Secret values that documents take with `from: settings:NAME`.
   */
  readonly secrets?: {
    readonly [k: string]: Secret
  }
  /**
   * Path of the SQLite database. Absent: .swarmkeeper/swarmkeeper.db beside the settings file.
   */
  readonly database?: string
  readonly lockWait?: Duration
  /**
   * Folder of the repository's clone. Absent: a folder beside the database.
   */
  readonly cache?: string
  /**
   * How many apps are applied at the same time. Absent: 4.
   */
  readonly parallelApps?: number
  /**
   * What is worth a line. Absent: info.
   */
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error'
  /**
   * Where pull requests are planned and commits get their statuses: with `token`, or as an App with `appId`, `installationId` and `privateKey`.
   */
  readonly github?: {
    /**
     * Of GitHub Enterprise: https://HOST/api/v3. Absent: https://api.github.com.
     */
    readonly apiUrl?: string
    /**
     * owner/name. Absent: read from the URL of the repository.
     */
    readonly repository?: string
    readonly token?: Secret
    /**
     * Of the GitHub App.
     */
    readonly appId?: number
    /**
     * Of the App on the owner of the repository.
     */
    readonly installationId?: number
    readonly privateKey?: Secret
    readonly webhookSecret?: Secret
    readonly webhookSecretBefore?: Secret
    readonly pollInterval?: Duration
  }
  /**
   * Routes by name: where incidents are told.
   */
  readonly chat?: {
    readonly [k: string]: ChatRoute
  }
  /**
   * Says outside that swarmkeeper itself lives: a GET after each tick that went well.
   */
  readonly heartbeat?: {
    readonly url: Secret
    readonly interval?: Duration
  }
  /**
   * Where the HTTP surface of `swarmkeeper run` is.
   */
  readonly listen?: {
    /**
     * host:port, or unix:/path of a socket. Absent: 127.0.0.1:8470.
     */
    readonly address?: string
    /**
     * Listens without TLS at an address that is not loopback: tokens travel in the clear there. For a network that is encrypted already, as an overlay or a VPN.
     */
    readonly insecure?: boolean
    readonly certificate?: Secret
    readonly key?: Secret
  }
  /**
   * Bearer tokens of the API by name, of which only hashes stand here: `swarmkeeper token` makes one.
   */
  readonly tokens?: {
    readonly [k: string]: {
      /**
       * Of the token, in hex.
       */
      readonly sha256: string
      /**
       * What it may do: `read`, `reconcile` (which includes reading), `alerts` (tell of alerts, as Alertmanager does, and nothing else), `spend` (report what was spent, and nothing else), `admin` (everything).
       *
       * @minItems 1
       */
      readonly scopes: ReadonlyArray<'read' | 'reconcile' | 'alerts' | 'spend' | 'admin'>
    }
  }
  /**
   * Alerts that Alertmanager sends to `POST /webhooks/alertmanager`, under a token with the scope `alerts`.
   */
  readonly alerts?: {
    readonly staleAfter?: Duration
  }
  /**
   * How commands reach a running daemon. Absent: they work on the database themselves.
   */
  readonly client?: {
    /**
     * http(s)://host:port or unix:/path.
     */
    readonly url: string
    readonly token?: Secret
  }
  readonly auditRetention?: Duration
}
/**
 * Where a secret value is read from: exactly one of these. One newline at the end of a file does not count.
 */
export interface Secret {
  /**
   * Name of an environment variable.
   */
  readonly env?: string
  /**
   * Path of a file; relative to the settings file.
   */
  readonly file?: string
  /**
   * Name of a credential that the unit loads (LoadCredential=).
   */
  readonly credential?: string
  /**
   * The secret itself, for trying things out: everybody who reads this file knows it.
   */
  readonly value?: string
}
