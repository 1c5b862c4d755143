// Generated from schemas/prometheus.json by `npm run schemas`. Do not edit.

/**
 * A name that people choose: letters, digits, dots, dashes and underscores, beginning and ending with a letter or digit.
 */
export type Name = string
/**
 * An http or https address.
 */
export type Url = string

/**
 * A Prometheus: its rules are delivered to it, its counters and alerts are read.
 */
export interface Prometheus {
  /**
   * The type of this document.
   */
  readonly kind: 'Prometheus'
  readonly name: Name
  readonly url: Url
  /**
   * Credential with a token for its API, in the operator's settings.
   */
  readonly credential?: string
  /**
   * Where its rule files stand; its own configuration must read that folder (`rule_files`). Absent: it takes no rules.
   */
  readonly rules?: {
    /**
     * Name of the Host that its folder of rules is on.
     */
    readonly host?: string
    /**
     * Absolute path of the folder on the host.
     */
    readonly dir?: string
    /**
     * Prometheus is a service of a Swarm: rules are mounted into it as configs.
     */
    readonly swarm?: {
      /**
       * `Service/name`, of the same app as the rules.
       */
      readonly service: string
      /**
       * Absolute path of the folder in its containers.
       */
      readonly dir: string
    }
    /**
     * Absolute path of the folder on the machine that swarmkeeper runs on, which a Host with `address: local` declares.
     */
    readonly local?: string
  }
  /**
   * How it is told to read its rules again: over HTTP (`--web.enable-lifecycle`), or by SIGHUP to its `unit` on the host. Absent: http.
   */
  readonly reload?: 'http' | 'sighup'
  /**
   * The unit that it runs as on the host, for `reload: sighup`. Absent: prometheus.service.
   */
  readonly unit?: string
}
