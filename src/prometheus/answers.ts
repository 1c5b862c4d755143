/** One value at one time. */
export interface Point {
  /** Unix seconds, as the sample has it: with milliseconds. */
  readonly at: number
  /** May be NaN or infinite. */
  readonly value: number
}

export type Labels = Readonly<Record<string, string>>

/** What a query answered. Nothing found is an empty vector or matrix, and no zero. */
export type QueryAnswer = {
  /** What Prometheus says beside the answer: parts of it may be missing (remote read, Thanos). */
  readonly warnings: readonly string[]
} & (
  | { readonly type: 'vector'; readonly series: readonly { readonly labels: Labels; readonly point: Point }[] }
  /** Of a selector with a range (`x[1h]`): the samples as they were scraped, oldest first. */
  | {
      readonly type: 'matrix'
      readonly series: readonly { readonly labels: Labels; readonly points: readonly Point[] }[]
    }
  | { readonly type: 'scalar'; readonly point: Point }
  | { readonly type: 'string'; readonly text: string }
)

/** A rule as it is loaded. */
export interface LoadedRule {
  readonly type: 'alerting' | 'recording'
  /** Of the alert, or of the series that it records. */
  readonly name: string
  /** As Prometheus prints it, which is not as it was written. */
  readonly query: string
  readonly labels: Labels
  readonly annotations: Labels
  readonly forSeconds: number
  readonly keepFiringForSeconds: number
  readonly health: 'ok' | 'err' | 'unknown'
  readonly lastError?: string
  readonly state?: 'inactive' | 'pending' | 'firing'
}

export interface LoadedGroup {
  readonly name: string
  /** Path as Prometheus has it. */
  readonly file: string
  readonly intervalSeconds: number
  readonly limit: number
  readonly rules: readonly LoadedRule[]
}

export interface ActiveAlert {
  readonly labels: Labels
  readonly annotations: Labels
  readonly state: 'pending' | 'firing'
  /** ISO time. */
  readonly activeAt?: string
}

export interface Runtime {
  /** Of its last reload: undefined where it does not say. */
  readonly reloadOk: boolean | undefined
  /** ISO time of the configuration that it runs with. */
  readonly lastConfigTime: string | undefined
  /** ISO time. */
  readonly startTime: string | undefined
  /** Its working directory: paths of rule files are relative to it where those of its configuration are. */
  readonly workingDirectory: string | undefined
}
