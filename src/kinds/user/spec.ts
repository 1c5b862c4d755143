/** An absent field is not ours. */
export interface UserSpec {
  readonly name: string
  readonly uid?: number
  /** Of effect when it is made, and then only. */
  readonly system: boolean
  /** Its own group. */
  readonly group?: string
  /** Further groups, sorted; others that it is in stay. */
  readonly groups: readonly string[]
  readonly home?: string
  readonly shell?: string
  readonly comment?: string
}

export interface UserLive {
  readonly name: string
  readonly uid: number
  readonly group: string
  /** Further groups, sorted. */
  readonly groups: readonly string[]
  readonly home: string
  readonly shell: string
  readonly comment: string
  /** Groups that we put it in, by the host's own record: those no longer declared are left. */
  readonly owns?: readonly string[]
}

/** As the facts script of a host reports it. */
export interface WireUser {
  /** A line of `getent passwd`. */
  readonly passwd: string
  /** What `id -gn` prints. */
  readonly group: string
  /** What `id -Gn` prints. */
  readonly groups: string
  readonly record?: { readonly groups?: readonly string[] }
}
