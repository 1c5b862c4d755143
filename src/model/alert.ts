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
  /** Of one that fires: without a word until then, nobody knows whether it still does. */
  readonly believedUntil: string
  /** The app that it concerns, where its labels or our rules tell. */
  readonly app?: string
  /** Nobody has said it again until `believedUntil`: whether it still fires is unknown. */
  readonly stale?: true
}

/** As it comes in. */
export type SentAlert = Pick<Alert, 'fingerprint' | 'status' | 'labels' | 'annotations' | 'startsAt' | 'endsAt'>
