import type { Clock } from '../../model/clock.ts'
import type { Kinds } from '../../model/kind.ts'
import type { Prometheus } from '../../prometheus/prometheus.ts'
import type { Shell } from '../../shell/shell.ts'

export interface PrometheusTargetOptions {
  readonly name: string
  readonly prometheus: Prometheus
  readonly clock: Clock
  readonly kinds: Kinds
  /** One form for all expressions that mean the same (src/promql). */
  canonical(expression: string): string
  /** Whether it is told over HTTP, or by a signal to its unit. */
  readonly reload: 'http' | 'sighup'
  /** The machine that it runs on, where that is a host of the fleet: its log says more than its API does. */
  readonly host?: { readonly shell: Shell; readonly unit: string }
}

export interface Place extends PrometheusTargetOptions {
  /** What was asked of series lately, so that a look a second does not ask again. */
  readonly series: SeriesMemory
}

interface SeriesMemory {
  /** Selector, or expression -> what was found, and when. */
  readonly found: Map<string, { readonly at: number; readonly found: boolean | string }>
  /** Of groups that say none, by the time of the configuration that says it. */
  interval?: { readonly configTime: string; readonly seconds: number | undefined }
  /** Undefined: it did not say. */
  names?: { readonly at: number; readonly names: ReadonlySet<string> | undefined }
}
