import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { amountDecimal, amountText } from '../../src/lib/amount.ts'
import { addDecimals, parseDecimal, scaled, ZERO } from '../../src/lib/decimal.ts'

const micros = (text: string): number | undefined => {
  const decimal = parseDecimal(text)
  return decimal && scaled(decimal, 6)
}

describe('decimals', () => {
  it('are what is written, without floats', () => {
    expect(micros('0.1')).toBe(100_000)
    expect(micros('123.456789')).toBe(123_456_789)
    expect(micros('1e-7')).toBe(1)
    expect(micros('1.5E+3')).toBe(1_500_000_000)
    expect(micros('-0.5')).toBe(-500_000)
    expect(micros('0E-6176')).toBe(0)
  })

  it('are rounded up: what was spent is never made less', () => {
    expect(micros('0.0000001')).toBe(1)
    expect(micros('1.0000001')).toBe(1_000_001)
  })

  it.each([
    '',
    ' ',
    '1,5',
    '1.',
    '.5',
    'NaN',
    'Infinity',
    '0x10',
    '1e',
    '--1',
    '1e99',
    '9'.repeat(31),
    '9007199254740',
  ])('are not %j', (text) => expect(micros(text)).toBeUndefined())

  it('add up exactly, in any order', () => {
    const cents = fc.array(fc.integer({ min: 0, max: 10 ** 9 }), { maxLength: 30 })
    fc.assert(
      fc.property(cents, (amounts) => {
        const parts = amounts.map(
          (amount) => parseDecimal(`${Math.floor(amount / 1_000)}.${String(amount % 1_000).padStart(3, '0')}`) ?? ZERO,
        )
        const sum = amounts.reduce((total, amount) => total + amount, 0)
        expect(scaled(parts.reduce(addDecimals, ZERO), 3)).toBe(sum)
        expect(scaled([...parts].reverse().reduce(addDecimals, ZERO), 3)).toBe(sum)
      }),
    )
  })
})

describe('amounts for people and programs', () => {
  const usd = { unit: 'cost', currency: 'USD' } as const
  it('have the words of their unit', () => {
    expect(amountText(12_345_678, usd)).toBe('$12.35')
    expect(amountText(1_000_000_000_000, usd)).toBe('$1,000,000.00')
    expect(amountText(1_234, usd)).toBe('$0.001234')
    expect(amountText(12_000_000, { unit: 'cost', currency: 'EUR' })).toBe('12.00 EUR')
    expect(amountText(1_000_000, { unit: 'runs', currency: 'USD' })).toBe('1 run')
    expect(amountText(2_000_000_000_000, { unit: 'tokens', currency: 'USD' })).toBe('2,000,000 tokens')
  })

  it('keep every digit where a program reads them', () => {
    expect([0, 1, 1_250_000, 100_000_000, -500_000].map(amountDecimal)).toEqual([
      '0',
      '0.000001',
      '1.25',
      '100',
      '-0.5',
    ])
  })
})
