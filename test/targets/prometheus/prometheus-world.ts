import { KINDS } from '../../../src/kinds/registry.ts'
import type { GroupSpec, RuleFileSpec, RuleSpec } from '../../../src/kinds/rule-file/spec.ts'
import { digestOf } from '../../../src/model/digest.ts'
import { makeId } from '../../../src/model/id.ts'
import type { Change } from '../../../src/model/plan.ts'
import { defaultHandling, type Wanted } from '../../../src/model/resource.ts'
import { Sensitive } from '../../../src/model/sensitive.ts'
import type { ApplyOptions, Step, StepNote, Target } from '../../../src/model/target.ts'
import type { PrometheusTargetOptions } from '../../../src/targets/prometheus/place.ts'
import { createPrometheusTarget } from '../../../src/targets/prometheus/prometheus-target.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { createMemoryPrometheus, type MemoryPrometheus } from './memory-prometheus.ts'

export const rule = (name: string, expr = 'up == 0', metrics: readonly string[] = ['up']): RuleSpec => ({
  ...{ type: 'alert', name, expr, at: `web.yaml:1:${name.length}`, for: 0, keepFiringFor: 0 },
  ...{ labels: {}, annotations: {} },
  selectors: metrics.map((metric) => ({ text: metric, metric, at: `web.yaml:2:${name.length}` })),
})

export const group = (...rules: readonly RuleSpec[]): GroupSpec => ({ name: 'g', interval: 0, limit: 0, rules })

export function ruleFile(
  path: string,
  groups: readonly GroupSpec[],
  more: Partial<RuleFileSpec> = {},
): Wanted<RuleFileSpec> {
  const spec: RuleFileSpec = { path, groups, expectAbsent: [], ...more }
  return {
    ...{ id: makeId({ target: 'main', kind: 'RuleFile', name: path }), kind: 'RuleFile', spec, digest: digestOf(spec) },
    ...{ app: 'web', after: [], handling: defaultHandling, origin: { path: 'web.yaml', line: 1, column: 1 } },
  }
}

interface Mark extends StepNote {
  readonly step: Step
}

/** A target on a Prometheus in memory, with what came of each change. */
export interface PrometheusWorld {
  readonly prometheus: MemoryPrometheus
  readonly target: Target
  /** Its files stand there, and it has read them. */
  loaded(...files: readonly Wanted<RuleFileSpec>[]): void
  look(...wanted: readonly Wanted[]): ReturnType<Target['observe']>
  apply(changes: readonly Change[], options?: Partial<ApplyOptions>): Promise<readonly Mark[]>
}

export const call = { signal: new AbortController().signal }

export function createPrometheusWorld(more: Partial<PrometheusTargetOptions> = {}): PrometheusWorld {
  const prometheus = createMemoryPrometheus()
  const clock = createFakeClock({ auto: true })
  const canonical = (expression: string): string => expression
  const options = { name: 'main', prometheus, clock, kinds: KINDS, canonical, reload: 'http' } as const
  const target = createPrometheusTarget({ ...options, ...more })
  return {
    prometheus,
    target,
    loaded: (...files) => {
      for (const { spec } of files) prometheus.files.set(spec.path, spec.groups)
      prometheus.readAgain()
    },
    look: (...wanted) => target.observe(wanted, call),
    apply: async (changes, over = {}) => {
      const marks: Mark[] = []
      const applying: ApplyOptions = {
        ...call,
        reveal: async () => new Sensitive(''),
        guard: async () => {},
        record: [],
        mark: (_id, step, note = {}) => void marks.push({ step, ...note }),
      }
      await target.apply({ changes, gates: [], pauseMs: 0 }, { ...applying, ...over })
      return marks
    },
  }
}
