import type { RuleFields, RuleFileLive, RuleFileSpec, RuleSpec, SelectorSpec } from '../../kinds/rule-file/spec.ts'
import { didYouMean } from '../../lib/nearest.ts'
import { ReconcileError } from '../../model/error.ts'
import type { Observed } from '../../model/live.ts'
import type { CallOptions } from '../../model/target.ts'
import type { Loaded, RuleFileResource } from './look.ts'
import type { Place } from './place.ts'

/** For how long an answer counts. */
const REMEMBERED_MS = 30_000
const NAMES_MS = 10 * 60_000
/** What had samples within this time has series: a target that is down since an hour is no misspelt metric. */
const LATELY_MS = 24 * 3_600_000
/** Questions of one look; what is beyond them is not asked. */
const MOST_ASKED = 300
const AT_ONCE = 4
/** After that no further question is begun: one that is slow holds no look up for long. */
const ASKING_MS = 15_000

/** Prometheus makes these of the alerts themselves. */
const OWN_METRICS: ReadonlySet<string> = new Set(['ALERTS', 'ALERTS_FOR_STATE'])

/** Metrics that rules record, loaded or about to be: whoever reads them may come first. */
export const recordedBy = (wanted: readonly RuleFileResource[], { groups }: Loaded): ReadonlySet<string> =>
  new Set([
    ...groups.flatMap(({ rules }) => rules.flatMap(({ type, name }) => (type === 'recording' ? [name] : []))),
    ...wanted.flatMap(({ spec }) => spec.groups.flatMap(recordedIn)),
  ])

export const recordedIn = ({ rules }: { readonly rules: readonly RuleFields[] }): readonly string[] =>
  rules.flatMap(({ type, name }) => (type === 'record' ? [name] : []))

/** Selectors that must find something, of rules that are not loaded as they are: what is loaded was asked for before. */
export function selectorsToAsk(
  rules: readonly RuleSpec[],
  { expectAbsent }: Pick<RuleFileSpec, 'expectAbsent'>,
  recorded: ReadonlySet<string>,
): readonly SelectorSpec[] {
  if (expectAbsent === true) return []
  const excused = (metric: string | undefined): boolean =>
    metric !== undefined && (OWN_METRICS.has(metric) || recorded.has(metric) || expectAbsent.includes(metric))
  return rules.flatMap(({ selectors }) => selectors.filter(({ metric }) => !excused(metric)))
}

export function changedRules({ groups }: RuleFileSpec, live: RuleFileLive | undefined): readonly RuleSpec[] {
  const loaded = new Set((live?.groups ?? []).flatMap((group) => group.rules.map(({ expr }) => expr)))
  return groups.flatMap((group) => group.rules.filter(({ expr }) => !loaded.has(expr)))
}

/**
 * What is wrong with the rules of each file that are not loaded yet, by what this Prometheus has: expressions that it
 * refuses, and selectors that match no series of it.
 */
export async function findUnfit(
  wanted: readonly { readonly resource: RuleFileResource; readonly observed: Observed }[],
  recorded: ReadonlySet<string>,
  { place, signal }: Asking,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const asked = wanted.map(({ resource, observed }) => {
    const live = observed.state === 'present' ? (observed.live as RuleFileLive) : undefined
    const rules = changedRules(resource.spec, live)
    return { resource, rules, selectors: selectorsToAsk(rules, resource.spec, recorded) }
  })
  const questions = asked.flatMap(({ rules, selectors }) => [
    ...rules.map(({ expr }) => ({ key: `parse ${expr}`, ask: () => refusalOf(expr, { place, signal }) })),
    ...selectors.map(({ text }) => ({ key: text, ask: () => hasSeries(text, { place, signal }) })),
  ])
  await answerAll(questions, place)
  const { found } = place.series
  const names = place.series.names?.names ?? new Set<string>()
  return new Map(
    asked.map(({ resource, rules, selectors }) => {
      const refused = rules.flatMap(({ expr, at }) => {
        const said = found.get(`parse ${expr}`)?.found
        return typeof said === 'string' ? [`${at}: ${said}`] : []
      })
      const missing = selectors.filter(({ text }) => found.get(text)?.found === false)
      return [keyOf(resource), [...refused, ...missing.map((one) => missingWords(one, place.name, names))]]
    }),
  )
}

export const keyOf = ({ id, digest }: Pick<RuleFileResource, 'id' | 'digest'>): string => `${id} ${digest}`

export function missingWords({ at, text, metric }: SelectorSpec, target: string, names: ReadonlySet<string>): string {
  const where = `${at}: the Prometheus '${target}' has no series that match ${text}`
  if (metric === undefined) return where
  if (names.has(metric)) return `${where}, though it has others of ${metric}`
  return `${where}${didYouMean(metric, names)}; where that is meant: \`expectAbsent: [${metric}]\``
}

interface Asking extends CallOptions {
  readonly place: Place
}

interface Question {
  readonly key: string
  /** Undefined where nobody knows. */
  ask(): Promise<boolean | string | undefined>
}

async function answerAll(questions: readonly Question[], { clock, series }: Place): Promise<void> {
  const now = clock.monotonic()
  for (const [key, { at }] of series.found) if (now - at > REMEMBERED_MS) series.found.delete(key)
  const open = new Map(
    questions.filter(({ key }) => !series.found.has(key)).map((question) => [question.key, question]),
  )
  const rest = [...open.values()].slice(0, MOST_ASKED)
  const worker = async (): Promise<void> => {
    const inTime = (): boolean => clock.monotonic() - now < ASKING_MS
    for (let next = rest.shift(); next && inTime(); next = rest.shift()) {
      const found = await next.ask()
      if (found !== undefined) series.found.set(next.key, { at: now, found })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

async function hasSeries(selector: string, { place, signal }: Asking): Promise<boolean | undefined> {
  const since = new Date(place.clock.now().getTime() - LATELY_MS)
  return known(() => place.prometheus.hasSeries(selector, { signal, since }), signal)
}

const NOTHING_AGAINST = true

async function refusalOf(expression: string, { place, signal }: Asking): Promise<string | boolean | undefined> {
  const said = await known(
    async () => (await place.prometheus.parseError(expression, { signal })) ?? NOTHING_AGAINST,
    signal,
  )
  return typeof said === 'string' ? `the Prometheus '${place.name}' refuses the expression: ${said}` : said
}

/** A question that nobody answered tells nothing of the rules. */
async function known<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  try {
    return await ask()
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof ReconcileError) return undefined
    throw error
  }
}

/**
 * Names of all that it has series of, for who may not ask (a pull request) and for what a misspelt one was meant to be. One
 * that does not say them in time is not asked at each look.
 */
export async function rememberNames({ place, signal }: Asking): Promise<ReadonlySet<string> | undefined> {
  const { series, clock, prometheus } = place
  const now = clock.monotonic()
  if (series.names && now - series.names.at < NAMES_MS) return series.names.names
  const since = new Date(clock.now().getTime() - LATELY_MS)
  const names = await known(() => prometheus.metricNames({ signal, since }), signal)
  series.names = { at: now, names: names && new Set(names) }
  return series.names.names
}
