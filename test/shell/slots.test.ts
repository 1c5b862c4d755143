import { describe, expect, it } from 'vitest'
import { createSlots } from '../../src/shell/slots.ts'

const { signal } = new AbortController()

describe('slots', () => {
  it('are as many as there are, and go to those who wait in their order', async () => {
    const slots = createSlots(2)
    const [first, second] = [await slots.take({ signal }), await slots.take({ signal })]
    const order: string[] = []
    const waiting = ['third', 'fourth'].map(async (name) => {
      const give = await slots.take({ signal })
      order.push(name)
      return give
    })
    await Promise.resolve()
    expect(order).toEqual([])
    first()
    await waiting[0]
    expect(order).toEqual(['third'])
    second()
    await waiting[1]
    expect(order).toEqual(['third', 'fourth'])
  })

  it('come back once, however often they are given back', async () => {
    const slots = createSlots(1)
    const give = await slots.take({ signal })
    give()
    give()
    await slots.take({ signal })
    let taken = false
    void slots.take({ signal }).then(() => {
      taken = true
    })
    await new Promise(setImmediate)
    expect(taken).toBe(false)
  })

  it('are not lost to a caller who gave up waiting', async () => {
    const slots = createSlots(1)
    const give = await slots.take({ signal })
    const impatient = new AbortController()
    const waiting = slots.take({ signal: impatient.signal })
    impatient.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    give()
    await slots.take({ signal })
  })
})
