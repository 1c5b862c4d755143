import { describe, expect, it } from 'vitest'
import { parseAddressEntry } from '../../src/lib/addresses.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import { credentialFor } from '../../src/settings/credential-for.ts'
import type { Credential } from '../../src/settings/settings.ts'

const fleetKey: Credential = {
  type: 'ssh',
  addresses: ['manager-1:22', '10.0.0.0/24', 'registry.test:5000', '*.lab.test', 'fd00::1'].map(parseAddressEntry),
  key: new Sensitive('canary'),
}
const settings = { credentials: new Map([['fleet-key', fleetKey]]) }

describe('a credential', () => {
  it.each([
    'manager-1:22',
    'MANAGER-1:22',
    '10.0.0.9',
    '10.0.0.9:22',
    'registry.test:5000',
    'a.lab.test:1',
    '[fd00::1]:22',
  ])('is given for %s, which it lists', (address) => {
    expect(credentialFor(settings, 'fleet-key', address)).toBe(fleetKey)
  })

  it.each([
    'manager-1',
    'manager-1:23',
    'manager-2:22',
    '10.0.1.9',
    'registry.test',
    'evil.test',
    'lab.test',
    'x@manager-1:22',
    '',
  ])('is refused for %j, naming what it is for and not what it is', (address) => {
    const use = () => credentialFor(settings, 'fleet-key', address)
    expect(use).toThrow(expect.objectContaining({ reason: 'InvalidSettings' }))
    expect(use).toThrow(
      `'fleet-key' may be used for manager-1:22, 10.0.0.0/24, registry.test:5000, *.lab.test, fd00::1, not`,
    )
    expect(use).not.toThrow(/canary/)
  })

  it('that does not exist is answered with the nearest name', () => {
    expect(() => credentialFor(settings, 'fleet-kye', '10.0.0.9')).toThrow(
      "no credential 'fleet-kye'; did you mean 'fleet-key'?",
    )
  })
})
