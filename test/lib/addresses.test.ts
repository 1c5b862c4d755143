import { describe, expect, it } from 'vitest'
import { allows, lists, parseAddressEntry, splitPort } from '../../src/lib/addresses.ts'

const entries = (...texts: readonly string[]) => texts.map(parseAddressEntry)
const may = (list: readonly string[], host: string, ip: string, port = 443) =>
  allows(entries(...list), { host, ip, port })

describe('a list of addresses', () => {
  it.each([
    ['app.test', 'app.test', '10.0.0.7', true],
    ['app.test', 'APP.test.', '10.0.0.7', true],
    ['app.test', 'other.test', '10.0.0.7', false],
    ['app.test:443', 'app.test', '10.0.0.7', true],
    ['app.test:80', 'app.test', '10.0.0.7', false],
    ['*.app.test', 'web.app.test', '10.0.0.7', true],
    ['*.app.test', 'a.web.app.test', '10.0.0.7', true],
    ['*.app.test', 'app.test', '10.0.0.7', false],
    ['*.app.test', 'evilapp.test', '10.0.0.7', false],
    ['10.0.0.7', '10.0.0.7', '10.0.0.7', true],
    ['10.0.0.7', 'any.test', '10.0.0.7', true],
    ['10.0.0.7:80', '10.0.0.7', '10.0.0.7', false],
    ['10.0.0.0/8', 'any.test', '10.255.0.1', true],
    ['10.0.0.0/8:443', 'any.test', '10.255.0.1', true],
    ['10.0.0.0/8:80', 'any.test', '10.255.0.1', false],
    ['10.0.0.0/8', 'any.test', '11.0.0.1', false],
    ['fd00::/8', 'any.test', 'fd12::1', true],
    ['[fd00::1]:443', 'fd00::1', 'fd00:0::1', true],
    ['10.0.0.7', 'any.test', '::ffff:10.0.0.7', true],
    ['10.0.0.7', 'any.test', '64:ff9b::a00:7', true],
  ])('%s: %s at %s is allowed: %s', (entry, host, ip, allowed) => {
    expect(may([entry], host, ip)).toBe(allowed)
  })

  it('allows nothing when it is empty', () => {
    expect(may([], 'app.test', '93.184.216.34')).toBe(false)
  })

  it.each(['127.0.0.1', '127.9.9.9', '::1', '0.0.0.0', '::', '::ffff:127.0.0.1'])(
    'a listed name does not reach this machine at %s, whatever it resolves to',
    (ip) => {
      expect(may(['app.test', '*.test', '0.0.0.0/0', '::/0'], 'app.test', ip)).toBe(false)
    },
  )

  it('localhost, a loopback address or a loopback block does', () => {
    expect(may(['localhost'], 'localhost', '127.0.0.1')).toBe(true)
    expect(may(['127.0.0.1:443'], 'app.test', '127.0.0.1')).toBe(true)
    expect(may(['127.0.0.0/8'], '127.0.0.2', '127.0.0.2')).toBe(true)
  })

  it.each(['169.254.169.254', '169.254.0.1', 'fe80::1', 'fd00:ec2::254', '100.100.100.200', '::ffff:169.254.169.254'])(
    'the metadata or link-local address %s is reached only when it is listed itself',
    (ip) => {
      const wide = ['meta.test', '*.test', 'localhost', '0.0.0.0/0', '::/0', '169.254.0.0/16', 'fe80::/10']
      expect(may(wide, 'meta.test', ip)).toBe(false)
      expect(may(wide, 'localhost', ip)).toBe(false)
      expect(may([ip], 'meta.test', ip)).toBe(true)
    },
  )

  it.each([
    '',
    ' ',
    'a b',
    'http://x',
    '10.0.0.0/33',
    '10.0.0/8',
    '10.1',
    'fd00::/129',
    'x:0',
    'x:70000',
    '*',
    '*.',
    '-x',
    'a..b',
  ])('an entry %j is refused', (text) => {
    expect(() => parseAddressEntry(text)).toThrow(RangeError)
  })

  it('compares names and addresses without resolving anything', () => {
    expect(lists(entries('registry.test:5000'), splitPort('registry.test:5000'))).toBe(true)
    expect(lists(entries('registry.test:5000'), splitPort('registry.test'))).toBe(false)
    expect(lists(entries('10.0.0.0/24'), splitPort('10.0.0.9:2376'))).toBe(true)
    expect(lists(entries('10.0.0.0/24'), splitPort('evil.test:2376'))).toBe(false)
  })
})
