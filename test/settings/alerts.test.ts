import { describe, expect, it } from 'vitest'
import { formatProblem } from '../../src/model/problem.ts'
import { loadSettings } from '../../src/settings/load-settings.ts'

const SETTINGS = `install: prod
key: { value: '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f' }
repository: { url: https://git.test/fleet.git }
`
const load = (more: string, env: Readonly<Record<string, string>> = {}) =>
  loadSettings({ file: '/etc/s.yaml', text: `${SETTINGS}${more}\n`, env })
const staleAfter = (...of: Parameters<typeof load>) => {
  const loaded = load(...of)
  return 'settings' in loaded ? loaded.settings.alertsStaleAfterMs : loaded.problems.map(formatProblem)
}

const HOUR = 3_600_000

describe('how long an alert is believed without a word', () => {
  it('is more than twice what Alertmanager lets pass, where nothing is said', () => {
    expect(staleAfter('')).toBe(9 * HOUR)
  })

  it('is what is said, in the file or the environment', () => {
    expect(staleAfter('alerts: { staleAfter: 26h }')).toBe(26 * HOUR)
    expect(staleAfter('', { SWARMKEEPER_ALERTS_STALE_AFTER: '2h' })).toBe(2 * HOUR)
  })

  it.each(['10s', '0s', '9', 'soon'])('is not %s', (text) => {
    expect(staleAfter(`alerts: { staleAfter: "${text}" }`)).toEqual([expect.stringContaining('/alerts/staleAfter')])
  })
})

it('a token may be for alerts alone', () => {
  const loaded = load(`tokens: { am: { sha256: ${'ab'.repeat(32)}, scopes: [alerts] } }`)
  expect('settings' in loaded && loaded.settings.tokens).toEqual([
    { name: 'am', sha256: 'ab'.repeat(32), scopes: ['alerts'] },
  ])
})
