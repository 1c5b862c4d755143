export interface GroupSpec {
  readonly name: string
  /** Undefined: whatever it has. */
  readonly gid?: number
  /** Of effect when it is made, and then only. */
  readonly system: boolean
}

export interface GroupLive {
  readonly name: string
  readonly gid: number
}
