import { KINDS } from '../kinds/registry.ts'
import type { DesiredTarget } from '../model/desired.ts'
import { ReconcileError } from '../model/error.ts'
import type { Target } from '../model/target.ts'
import type { Prometheus as Written } from '../model/written/prometheus.ts'
import { canonicalExpr } from '../promql/expr/canonical.ts'
import { createPrometheusTarget } from '../targets/prometheus/prometheus-target.ts'
import { type ShellContext, shellOf } from './host-shell.ts'
import { prometheusOf } from './prometheus.ts'

const UNIT = 'prometheus.service'

/** A declared Prometheus, and the machine that it runs on where its document says so. */
export function openPrometheus(declared: DesiredTarget, all: readonly DesiredTarget[], context: ShellContext): Target {
  const { name, config } = declared
  const { rules, reload = 'http', unit = UNIT } = config as Written
  const host = all.find(({ name, kind, config }) => kind === 'Host' && isMeant({ name, config }, rules))
  return createPrometheusTarget({
    ...{ name, reload, clock: context.clock, kinds: KINDS, canonical: canonicalExpr },
    prometheus: prometheusOf(declared, context.settings),
    ...(host ? withHost(host, { all, context, unit, needed: reload === 'sighup' }) : {}),
  })
}

const isMeant = ({ name, config }: Pick<DesiredTarget, 'name' | 'config'>, rules: Written['rules']): boolean =>
  rules?.local === undefined ? name === rules?.host : (config as { readonly address?: unknown }).address === 'local'

interface WithHost {
  readonly all: readonly DesiredTarget[]
  readonly context: ShellContext
  readonly unit: string
  readonly needed: boolean
}

/** A host that cannot be opened says so itself; a Prometheus that needs none but for its log does without. */
function withHost(host: DesiredTarget, { all, context, unit, needed }: WithHost) {
  try {
    return { host: { shell: shellOf(host, all, context), unit } }
  } catch (error) {
    if (needed || !(error instanceof ReconcileError)) throw error
    return {}
  }
}
