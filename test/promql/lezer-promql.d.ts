// The package's own types cannot be found through its `exports`.
declare module '@prometheus-io/lezer-promql' {
  import type { LRParser } from '@lezer/lr'

  export const parser: LRParser
}
