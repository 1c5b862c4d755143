import { describe, expect, it } from 'vitest'
import { lines, read } from './read.ts'

const MEGABYTE = 1024 * 1024

/** A megabyte of the same thing over and over. */
const filled = (text: string, before = ''): Buffer =>
  Buffer.from(before + text.repeat(Math.floor((MEGABYTE - before.length) / Buffer.byteLength(text))))

describe('limits', () => {
  it('memory is bounded: deep, wide and multiplied files together stay below 500 MB', () => {
    const bomb = [
      'a0: &a0 [x,x,x,x,x,x,x,x,x,x]',
      ...Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array.from({ length: 10 }, () => `*a${i}`)}]`),
    ]
    const many = Array.from({ length: 2000 }, () => bomb.slice(0, 5).join('\n')).join('\n---\n')
    const before = process.memoryUsage().rss
    const documents = read({
      'apps/a/a.yaml': filled('[', 'kind: Service\nx: '),
      'apps/b/a.yaml': filled('1,', 'kind: Service\nx: ['),
      'apps/c/a.yaml': `kind: Service\n${bomb.join('\n')}\n`,
      'apps/d/a.yaml': `kind: Service\n${many}\n`,
      'apps/e/a.yaml': Buffer.alloc(50 * MEGABYTE, 'a'),
    })
    expect([...documents.broken].sort()).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(process.memoryUsage().rss - before).toBeLessThan(500 * MEGABYTE)
  }, 60_000)

  it('reports a bounded number of problems of a file', () => {
    const wrong = Array.from({ length: 5000 }, (_, i) => `k${i}: 1`).join('\n')
    expect(lines(read({ 'apps/a/a.yaml': `kind: Service\nname: a\nimage: a:1\n${wrong}\n` }))).toHaveLength(100)
  })
})
