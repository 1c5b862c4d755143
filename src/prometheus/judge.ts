import { judgeFiring } from '../lib/firing.ts'
import type { CheckResult, CheckSpec, Probe } from '../model/check.ts'
import { InternalError, ReconcileError } from '../model/error.ts'
import type { QueryAnswer } from './answers.ts'
import type { AskOptions, Prometheus } from './prometheus.ts'

const MOST_SHOWN = 3

/** One attempt of a check that asks a Prometheus. What it cannot be asked is a failing check, and no error. */
export async function askCheck(check: CheckSpec, prometheus: Prometheus, options: AskOptions): Promise<CheckResult> {
  const { name, probe, timeoutMs } = check
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(timeoutMs)])
  try {
    return await judge(name, probe, { prometheus, signal })
  } catch (error) {
    options.signal.throwIfAborted()
    if (signal.aborted) return { name, ok: false, message: `no answer within ${timeoutMs / 1000} s` }
    if (!(error instanceof ReconcileError)) throw error
    return { name, ok: false, message: error.message }
  }
}

interface Asking extends AskOptions {
  readonly prometheus: Prometheus
}

async function judge(name: string, probe: Probe, { prometheus, signal }: Asking): Promise<CheckResult> {
  if (probe.type === 'alerts') {
    const alerts = await prometheus.alerts({ signal })
    return judgeFiring(name, { firing: alerts.filter(({ state }) => state === 'firing'), none: probe.none })
  }
  if (probe.type !== 'promql') throw new InternalError(`${name} asks no Prometheus`)
  return judgeAnswer(name, probe, await prometheus.query(probe.query, { signal }))
}

type Asked = Extract<Probe, { readonly type: 'promql' }>

function judgeAnswer(name: string, { query, expect }: Asked, answer: QueryAnswer): CheckResult {
  if (answer.type === 'string') return { name, ok: false, message: `${query} is a text, and no query` }
  const found = answer.type === 'scalar' ? [`${answer.point.value}`] : shownSeries(answer)
  const ok = expect === 'some' ? found.length > 0 : found.length === 0
  if (found.length === 0) return { name, ok, message: `${query} finds nothing` }
  const rest = found.length > MOST_SHOWN ? `, and ${found.length - MOST_SHOWN} more` : ''
  return { name, ok, message: `${query} finds ${found.slice(0, MOST_SHOWN).join(', ')}${rest}`.slice(0, 1_000) }
}

/** `up{job="a"} = 0`, as Prometheus prints series. */
function shownSeries(answer: Extract<QueryAnswer, { readonly type: 'vector' | 'matrix' }>): readonly string[] {
  return answer.series.map((one) => {
    const { __name__: metric = '', ...labels } = one.labels
    const shown = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`)
    const value = 'point' in one ? one.point.value : `${one.points.length} samples`
    return `${metric}{${shown.join(', ')}} = ${value}`
  })
}
