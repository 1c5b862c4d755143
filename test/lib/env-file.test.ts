import { describe, expect, it } from 'vitest'
import { parseEnvFile } from '../../src/lib/env-file.ts'

const values = (text: string) => Object.fromEntries(parseEnvFile(text).values)
const problems = (text: string) =>
  parseEnvFile(text).problems.map(({ severity, line, column, message }) => `${severity} ${line}:${column} ${message}`)

describe('parseEnvFile', () => {
  it('reads NAME=value lines as docker does: the value is all behind the first =', () => {
    expect(values('A=1\nB=a=b # no comment\n  C= spaces \n\n# comment\n\t# comment\nD=\nE.f-g=x\n')).toEqual({
      A: '1',
      B: 'a=b # no comment',
      C: ' spaces ',
      D: '',
      'E.f-g': 'x',
    })
  })

  it('accepts Windows line ends, a byte order mark and a last line without an end', () => {
    expect(values('\uFEFFA=1\r\nB=2')).toEqual({ A: '1', B: '2' })
  })

  it('keeps names that objects have', () => {
    expect([...parseEnvFile('__proto__=x\nconstructor=y\n').values]).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
  })

  it.each([
    ['A=1\nhunter2\n', "error 2:1 the line has no '='; write NAME=value"],
    ['  =hunter2', "error 1:3 there is no name before '='"],
    ['export A=hunter2', "error 1:1 there is a space in the name before '='"],
    ['A=hunter2\0', 'error 1:1 the line has a NUL character'],
    ['A=hunter2\nA=hunter3', "warning 2:1 'A' is set in line 1 already; this value is taken"],
    ['A="hunter2"', "warning 1:1 the quotes are part of the value of 'A', as docker reads env files"],
  ])('says what is wrong with %j, and never a value', (text, expected) => {
    expect(problems(text)).toEqual([expected])
  })

  it('takes the last of two values, and all good lines beside bad ones', () => {
    expect(values('A=1\nbad\nA=2\nB=3\n')).toEqual({ A: '2', B: '3' })
  })
})
