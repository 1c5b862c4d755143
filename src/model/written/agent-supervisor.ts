// Generated from schemas/agent-supervisor.json by `npm run schemas`. Do not edit.

/**
 * A name that people choose: letters, digits, dots, dashes and underscores, beginning and ending with a letter or digit.
 */
export type Name = string
/**
 * An http or https address.
 */
export type Url = string
/**
 * A length of time, with its unit: ns, us, ms, s, m, h or d. At most 100 days.
 */
export type Duration = string

/**
 * A hal-supervisor: its nodes, logins, sessions and cost are read, where it has them; nothing is written to it.
 */
export interface AgentSupervisor {
  /**
   * The type of this document.
   */
  readonly kind: 'AgentSupervisor'
  readonly name: Name
  readonly url: Url
  /**
   * Credential with its token, in the operator's settings.
   */
  readonly credential?: string
  readonly interval?: Duration
  /**
   * Ids of the nodes that must be online. Absent: those that it lists.
   */
  readonly nodes?: ReadonlyArray<string>
}
