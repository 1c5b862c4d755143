import { describe, expect, it } from 'vitest'
import { checkExpr } from '../../src/promql/expr/check-expr.ts'

const flawsOf = (text: string) => checkExpr(text).flaws.map(({ at, message }) => `${at} ${message}`)

describe('an expression that Prometheus 2.42 accepts', () => {
  it.each([
    'up',
    'sum by (job) (rate(http_requests_total{status=~"5.."}[5m])) / on (job) group_left (team) sum(x) by (job, team)',
    'histogram_quantile(0.95, sum by (le) (rate(latency_bucket[5m]))) > bool 2',
    'max_over_time(rate(a[5m])[1h:1m] offset -1w @ end())',
    '-a ^ 2 == bool 0x1F',
    'count_values without () ("version", build_info)',
    'a and on () b unless ignoring (c) d or e',
    // Keywords are names where no keyword may stand.
    'sum + by{on="a", bool="b"}',
    'sum by (on, bool, offset) (start)',
    '{__name__=~"a|b", c!=""}',
    `a{b='it\\'s', c=\`\\d\`}`,
    'label_join(a, "b", "-", "c", "d", "e")',
    'day_of_week() + round(a) + round(a, 5)',
    'a # and what is meant',
    'Inf + nan + 1e3 + .5 + 010',
  ])('%s', (text) => {
    expect(flawsOf(text)).toEqual([])
  })
})

describe('an expression that it refuses is told where and why', () => {
  it.each([
    ['rate(up)', '5 rate() takes a range vector (a selector with [5m], or a subquery), not an instant vector'],
    ['sum(up[5m])', '4 sum takes an instant vector, not a range vector (a selector with [5m], or a subquery)'],
    ['nosuch(up)', "0 Prometheus 2.42 has no function 'nosuch'"],
    ['ratee(up[5m])', "0 Prometheus 2.42 has no function 'ratee'; did you mean 'rate'?"],
    ['clamp(up, 1)', '0 clamp() takes 3 arguments, got 2'],
    ['hour(up, up)', '0 hour() takes 0 to 1 arguments, got 2'],
    ['topk(up)', '0 topk takes two arguments, got 1'],
    ['1 == 1', "2 two numbers are compared with '== bool'"],
    ['up + bool 1', "3 'bool' stands behind comparisons only, and '+' is none"],
    ['up and 1', "3 'and' stands between instant vectors, not numbers"],
    ['a * on (b) 1', "2 'on' and 'ignoring' stand between instant vectors only"],
    ['a and on (b) group_left c', "2 'and' knows no group_left"],
    ['a * on (b) group_left (b) c', "2 the label 'b' stands in 'on' and in 'group_left' at once"],
    ['a offset 5m [5m]', '12 offset stands behind the range'],
    ['sum(a)[5m]', '6 a range stands behind a selector alone; of other values a subquery is made: [1h:]'],
    ['a[0s]', '2 a duration must be greater than 0'],
    [
      '{a=~".*"}',
      '0 a selector needs a name, or a matcher that an empty label does not match: this one selects everything',
    ],
    ['a{__name__="b"}', "2 the metric has the name 'a' already"],
    ['-"text"', "1 a sign ('-') takes a number or an instant vector, not a text"],
    ['sum(up', "6 a '(' is not closed"],
    ['up)', "2 this ')' closes nothing"],
    ['', '0 there is no expression'],
  ])('%s', (text, flaw) => {
    expect(flawsOf(text)).toEqual([flaw])
  })

  it('with each mistake of its types', () => {
    expect(flawsOf('rate(a) + increase(b)')).toHaveLength(2)
  })

  it('however long and deep it is', () => {
    expect(flawsOf(`${'('.repeat(100_000)}1${')'.repeat(100_000)}`)[0]).toContain('nested deeper than 500 levels')
    expect(flawsOf(Array.from({ length: 100_000 }, () => 'a').join(' + '))[0]).toContain('more than 1000 operations')
    expect(flawsOf(Array.from({ length: 900 }, () => 'a').join(' + '))).toEqual([])
    expect(flawsOf(`${'1'.repeat(1_000_000)}e`)[0]).toContain('is no number')
  })
})

describe('regular expressions are those of Go', () => {
  it.each([
    'a|b.*',
    '(?i)x',
    '(?P<n>a)',
    '[[:alpha:]\\\\d-]+?',
    '\\\\p{Greek}\\\\p{Han}\\\\x{1F600}',
    'a{2,5}',
    'a{,5}',
    '\\\\Q(\\\\E',
  ])('%s is one', (regex) => {
    expect(flawsOf(`a{b=~"${regex}"}`)).toEqual([])
  })

  it.each([
    ['(?=a)', 'RE2 has no lookaround'],
    ['(a)\\\\1', 'RE2 has no backreferences'],
    ['(', "a ')' is missing"],
    ['a)(b', "a ')' closes nothing"],
    ['a**', 'repeats a repetition'],
    ['*', 'has nothing before it'],
    ['a{1001}', 'at most 1000'],
    ['((a{50}){50}){50}', 'makes more than 1000 repetitions'],
    ['[z-a]', 'runs backwards'],
    ['\\\\p{Klingon}', 'names no class of Unicode'],
  ])('%s is none', (regex, message) => {
    expect(flawsOf(`a{b=~"${regex}"}`).join()).toContain(message)
  })
})
