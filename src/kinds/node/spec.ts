/** What is declared of a node; an absent field is not ours. A node is never created or pruned, only changed. */
export interface NodeSpec {
  /** Hostname of the node. */
  readonly name: string
  readonly availability?: 'active' | 'pause' | 'drain'
  readonly role?: 'worker' | 'manager'
  readonly labels: Readonly<Record<string, string>>
}

export interface NodeLive {
  readonly name: string
  readonly availability: 'active' | 'pause' | 'drain'
  readonly role: 'worker' | 'manager'
  readonly labels: Readonly<Record<string, string>>
  /** Label keys that we wrote; others are not ours and stay. */
  readonly owns: readonly string[]
}

/** `Spec` of a node, and the body of `POST /nodes/{id}/update`. */
export interface WireNodeSpec {
  Name?: string
  Availability?: string
  Role?: string
  Labels?: Record<string, string> | null
}

/** The part of `GET /nodes` that holds its name. */
export interface WireNode {
  Spec?: WireNodeSpec | null
  Description?: { Hostname?: string } | null
}
