import type { GroupSpec } from '../../../src/kinds/rule-file/spec.ts'
import { ReconcileError } from '../../../src/model/error.ts'
import type { LoadedGroup, LoadedRule } from '../../../src/prometheus/answers.ts'
import type { Prometheus } from '../../../src/prometheus/prometheus.ts'

/** What a Prometheus does with its rule files, without one: all of them are loaded, or none. */
export interface MemoryPrometheus extends Prometheus {
  /** Path -> what stands there; `broken` is no rule file. */
  readonly files: Map<string, readonly GroupSpec[] | 'broken'>
  /** Names of the metrics that it has series of. */
  readonly metrics: Set<string>
  /** Expressions that its parser refuses. */
  readonly refuses: Set<string>
  /** Health of a rule by its name; `ok` otherwise. */
  readonly health: Map<string, LoadedRule['health']>
  /** What it was asked, in order. */
  readonly asked: string[]
  reloads: number
  /** Does it answer? */
  up: boolean
  /** Is it told by HTTP? */
  lifecycle: boolean
  /** It reads them again, as after a signal. */
  readAgain(): void
}

const EVERY_S = 60

export function createMemoryPrometheus(): MemoryPrometheus {
  let groups: readonly LoadedGroup[] = []
  let reloadOk = true
  let reads = 0
  const ask = (what: string): void => {
    memory.asked.push(what)
    if (memory.up) return
    throw new ReconcileError('TargetUnreachable', { message: 'main does not answer', retryable: true })
  }
  const memory: MemoryPrometheus = {
    name: 'main',
    files: new Map(),
    metrics: new Set(['up']),
    refuses: new Set(),
    health: new Map(),
    asked: [],
    reloads: 0,
    up: true,
    lifecycle: true,
    readAgain: () => {
      reads += 1
      reloadOk = [...memory.files.values()].every((file) => file !== 'broken')
      if (reloadOk) groups = [...memory.files].flatMap(([file, all]) => (all === 'broken' ? [] : loadedOf(file, all)))
    },
    query: async () => {
      ask('query')
      return { type: 'vector', series: [], warnings: [] }
    },
    parseError: async (expression) => {
      ask(`parse ${expression}`)
      return memory.refuses.has(expression) ? 'parse error: unknown function' : undefined
    },
    rules: async () => {
      ask('rules')
      return groups.map((group) => ({ ...group, rules: group.rules.map(withHealth) }))
    },
    alerts: async () => {
      ask('alerts')
      return [{ labels: { alertname: 'Down', severity: 'page' }, annotations: {}, state: 'firing' }]
    },
    runtime: async () => {
      ask('runtime')
      return { reloadOk, lastConfigTime: `read ${reads}`, startTime: 'then', workingDirectory: '/' }
    },
    hasSeries: async (selector) => {
      ask(`series ${selector}`)
      return memory.metrics.has(selector.replace(/\{.*/, ''))
    },
    metricNames: async () => {
      ask('names')
      return [...memory.metrics]
    },
    evaluationInterval: async () => {
      ask('interval')
      return EVERY_S
    },
    reload: async () => {
      ask('reload')
      if (!memory.lifecycle) throw new ReconcileError('TargetRefused', { message: 'Lifecycle API is not enabled.' })
      memory.reloads += 1
      memory.readAgain()
      if (!reloadOk)
        throw new ReconcileError('TargetRefused', { message: 'failed to reload config: one or more errors' })
    },
    ready: async () => memory.up,
  }
  const withHealth = (rule: LoadedRule): LoadedRule => {
    const health = memory.health.get(rule.name) ?? 'ok'
    return health === 'err' ? { ...rule, health, lastError: 'many-to-many matching' } : { ...rule, health }
  }
  return memory
}

const loadedOf = (file: string, groups: readonly GroupSpec[]): readonly LoadedGroup[] =>
  groups.map(({ name, interval, limit, rules }) => ({
    ...{ name, file, limit, intervalSeconds: interval === 0 ? EVERY_S : interval },
    rules: rules.map((rule) => ({
      ...{ type: rule.type === 'record' ? 'recording' : 'alerting', name: rule.name, query: rule.expr },
      ...{ labels: rule.labels, annotations: rule.annotations, health: 'ok' },
      ...{ forSeconds: rule.for, keepFiringForSeconds: rule.keepFiringFor },
    })),
  }))
