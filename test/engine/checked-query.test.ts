import { describe, expect, it } from 'vitest'
import { normalizeCheckedQuery } from '../../src/engine/checked-query.ts'
import { problemOf } from '../kinds/context.ts'

const at = { name: 'Check/up', pointer: '', target: undefined }
const promql = (query: string) => () => normalizeCheckedQuery({ promql: { target: 'main', query } }, at)

describe('the query of a check', () => {
  it.each(['up{job="web"} == 0', 'sum by (app) (rate(http_requests_total{code=~"5.."}[5m])) > 1', 'vector(1)'])(
    '%s is taken',
    (query) => {
      expect(promql(query)().probe).toMatchObject({ type: 'promql', query })
    },
  )

  it.each(['up{job="web"', 'rate(x)', 'sum(rate(x[5m])) by', 'nosuch(x)', 'up == "a"'])(
    '%s is refused before a Prometheus sees it',
    (query) => {
      expect(problemOf(promql(query))).toMatch(/^\/promql\/query: .* \(at sign \d+ of the query\)$/)
    },
  )

  it('is none of other checks', () => {
    expect(normalizeCheckedQuery({ tcp: { host: 'db', port: 1 } }, at).probe.type).toBe('tcp')
  })
})
