import type { ActiveAlert, Labels, LoadedGroup, LoadedRule, Point, QueryAnswer, Runtime } from './answers.ts'

/** The answer has another shape than the API's documentation gives it. */
export class UnreadableAnswer extends Error {
  override readonly name = 'UnreadableAnswer'
}

type Json = Readonly<Record<string, unknown>>

const isMap = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

function mapOf(value: unknown, what: string): Json {
  if (isMap(value)) return value
  throw new UnreadableAnswer(`${what} is no object`)
}

/** Go prints an empty list as null here and there. */
function listOf(value: unknown, what: string): readonly unknown[] {
  if (value === null || value === undefined) return []
  if (Array.isArray(value)) return value
  throw new UnreadableAnswer(`${what} is no list`)
}

function textOf(value: unknown, what: string): string {
  if (typeof value === 'string') return value
  throw new UnreadableAnswer(`${what} is no text`)
}

const optionalText = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const numberOf = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0)

const labelsOf = (value: unknown): Labels =>
  Object.fromEntries(Object.entries(isMap(value) ? value : {}).map(([name, text]) => [name, String(text)]))

const INFINITE: Readonly<Record<string, number>> = { '+Inf': Infinity, Inf: Infinity, '-Inf': -Infinity }

/** `[1435781451.781, "1"]`: values are texts, for JSON knows no NaN and no infinity. */
function pointOf(value: unknown): Point {
  const [at, text] = listOf(value, 'a sample')
  if (typeof at !== 'number' || typeof text !== 'string') throw new UnreadableAnswer('a sample is no time and text')
  return { at, value: INFINITE[text] ?? Number(text) }
}

/** Of `/api/v1/query`, without its envelope. */
export function readQuery(data: unknown, warnings: readonly string[]): QueryAnswer {
  const { resultType, result } = mapOf(data, 'data')
  if (resultType === 'scalar') return { type: 'scalar', point: pointOf(result), warnings }
  if (resultType === 'string') return { type: 'string', text: textOf(listOf(result, 'result')[1], 'result'), warnings }
  const found = listOf(result, 'result').map((one) => mapOf(one, 'a series'))
  if (resultType === 'vector') {
    const series = found.map(({ metric, value }) => ({ labels: labelsOf(metric), point: pointOf(value) }))
    return { type: 'vector', series, warnings }
  }
  if (resultType !== 'matrix') throw new UnreadableAnswer(`resultType is ${String(resultType)}`)
  const series = found.map(({ metric, values }) => ({
    labels: labelsOf(metric),
    points: listOf(values, 'values').map(pointOf),
  }))
  return { type: 'matrix', series, warnings }
}

/** Of `/api/v1/rules`. */
export function readRules(data: unknown): readonly LoadedGroup[] {
  return listOf(mapOf(data, 'data').groups, 'groups').map((value) => {
    const group = mapOf(value, 'a group')
    return {
      name: textOf(group.name, 'the name of a group'),
      file: textOf(group.file, 'the file of a group'),
      intervalSeconds: numberOf(group.interval),
      limit: numberOf(group.limit),
      rules: listOf(group.rules, 'rules').map(ruleOf),
    }
  })
}

const HEALTH: ReadonlySet<unknown> = new Set(['ok', 'err'])
const STATES: ReadonlySet<unknown> = new Set(['inactive', 'pending', 'firing'])

function ruleOf(value: unknown): LoadedRule {
  const rule = mapOf(value, 'a rule')
  const lastError = optionalText(rule.lastError)
  return {
    type: rule.type === 'recording' ? 'recording' : 'alerting',
    name: textOf(rule.name, 'the name of a rule'),
    query: textOf(rule.query, 'the query of a rule'),
    labels: labelsOf(rule.labels),
    annotations: labelsOf(rule.annotations),
    forSeconds: numberOf(rule.duration),
    keepFiringForSeconds: numberOf(rule.keepFiringFor),
    health: HEALTH.has(rule.health) ? (rule.health as 'ok' | 'err') : 'unknown',
    ...(lastError === undefined ? {} : { lastError }),
    ...(STATES.has(rule.state) ? { state: rule.state as 'inactive' | 'pending' | 'firing' } : {}),
  }
}

/** Of `/api/v1/alerts`. */
export function readAlerts(data: unknown): readonly ActiveAlert[] {
  return listOf(mapOf(data, 'data').alerts, 'alerts').map((value) => {
    const alert = mapOf(value, 'an alert')
    const activeAt = optionalText(alert.activeAt)
    return {
      labels: labelsOf(alert.labels),
      annotations: labelsOf(alert.annotations),
      state: alert.state === 'firing' ? 'firing' : 'pending',
      ...(activeAt === undefined ? {} : { activeAt }),
    }
  })
}

/** Of `/api/v1/status/runtimeinfo`, whose fields may change between versions: what is missing is unknown. */
export function readRuntime(data: unknown): Runtime {
  const { reloadConfigSuccess, lastConfigTime, startTime, CWD } = mapOf(data, 'data')
  return {
    reloadOk: typeof reloadConfigSuccess === 'boolean' ? reloadConfigSuccess : undefined,
    lastConfigTime: optionalText(lastConfigTime),
    startTime: optionalText(startTime),
    workingDirectory: optionalText(CWD),
  }
}

/** Of `/api/v1/label/__name__/values`. */
export const readNames = (data: unknown): readonly string[] =>
  listOf(data, 'data').map((name) => textOf(name, 'a name'))

const GLOBAL_INTERVAL = /^global:\n(?: {2}.*\n)*? {2}evaluation_interval: (\S+)$/m
const UNIT_SECONDS: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  y: 31_536_000,
}

/** Of `/api/v1/status/config`: the interval in seconds, from the YAML that Prometheus makes of what it has loaded. */
export function readEvaluationInterval(data: unknown): number | undefined {
  const [, written] = GLOBAL_INTERVAL.exec(textOf(mapOf(data, 'data').yaml, 'yaml')) ?? []
  if (written === undefined) return undefined
  const parts = [...written.matchAll(/(\d+)(ms|[smhdwy])/g)]
  return parts.reduce((total, [, count, unit]) => total + Number(count) * (UNIT_SECONDS[unit ?? ''] ?? 0), 0)
}
