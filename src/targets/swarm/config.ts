import type { Sensitive } from '../../model/sensitive.ts'

/** A `Swarm` document, as the target needs it. */
export interface SwarmTargetConfig {
  readonly name: string
  /** Managers of one Swarm; the first that answers is used. */
  readonly endpoints: readonly SwarmEndpoint[]
  /** Credential for the endpoints, by its name in the operator's settings. */
  readonly credential?: string
  /** Credentials for registries, by name; which one serves an image is decided by its addresses. */
  readonly registries: readonly string[]
}

export interface SwarmEndpoint {
  /** `unix:///path`, `tcp://host:port` or `ssh://user@host[:port][/path/of/docker.sock]`. */
  readonly url: string
  /** `ssh-ed25519 AAAA…`; required for ssh, used for nothing else. */
  readonly hostKey?: string
}

/** What the operator's settings hold for an endpoint. */
export interface EndpointCredential {
  /** PEM; any of these three makes a tcp endpoint TLS. */
  readonly ca?: string
  readonly cert?: string
  readonly key?: Sensitive
  /** Plain TCP to another machine: whoever can reach or tap it owns the Swarm. */
  readonly insecure?: boolean
  /** OpenSSH private key. */
  readonly privateKey?: Sensitive
  readonly passphrase?: Sensitive
  /** Path of the socket of an ssh-agent, in place of a key. */
  readonly agent?: string
}

export interface RegistryCredential {
  /** Registries as images name them: `registry.example:5000`, `docker.io`. */
  readonly addresses: readonly string[]
  readonly username: string
  readonly password: Sensitive
}

/** Credentials by name; each is bound to addresses by the operator's settings, which the implementation enforces. */
export interface SwarmCredentials {
  /** For `host:port`. Throws `InvalidSettings` when there is none of this name, or it may not be used there. */
  endpoint(name: string, address: string): EndpointCredential
  registry(name: string): RegistryCredential
}
