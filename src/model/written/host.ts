// Generated from schemas/host.json by `npm run schemas`. Do not edit.

/**
 * A name that people choose: letters, digits, dots, dashes and underscores, beginning and ending with a letter or digit.
 */
export type Name = string
/**
 * Public key of an SSH host, as in known_hosts after the host's name.
 */
export type HostKey = string

/**
 * A machine that is reached by SSH: units, programs, files, users and binaries live on it.
 */
export interface Host {
  /**
   * The type of this document.
   */
  readonly kind: 'Host'
  readonly name: Name
  /**
   * Host name or IP address; `local` is the machine that swarmkeeper runs on.
   */
  readonly address: string
  /**
   * Port of its SSH server. Absent: 22.
   */
  readonly port?: number
  /**
   * Who logs in.
   */
  readonly user?: string
  /**
   * How to become root: `sudo` (without a password), or `none`, which only observes, unless the user is root. Absent: none.
   */
  readonly become?: 'sudo' | 'none'
  readonly hostKey?: HostKey
  /**
   * Name of an `ssh` credential in the operator's settings.
   */
  readonly credential?: string
  readonly jump?: Name
  /**
   * What selectors of hosts choose by.
   */
  readonly labels?: {
    readonly [k: string]: string | number | boolean
  }
  /**
   * Its supervisord, where programs live.
   */
  readonly supervisor?: {
    /**
     * Its main file. Absent: /etc/supervisor/supervisord.conf.
     */
    readonly config?: string
    /**
     * Folder that its `[include]` section reads `*.conf` files in. Absent: /etc/supervisor/conf.d.
     */
    readonly programs?: string
    /**
     * Where it answers: a unix socket, or an http address. Absent: unix:///var/run/supervisor.sock.
     */
    readonly server?: string
    /**
     * Name of a credential in the operator's settings, where it asks for a name and a password.
     */
    readonly credential?: string
  }
}
