import { describe, expect, it } from 'vitest'
import { modelOf, problemsOf, service } from './compose-world.ts'

const environment = (lines: string) => service(`environment:\n${lines.replaceAll(/^/gm, '  ')}`).environment

describe('YAML is read as Docker reads it, where JavaScript parsers read something else', () => {
  it('a file mode with a leading zero is octal', () => {
    const { configs } = service('configs: [{source: a, mode: 0440}, {source: b, mode: 0o440}, {source: c, mode: 440}]')
    expect(configs?.map(({ mode }) => mode)).toEqual([288, 288, 440])
  })

  it.each([
    ['012', '10'],
    ['089', '89'],
    ['0x1F', '31'],
    ['0b11', '3'],
    ['1_000', '1000'],
    ['1.10', '1.1'],
    ['1.0', '1'],
    ['1e3', '1000'],
    ['1000000.0', '1e+06'],
    ['0.00001', '1e-05'],
    ['18446744073709551615', '18446744073709551615'],
    ['99999999999999999999', '1e+20'],
    ['2001-01-01', '2001-01-01 00:00:00 +0000 UTC'],
    ['2001-1-1T2:3:4.50+02:00', '2001-01-01 02:03:04.5 +0200 +0200'],
    ['2001-13-01', '2001-13-01'],
    ['22:22', '22:22'],
    ['no', 'no'],
    ['NO', 'NO'],
    ['on', 'on'],
    ['yes', 'yes'],
    ['y', 'y'],
    ['"1.10"', '1.10'],
    ['!!str 012', '012'],
    ['1e400', '1e400'],
    ['~', null],
    ['', null],
    ['""', ''],
  ])('the variable %s is %j', (written, value) => {
    expect(environment(`V: ${written}`)).toEqual({ V: value })
  })

  it('true is a boolean, which no environment takes, and yes is a text, which no switch takes', () => {
    expect(problemsOf(['services: {web: {image: a, environment: {A: true}}}'])).toHaveLength(1)
    expect(problemsOf(['services:\n  web:\n    image: a\n    tty: yes'])).toEqual([
      "compose.yaml:4:10 /services/web/tty: expected true or false, got 'yes'",
    ])
    expect(service('tty: true').tty).toBe(true)
  })

  it('a number is not a text, and a date is none either', () => {
    expect(problemsOf(['version: 3.8\nservices: {}'])).toEqual([
      'compose.yaml:1:10 /version: expected a text, got 3.8; in quotes it is a text: "3.8"',
    ])
    expect(problemsOf(['services:\n  web:\n    hostname: 2001-01-01'])).toEqual([
      'compose.yaml:3:15 /services/web/hostname: expected a text; put it in quotes',
    ])
  })

  it('`<<` merges: own keys win, then the first of a list', () => {
    const text = [
      'x-a: &a {user: one, hostname: one, working_dir: /one}',
      'x-b: &b {user: two, hostname: two, domainname: two}',
      'services:',
      '  web:',
      '    <<: [*a, *b]',
      '    image: a:1',
      '    hostname: own',
    ]
    expect(modelOf(text.join('\n')).services.web).toEqual({
      image: 'a:1',
      hostname: 'own',
      user: 'one',
      working_dir: '/one',
      domainname: 'two',
    })
  })

  it('the same key twice is an error, in quotes too, and with `<<` too', () => {
    expect(problemsOf(['services:\n  web:\n    image: a\n    "image": b'])).toEqual([
      "compose.yaml:4:5 the key 'image' stands here twice; the first is at 3:5",
    ])
    expect(problemsOf(['x-a: &a {}\nx-b:\n  <<: *a\n  <<: *a'])).toHaveLength(1)
  })

  it('keys are texts: a number, a date or true needs quotes', () => {
    expect(problemsOf(['services:\n  80: {image: a}'])).toEqual([
      'compose.yaml:2:3 a key must be a text, not a number: quote it',
    ])
    expect(modelOf('services:\n  "80": {image: a}\n  yes: {image: b}').services).toEqual({
      '80': { image: 'a' },
      yes: { image: 'b' },
    })
  })

  it('an alias bomb is refused before it goes off', () => {
    const levels = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
    const lines = levels.map((name, index) => {
      const inner = index === 0 ? 'x' : `*${levels[index - 1]}`
      return `x-${name}: &${name} [${Array.from({ length: 10 }, () => inner).join(', ')}]`
    })
    const [problem] = problemsOf([lines.join('\n')])
    expect(problem).toMatch(/aliases/)
  })

  it('an alias inside of what it names is refused', () => {
    expect(problemsOf(['x-a: &a\n  b: *a'])).toEqual([
      "compose.yaml:2:6 the alias '*a' stands inside the thing that it names",
    ])
  })
})
