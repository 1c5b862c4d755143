/** An alert as Alertmanager sent it, as long as it fires and for a while after it. */
export interface Alert {
  /** Of its labels, as Alertmanager makes it. */
  readonly fingerprint: string
  readonly status: 'firing' | 'resolved'
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** ISO times. */
  readonly startsAt: string
  readonly endsAt?: string
  /** When it was last heard of. */
  readonly seenAt: string
  /** The app that it concerns, where its labels or our rules tell. */
  readonly app?: string
  /** It was not said again for so long that nobody knows whether it still fires. */
  readonly stale?: true
}
