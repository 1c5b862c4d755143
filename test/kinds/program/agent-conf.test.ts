import { describe, expect, it } from 'vitest'
import { confWith } from '../../../src/kinds/program/agent-conf.ts'
import { Ini } from '../../../src/kinds/program/supervisord/ini.ts'
import { keyValues } from '../../../src/kinds/program/supervisord/key-values.ts'

const more = {
  name: 'digest',
  variables: new Map([
    ['AGENT_MODEL', 'one, two'],
    ['AGENT_NAME', 'digest'],
  ]),
  rests: false,
}

/** As supervisord reads it. */
function environmentOf(text: string, section = 'program:digest'): Readonly<Record<string, string>> {
  const ini = new Ini()
  ini.read(text, 'digest.conf')
  return Object.fromEntries(keyValues(ini.get(section, 'environment')?.value ?? ''))
}

describe('variables in a file of supervisord', () => {
  it.each([
    ['without an environment', '[program:digest]\ncommand=x\n', {}],
    ['on one line', '[program:digest]\nenvironment=TZ="UTC"\ncommand=x\n', { TZ: 'UTC' }],
    [
      'over several lines',
      '[program:digest]\nenvironment=\n  TZ="UTC",\n  LANG="C"\ncommand=x\n',
      { TZ: 'UTC', LANG: 'C' },
    ],
    ['after a colon, in capitals', '[program:digest]\nENVIRONMENT : TZ=UTC\n', { TZ: 'UTC' }],
    ['that is empty', '[program:digest]\nenvironment=\ncommand=x\n', {}],
    ['with a comment', '[program:digest]\nenvironment=TZ="UTC" ; of the clock\n', { TZ: 'UTC' }],
    ['of all programs', '[DEFAULT]\nenvironment=TZ="UTC"\n[program:digest]\ncommand=x\n', { TZ: 'UTC' }],
    ['with lines of Windows', '[program:digest]\r\nenvironment=TZ="UTC"\r\ncommand=x\r\n', { TZ: 'UTC' }],
    ['in the only program, of another name', '[program:other]\nenvironment=TZ="UTC"\n', { TZ: 'UTC' }],
    [
      'written twice, of which the last counts',
      '[program:digest]\nenvironment=A="1"\nenvironment=TZ="UTC"\n',
      { TZ: 'UTC' },
    ],
    [
      'in a section that comes twice',
      '[program:digest]\ncommand=x\n[group:g]\nprograms=digest\n[program:digest]\nenvironment=TZ="UTC"\n',
      { TZ: 'UTC' },
    ],
  ])('%s, are read back beside those that are there', (_, text, own) => {
    const section = text.includes('[program:other]') ? 'program:other' : 'program:digest'
    const found = confWith(text, more)
    expect(environmentOf(found, section)).toEqual({ ...Object.fromEntries(more.variables), ...own })
    const lines = (one: string) => one.split('\n').filter((line) => !/environment/i.test(line))
    expect(lines(found)).toEqual(lines(text))
  })

  it('are not said again where they are there already', () => {
    const text = '[program:digest]\nenvironment=AGENT_MODEL="one, two",AGENT_NAME="digest"\n'
    expect(confWith(text, more)).toBe(text)
  })

  it.each([
    [
      'a variable that is there with another value',
      '[program:digest]\nenvironment=AGENT_NAME="other"\n',
      'AGENT_NAME is said twice',
    ],
    ['no program', '[group:g]\nprograms=x\n', 'there is no program in it'],
    ['several, none of which is called so', '[program:a]\n[program:b]\n', 'no [program:digest]'],
  ])('%s is refused', (_, text, words) => {
    expect(() => confWith(text, more)).toThrow(words)
  })

  it('rests between its runs: nothing but its schedule starts it, and a short run is no failed start', () => {
    const text = confWith('[program:digest]\ncommand=x\nautorestart = OFF\n', { ...more, rests: true })
    const ini = new Ini()
    ini.read(text, 'digest.conf')
    const of = (key: string) => ini.get('program:digest', key)?.value
    expect(['autostart', 'autorestart', 'startsecs'].map(of)).toEqual(['false', 'OFF', '0'])
    expect(() => confWith('[program:digest]\nautorestart=unexpected\n', { ...more, rests: true })).toThrow(
      'leave it out',
    )
  })
})
