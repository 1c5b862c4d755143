import { expect, it } from 'vitest'
import { aboutCreate } from '../../src/report/describe-create.ts'
import { create } from '../support/changes.ts'
import { group, rule, ruleFile } from '../targets/prometheus/prometheus-world.ts'

it('new rules are told by what they alert of and what they record', () => {
  const recording = { ...rule('job:up:sum', 'sum(up)'), type: 'record' as const }
  const rules = ruleFile('/rules/web.yaml', [group(rule('Down'), recording), group(rule('Slow'))])
  expect(aboutCreate(create(rules))).toEqual(['alerts: Down, Slow', 'records: job:up:sum'])
})
