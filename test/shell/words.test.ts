import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { quoteWords } from '../../src/shell/words.ts'

describe('words of a command', () => {
  it('stay readable where they need no quotes', () => {
    expect(quoteWords(['docker', 'system', 'dial-stdio'])).toBe('docker system dial-stdio')
  })

  it.each([
    [['']],
    [['a b', 'c']],
    [["it's", '"quoted"']],
    [['$HOME', '`id`', '$(id)', '~', '~root']],
    [['a;b', 'a&&b', 'a|b', '>x', '*', '?', '[a]', '{a,b}', '!x', '#x']],
    [['line\nbreak', 'tab\t', '\\', '\\n', 'ä']],
    [['-n', '--', '-e']],
    [['A=1', '=ls', '\u{1F600}', '\u202e', '\x7f\x1b[31m', '\r\n']],
  ])('arrive at a program as they were: %j (SEC-4)', (words) => {
    const program = 'process.stdout.write(JSON.stringify(process.argv.slice(1)))'
    const line = quoteWords(['exec', process.execPath, '-e', program, '--', ...words])
    expect(JSON.parse(execFileSync('/bin/sh', ['-c', line], { encoding: 'utf8' }))).toEqual(words)
  })

  it.each([
    ['a NUL', 'a\0b'],
    ['what UTF-8 cannot say', 'half \ud83d of a pair'],
    ['more than Linux takes', 'x'.repeat(128 * 1024)],
  ])('with %s are refused', (_, word) => {
    expect(() => quoteWords([word])).toThrow(TypeError)
  })

  it('are a program and its arguments, even if the first looks like an assignment', () => {
    expect(quoteWords(['A=1', 'b'])).toBe("'A=1' b")
  })
})
