// Generated from schemas/budget.json by `npm run schemas`. Do not edit.

/**
 * A length of time, with its unit: ns, us, ms, s, m, h or d. At most 100 days.
 */
export type Duration = string
/**
 * An http or https address.
 */
export type Url = string

/**
 * What agents may spend in a day, a week or a month, where the figures come from, and what happens when it is used up.
 */
export interface Budget {
  /**
   * The type of this document.
   */
  readonly kind: 'Budget'
  /**
   * Name of the budget; agents say it.
   */
  readonly name: string
  /**
   * Calendar day, week (from Monday) or month, in the time zone.
   */
  readonly window: 'day' | 'week' | 'month'
  /**
   * IANA name: its daylight saving counts. Absent: UTC.
   */
  readonly timezone?: string
  /**
   * What may be spent in a window: exactly one of cost, runs or tokens.
   */
  readonly limit: {
    /**
     * Money.
     */
    readonly cost?: number
    /**
     * Runs of agents.
     */
    readonly runs?: number
    /**
     * Tokens.
     */
    readonly tokens?: number
    /**
     * Of a cost. Absent: USD.
     */
    readonly currency?: string
  }
  /**
   * A fast burn: so much in so short a time suspends at once, and does not resume by itself.
   */
  readonly burn?: {
    /**
     * Money.
     */
    readonly cost?: number
    /**
     * Runs of agents.
     */
    readonly runs?: number
    /**
     * Tokens.
     */
    readonly tokens?: number
    readonly in: Duration
  }
  /**
   * One limit for all, or the limit for each agent or user; then each source says `by` which label or field. Absent: global.
   */
  readonly per?: 'global' | 'user' | 'agent'
  /**
   * Where the figures come from. Sources that cover the same combine by the highest figure, others add up.
   *
   * @minItems 1
   */
  readonly spend: ReadonlyArray<{
    /**
     * What the source counts; sources with the same word count the same.
     */
    readonly covers: string
    /**
     * Label of the counter that carries the agent or the user, where the budget is `per` one.
     */
    readonly by?: {
      /**
       * Label that carries the agent.
       */
      readonly agent?: string
      /**
       * Label that carries the user.
       */
      readonly user?: string
    }
    /**
     * A counter, in whole units (dollars, runs, tokens): its raw samples are differenced.
     */
    readonly prometheus?: {
      /**
       * Name of a Prometheus.
       */
      readonly target: string
      /**
       * Name of the counter.
       */
      readonly counter: string
      readonly match?: StringMap
      /**
       * The counter appears with the first run: as long as it was never seen, nothing was spent. Absent: no series means that the spend is not known.
       */
      readonly startsAbsent?: boolean
      readonly every?: Duration
    }
    /**
     * The cost report of an Anthropic organisation: UTC days, some minutes late.
     */
    readonly anthropic?: {
      /**
       * Credential with an admin key, in the operator's settings.
       */
      readonly credential: string
      /**
       * Id of the workspace. Absent: all of the organisation.
       */
      readonly workspace?: string
      readonly url?: Url
    }
    /**
     * The costs of an OpenAI organisation: UTC days, some minutes late.
     */
    readonly openai?: {
      /**
       * Credential with an admin key, in the operator's settings.
       */
      readonly credential: string
      /**
       * Id of the project. Absent: all of the organisation.
       */
      readonly project?: string
      readonly url?: Url
    }
    /**
     * The summary of a Zerg backend (`/api/ops/summary`): cost or runs of the UTC day.
     */
    readonly zerg?: {
      readonly url: Url
      /**
       * Credential with its JWT secret, or a token, in the operator's settings.
       */
      readonly credential: string
    }
    /**
     * Cost of today, this week or this month as an agent supervisor has it, where it has it.
     */
    readonly supervisor?: {
      /**
       * Name of an AgentSupervisor.
       */
      readonly target: string
      /**
       * Of one project. Absent: of all.
       */
      readonly project?: string
    }
    /**
     * Figures that programs report themselves: `POST /api/v1/spend`.
     */
    readonly reported?: true
  }>
  /**
   * Percent of the limit: each is told once in a window. Absent: 50 and 80.
   */
  readonly warnAt?: ReadonlyArray<number>
  /**
   * `suspend` stops the agents, `notify` only says so. Absent: suspend.
   */
  readonly onExceeded?: 'suspend' | 'notify'
  /**
   * When the spend is not known: `hold-new` starts no new runs and calls a person, `suspend` stops the agents, `keep` goes on. Absent: hold-new.
   */
  readonly onUnknown?: 'hold-new' | 'suspend' | 'keep'
  /**
   * What ends a suspension for a used-up limit: the next window, or a person. Absent: next-window.
   */
  readonly resume?: 'next-window' | 'manual'
  /**
   * Writes the limit into the environment of what enforces it as well.
   */
  readonly project?: ReadonlyArray<{
    /**
     * `File/name` with an `env`, of the same app.
     */
    readonly file?: string
    /**
     * `Service/name` of the same app.
     */
    readonly service?: string
    /**
     * Variable -> unit of the limit in it.
     */
    readonly env: {
      readonly [k: string]: 'cents' | 'units' | 'micros' | 'runs' | 'tokens'
    }
  }>
}
/**
 * Texts by name. A number, true or false is taken as it is written.
 */
export interface StringMap {
  readonly [k: string]: string | number | boolean
}
