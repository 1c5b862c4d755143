import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fitMarkdown } from '../../src/github/fit-markdown.ts'
import { fitContext, fitDescription } from '../../src/github/fit-text.ts'

describe('the description of a status', () => {
  it('has 140 characters at most, counted as GitHub does, none cut in two', () => {
    expect(fitDescription('x'.repeat(140))).toBe('x'.repeat(140))
    expect(fitDescription('x'.repeat(141))).toBe(`${'x'.repeat(139)}…`)
    expect([...fitDescription('🙂'.repeat(200))]).toHaveLength(140)
  })

  it('is one line, which steers nothing', () => {
    expect(fitDescription(' 2 changes\n\u001b[31mred\u202e \t ')).toBe('2 changes [31mred')
  })
})

describe('the context of a status', () => {
  it('has 255 characters at most, and two long ones that begin alike stay two', () => {
    const long = `swarmkeeper/main/apply/${'x'.repeat(300)}`
    expect(fitContext('swarmkeeper/main/plan')).toBe('swarmkeeper/main/plan')
    expect([...fitContext(long)]).toHaveLength(255)
    expect(fitContext(`${long}a`)).not.toBe(fitContext(`${long}b`))
  })
})

describe('a text that is too long for a comment', () => {
  const lines = (count: number, line = 'a line of some length') => Array.from({ length: count }, () => line)

  it('stays as it is below that', () => {
    const text = lines(1_000).join('\n')
    expect(fitMarkdown(text)).toBe(text)
  })

  it('is cut at the end of a line, and says how to see the rest', () => {
    const cut = fitMarkdown(lines(4_000).join('\n')).split('\n')
    expect(cut.at(-1)).toContain('swarmkeeper plan')
    expect(cut.slice(0, -2).every((line) => line === 'a line of some length')).toBe(true)
  })

  it('closes the fence and the folded parts that were open', () => {
    const text = ['<details><summary>web</summary>', '', '````diff', ...lines(4_000, '+ ``` in the file')].join('\n')
    expect(fitMarkdown(text).split('\n').slice(-5)).toEqual([
      '````',
      '',
      '</details>',
      '',
      expect.stringContaining('Cut here'),
    ])
  })

  it('does not take what is written inside of a fence for folded parts', () => {
    const text = ['```', ...lines(50, '<details>'), '```', ...lines(4_000)].join('\n')
    expect(fitMarkdown(text)).not.toContain('</details>')
  })

  it('counts what GitHub may count: bytes', () => {
    expect(Buffer.byteLength(fitMarkdown(lines(4_000, 'ä'.repeat(20)).join('\n')))).toBeLessThanOrEqual(60_000)
  })

  it('is short enough whatever it holds, one endless line too, and has no character cut in two', () =>
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom('```', '~~~~', '<details>', '</details>', '`````js', 'x'.repeat(70), '🙂'.repeat(30)),
          {
            minLength: 1,
          },
        ),
        fc.constantFrom('\n', ''),
        (parts, end) => {
          const text = `${parts.join('\n')}${end}`.repeat(Math.ceil(70_000 / parts.join('\n').length))
          const cut = fitMarkdown(text)
          expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(60_000)
          expect(cut).not.toContain('\uFFFD')
        },
      ),
    ))
})
