import { describe, expect, it } from 'vitest'
import { makeId } from '../../../src/model/id.ts'
import { removalOf } from '../../../src/targets/host/removal.ts'

const id = (kind: string, name: string) => makeId({ target: 'app-1', kind, name })
const file = (text: string, owns?: readonly string[]) => ({
  type: 'file',
  owner: 'swarm',
  uid: 999,
  group: 'swarm',
  gid: 998,
  mode: '0640',
  base64: Buffer.from(text).toString('base64'),
  ...(owns ? { owns } : {}),
})
const steps = (kind: string, name: string, live: unknown) => removalOf(id(kind, name), live).first

describe('what is to go from a host', () => {
  it.each([
    ['File', '/etc/x y', ["take '/etc/x y'"]],
    ['Artifact', '/opt/x', ['take /opt/x']],
    ['Directory', '/srv/x', ['drop /srv/x']],
    ['User', 'x', ['nobody x']],
    ['Group', 'x', ['nogroup x']],
  ])('is a %s: a word that knows what to leave', (kind, name, words) => {
    expect(steps(kind, name, file('whole'))).toEqual(words)
  })

  it('is of a merged file only what was merged, with its owner and mode', () => {
    const [step = ''] = steps('File', '/etc/d.json', file('{"a": 1, "b": 2}\n', ['/a']))
    expect(step.startsWith('put /etc/d.json 0640 999:998 2 ')).toBe(true)
    expect(Buffer.from(step.split(' ').at(-1) ?? '', 'base64').toString()).toBe('{"b": 2}\n')
  })

  it('is the whole file where nothing else is in it', () => {
    expect(steps('File', '/etc/d.json', file('{"a": 1}', ['/a']))).toEqual(['take /etc/d.json'])
  })

  it('is nothing of what is no JSON any more: somebody is to look at it', () => {
    expect(() => steps('File', '/etc/d.json', file('{"a": ', ['/a']))).toThrow(
      'our keys cannot be taken out of /etc/d.json, which is no JSON object: 1:7: the file ends where a value is expected',
    )
  })

  it('is forgotten where it is gone', () => {
    expect(removalOf(id('File', '/etc/x'), undefined)).toMatchObject({ first: [] })
  })
})

describe('a unit that is to go', () => {
  const live = {
    name: 'app.service',
    load: 'loaded',
    dropIns: {},
    owns: [],
    enabled: 'enabled',
    active: 'active',
    needsReload: false,
  }
  const first = (name: string, more: object = {}, spec?: object) =>
    removalOf(id('Unit', name), { ...live, name, ...more }, spec).first.join('\n')

  it('is stopped with its file; one of a package goes on', () => {
    expect(first('app.service', { file: '[Service]' })).toContain(
      'systemctl disable --now --job-mode=ignore-requirements -- app.service\ntake ',
    )
    expect(first('ssh.service')).not.toContain('systemctl')
  })

  it('is not stopped as a template, which does not run', () => {
    expect(first('app@.service', { file: '[Service]' })).toContain('systemctl disable -- app@.service\ntake ')
  })

  it('is stopped as an instance as well, unless its template is that of a package', () => {
    expect(first('app@one.service')).toContain(
      'in /etc/systemd/system/*) timeout 120 systemctl disable --now --job-mode=ignore-requirements -- app@one.service ;; esac',
    )
  })

  it('is unmasked where our record says that it was to be masked', () => {
    expect(first('x.timer', { enabled: 'masked' }, { masked: true })).toContain('systemctl unmask -- x.timer')
    expect(first('x.timer', { enabled: 'masked' }, { masked: false })).not.toContain('unmask')
    expect(first('x.timer', { enabled: 'masked' })).not.toContain('unmask')
  })
})
