// Generated from schemas/swarm.json by `npm run schemas`. Do not edit.

/**
 * A name that people choose: letters, digits, dots, dashes and underscores, beginning and ending with a letter or digit.
 */
export type Name = string
/**
 * Address of a manager: unix:///path, tcp://host:port, ssh://user@host[:port][/path of the socket]; or an object, where an ssh host has a key of its own.
 */
export type Endpoint =
  | Address
  | {
      readonly address: Address
      readonly hostKey?: HostKey
    }
/**
 * unix:///path, tcp://host:port, ssh://user@host[:port][/path of the socket].
 */
export type Address = string
/**
 * Public key of an SSH host, as in known_hosts after the host's name.
 */
export type HostKey = string

/**
 * A Docker Swarm that resources live on.
 */
export interface Swarm {
  /**
   * The type of this document.
   */
  readonly kind: 'Swarm'
  readonly name: Name
  /**
   * Managers of this one Swarm; the first that answers is used.
   *
   * @minItems 1
   */
  readonly endpoints: ReadonlyArray<Endpoint>
  /**
   * Name of a credential in the operator's settings: `docker-tls` for tcp, `ssh` for ssh endpoints.
   */
  readonly credential?: string
  readonly hostKey?: HostKey
  /**
   * Names of registry credentials in the operator's settings: they are sent for images of the addresses that they are bound to.
   */
  readonly registries?: ReadonlyArray<string>
}
