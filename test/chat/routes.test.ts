import { describe, expect, it } from 'vitest'
import { headlineOf, headlineText, lasted } from '../../src/chat/headline.ts'
import { routesFor } from '../../src/chat/routes.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import type { ChatRoute } from '../../src/settings/settings.ts'
import { openOf } from '../support/incidents.ts'

const url = new Sensitive('https://chat.example.test/hook')
const ROUTES: readonly ChatRoute[] = [
  { name: 'all', minSeverity: 'info', type: 'webhook', url },
  { name: 'night', minSeverity: 'critical', type: 'discord', url },
  { name: 'shop', minSeverity: 'warning', apps: ['shop', 'cart'], type: 'slack-webhook', url },
]

describe('an incident is told', () => {
  it.each([
    ['info', 'shop', ['chat:all']],
    ['warning', 'shop', ['chat:all', 'chat:shop']],
    ['critical', 'cart', ['chat:all', 'chat:night', 'chat:shop']],
    ['critical', 'web', ['chat:all', 'chat:night']],
    ['critical', undefined, ['chat:all', 'chat:night', 'chat:shop']],
  ] as const)('if it is %s and of %s, on %j', (severity, app, expected) => {
    expect(routesFor({ severity, ...(app === undefined ? {} : { app }) }, ROUTES)).toEqual(expected)
  })
})

describe('a headline', () => {
  const textOf = (over: Parameters<typeof openOf>[0]) => headlineText(headlineOf(openOf(over)))

  it('says the app once', () => {
    expect(textOf({ app: 'web', title: 'web: went back' })).toBe('🔴 critical · web: went back')
    expect(textOf({ app: 'web', title: 'went back' })).toBe('🔴 critical · web: went back')
  })

  it('is one line, without signs that steer', () => {
    expect(textOf({ app: 'a\nb', title: 'x\r\n\ty\u202e' })).toBe('🔴 critical · a b: x y\\u202e')
  })

  it('says what kind it is where there is no title', () => {
    expect(textOf({ severity: 'warning', type: 'target-unreachable', title: ' ' })).toBe(
      '🟠 warning · web: target unreachable',
    )
  })
})

it.each([
  ['2026-01-01T00:00:20Z', 'less than a minute'],
  ['2026-01-01T00:34:00Z', '34 min'],
  ['2026-01-01T02:05:00Z', '2 h 5 min'],
  ['2026-01-04T04:00:00Z', '3 d 4 h'],
  ['2025-12-31T23:00:00Z', undefined],
  ['never', undefined],
])('until %s it lasted %s', (until, expected) => {
  expect(lasted('2026-01-01T00:00:00Z', until)).toBe(expected)
})
