import { describe, expect, it } from 'vitest'
import { judgeFiring, matchFiring } from '../../src/lib/firing.ts'

const alert = (labels: Readonly<Record<string, string>>) => ({ labels })
const high = alert({ alertname: 'HighErrors', severity: 'critical', app: 'web' })
const slow = alert({ alertname: 'Slow', severity: 'warning', app: 'web' })

describe('alerts that may not fire', () => {
  it('are those that have all of the labels, with these values', () => {
    expect(matchFiring([high, slow], { severity: 'critical' })).toEqual([high])
    expect(matchFiring([high, slow], { severity: 'critical', app: 'shop' })).toEqual([])
    expect(matchFiring([high, slow], { app: 'web' })).toEqual([high, slow])
  })

  it('are all, where no label is said', () => {
    expect(matchFiring([high, slow], {})).toEqual([high, slow])
  })

  it('are not those that lack the label, whatever every object inherits', () => {
    expect(matchFiring([alert({})], { constructor: 'x' })).toEqual([])
    expect(matchFiring([alert({})], { severity: '' })).toEqual([])
  })

  it('fail a check, which names them, and no more than a few', () => {
    expect(judgeFiring('Check/calm', { firing: [slow], none: { severity: 'critical' } })).toEqual({
      name: 'Check/calm',
      ok: true,
      message: 'no alert with severity=critical is firing',
    })
    expect(judgeFiring('Check/calm', { firing: [high, slow], none: { severity: 'critical' } })).toEqual({
      name: 'Check/calm',
      ok: false,
      message: '1 alert with severity=critical is firing: HighErrors',
    })
    const many = Array.from({ length: 9 }, (_, index) => alert({ alertname: `A${index}` }))
    expect(judgeFiring('Check/calm', { firing: many, none: {} }).message).toBe(
      '9 alerts are firing: A0, A1, A2, A3, A4, and 4 more',
    )
  })

  it('do not steer a terminal by their names', () => {
    const message = judgeFiring('Check/calm', { firing: [alert({ alertname: '\u001b[2J\u202eevil\n' })], none: {} })
    expect(message.message).toBe('1 alert is firing:  [2J evil ')
  })
})
