import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readRuleFile } from '../../src/engine/rule-files.ts'
import { compareRuleFile } from '../../src/kinds/rule-file/compare.ts'
import type { RuleFileSpec } from '../../src/kinds/rule-file/spec.ts'
import { parseAddressEntry } from '../../src/lib/addresses.ts'
import { digestOf } from '../../src/model/digest.ts'
import { makeId } from '../../src/model/id.ts'
import { createPrometheus } from '../../src/prometheus/prometheus.ts'
import { canonicalExpr } from '../../src/promql/expr/canonical.ts'
import { groupsOf, liveOf, readLoaded } from '../../src/targets/prometheus/look.ts'
import { type Prometheus, prometheusPossible, startPrometheus } from '../lab/prometheus.mjs'

/** Each is printed by Prometheus in another way than it stands here. */
const EXPRESSIONS: readonly string[] = [
  'sum(rate(a[5m])) by (job,   instance)',
  'sum by () (a)',
  'sum without () (a)',
  'topk(3, a{c="d",b!~"x.*"})',
  `count_values('v', a)`,
  "a{b=`c\\d`, e='f\"g'} offset 90m",
  'max_over_time(a[1h] offset -2m) != 0',
  'max_over_time(rate(a[1m])[2h:90s] offset 1w)',
  'max_over_time(a[1d12h:])',
  'a @ 1603774568.123 + a @ start() - a @ end() offset 5m',
  '-a ^ 2 > bool -1',
  '-1 - -0x1F + +1e3 * .5',
  'a == Inf or a == -Inf or a == NaN',
  'a * on (job) group_left (b, a) c',
  'a / ignoring (x, y) group_right c',
  'a and on () c unless ignoring (z) d',
  '((a + b)) % (c atan2 d)',
  '{__name__="a", b="c"} > 1',
  '{__name__=~"a|b"}',
  'absent_over_time(a{b="c"}[5m])',
  'label_replace(a, "x", "$1", "y", "(.*)")',
  'histogram_quantile(0.95, sum by (le) (rate(a_bucket[5m])))',
  'sum(a) by (job) > 1 and sum(b) without (job) < 0.000001',
  'quantile_over_time(.99, a[5m30s])',
  'time() - timestamp(a) > 1e10',
  'vector(1) == bool 1',
]
const OWN = JSON.stringify({
  groups: [{ name: 'own', limit: 7, rules: EXPRESSIONS.map((expr, at) => ({ alert: `A${at}`, expr, for: '1d2h3m' })) }],
})

const CORPUS = join(resolve(process.env.SWARMKEEPER_CORPUS ?? '../shared/data'), 'prometheus')

function corpusFiles(): readonly (readonly [path: string, text: string])[] {
  if (!existsSync(CORPUS)) return []
  const paths = readdirSync(CORPUS, { recursive: true, encoding: 'utf8' }).filter((path) => /\.ya?ml$/.test(path))
  return paths.map((path) => [path, readFileSync(join(CORPUS, path), 'utf8')])
}

/** The plan after an apply is empty: Prometheus prints expressions, durations and intervals in its own way (rule 2). */
describe.skipIf(!prometheusPossible())('rule files, read by us and loaded by a real Prometheus', () => {
  let real: Prometheus
  beforeAll(async () => {
    real = await startPrometheus({ every: '1m' })
  })
  afterAll(() => real?.dispose())
  const { signal } = new AbortController()
  const client = () => createPrometheus({ name: 'main', url: real.url, allowed: [parseAddressEntry('127.0.0.1')] })

  const written = (path: string, text: string) => {
    writeFileSync(path, text)
    const { groups, problems } = readRuleFile({ text, path })
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
    const spec: RuleFileSpec = { path, groups, expectAbsent: true }
    return {
      id: makeId({ target: 'main', kind: 'RuleFile', name: path }),
      kind: 'RuleFile',
      spec,
      digest: digestOf(spec),
    }
  }

  it('differ in nothing, whoever wrote them, and none of their expressions is refused', async () => {
    const texts = [['own', OWN] as const, ...corpusFiles()]
    const files = texts.map(([, text], at) => written(join(real.rules, `${at}.yaml`), text))
    expect((await real.reload()).status).toBe(200)
    const loaded = await readLoaded(files, { prometheus: client(), series: { found: new Map() } }, { signal })
    const wrong = files.flatMap(({ spec }, at) => {
      const live = liveOf(groupsOf(spec.path, loaded), loaded, { canonical: canonicalExpr })
      return compareRuleFile(spec, live).map((diff) => [texts[at]?.[0], diff.path, diff.from, diff.to])
    })
    expect(wrong).toEqual([])
    const expressions = files.flatMap(({ spec }) => spec.groups.flatMap(({ rules }) => rules.map(({ expr }) => expr)))
    for (const expr of new Set(expressions))
      expect([expr, await client().parseError(expr, { signal })]).toEqual([expr, undefined])
  })
})
