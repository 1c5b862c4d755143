import { describe, expect, it } from 'vitest'
import { logLines } from '../../../src/targets/swarm/log-stream.ts'

const frame = (stream: number, text: string): Buffer => {
  const header = Buffer.alloc(8)
  header[0] = stream
  header.writeUInt32BE(Buffer.byteLength(text), 4)
  return Buffer.concat([header, Buffer.from(text)])
}

const texts = (body: Buffer) => logLines(body).map(({ text }) => text)

describe('lines of a log', () => {
  it('are taken out of the frames of both streams', () => {
    expect(texts(Buffer.concat([frame(1, 'one\ntw'), frame(1, 'o\n'), frame(2, 'bad\n')]))).toEqual([
      'one',
      'two',
      'bad',
    ])
  })

  it('are taken as they are from a terminal', () => {
    expect(texts(Buffer.from('one\r\ntwo\r\n'))).toEqual(['one', 'two'])
  })

  it('are none of an empty log', () => {
    expect(texts(Buffer.alloc(0))).toEqual([])
  })

  it('lose what was cut off, and what would act in a terminal', () => {
    const whole = Buffer.concat([frame(1, '\u001b[31mred\u001b[0m\u0007\n'), frame(1, 'half of it\n')])
    expect(texts(whole.subarray(0, -8))).toEqual(['red', 'hal'])
  })

  it('know which of them are errors', () => {
    const lines = logLines(Buffer.concat([frame(1, 'fine\n'), frame(2, 'bad\n'), frame(1, 'fine again\n')]))
    expect(lines.map(({ isError }) => isError)).toEqual([false, true, false])
  })
})
