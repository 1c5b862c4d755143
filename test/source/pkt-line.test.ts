import { describe, expect, it } from 'vitest'
import { DELIMITER, FLUSH, packetOf, textsOf } from '../../src/source/pkt-line.ts'

describe('packets of git', () => {
  it('say how long they are, with the four digits that say it', () => {
    expect(packetOf('command=ls-refs')).toBe('0014command=ls-refs\n')
    expect(packetOf('ref-prefix refs/heads/ä')).toBe('001dref-prefix refs/heads/ä\n')
  })

  it('are read back, without what stands between them', () => {
    const sent = [packetOf('a'), DELIMITER, packetOf('b ä'), FLUSH, '0004', '0005c'].join('')
    expect(textsOf(Buffer.from(sent))).toEqual(['a', 'b ä', '', 'c'])
    expect(textsOf(Buffer.from(FLUSH))).toEqual([])
  })

  it.each(['<!DOCTYPE html>', '00', '0003', '0010short', 'zzzzhello'])('are none of ours: %s', (text) => {
    expect(textsOf(Buffer.from(text))).toBeUndefined()
  })
})
