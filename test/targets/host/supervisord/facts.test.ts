import { describe, expect, it } from 'vitest'
import { Sensitive } from '../../../../src/model/sensitive.ts'
import { readSupervisord, supervisordQuestion } from '../../../../src/targets/host/supervisord/facts.ts'
import { programHealth } from '../../../../src/targets/host/supervisord/health.ts'
import { DEFAULT_SUPERVISOR } from '../../../../src/targets/host/supervisord/reach.ts'
import { writeCall, type XmlValue } from '../../../../src/targets/host/supervisord/xml-rpc.ts'
import { programOf } from './programs.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')
/** The value of a call stands in it as it does in an answer. */
const xmlOf = (value: XmlValue) =>
  `<methodResponse><params>${/<param>.*<\/param>/s.exec(writeCall('', [value]))?.[0]}</params></methodResponse>`
const http = (body: string, status = '200 OK') =>
  base64(`HTTP/1.1 ${status}\r\nContent-Type: text/xml\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
const says = (...results: readonly XmlValue[]) => readSupervisord([base64('1700000000.25'), http(xmlOf(results))])

const process = (name: string, statename: string, more: Readonly<Record<string, XmlValue>> = {}) => ({
  group: 'web',
  name,
  statename,
  pid: 0,
  start: 0,
  spawnerr: '',
  exitstatus: 0,
  ...more,
})

describe('what supervisord answers', () => {
  it('is its start, its processes and what it has read', () => {
    const running = process('a', 'RUNNING', { pid: 7, start: 1_700_000_009 })
    const fatal = process('b', 'FATAL', { spawnerr: 'Exited too quickly' })
    expect(says([running, fatal], [{ group: 'web', name: 'a', exitcodes: [0, 2] }], 1)).toEqual({
      started: 1_700_000_000.25,
      processes: [
        { group: 'web', name: 'a', statename: 'RUNNING', pid: 7, since: 1_700_000_009, exitstatus: 0 },
        { group: 'web', name: 'b', statename: 'FATAL', why: 'Exited too quickly', exitstatus: 0 },
      ],
      read: new Map([['web:a', [0, 2]]]),
    })
  })

  it.each([
    [['none'], 'supervisord is not installed there'],
    [['', http('', '401 Unauthorized')], 'supervisord asks for another name and password'],
    [['', base64('Traceback …\nPermissionError: [Errno 13] Permission denied\n')], /does not answer: PermissionError/],
    [['', ''], 'supervisord does not answer: nothing came'],
    [['', http('<html>')], 'what answers is not supervisord'],
    [['', http(xmlOf([{ faultCode: 6, faultString: 'SHUTDOWN_STATE' }]))], /SHUTDOWN_STATE/],
  ])('may say nothing: %#', (fields, reason) => {
    expect(readSupervisord(fields)).toEqual(reason instanceof RegExp ? expect.stringMatching(reason) : reason)
  })
})

describe('what it is asked', () => {
  it('has name and password neither in the words of a command nor in plain text', () => {
    const login = { username: 'keeper', password: new Sensitive('p4ss') }
    const words = supervisordQuestion({ ...DEFAULT_SUPERVISOR, login })
    expect(words).not.toContain('p4ss')
    const [, request = ''] = /printf %s (\S+) \| base64 -d/.exec(words) ?? []
    expect(Buffer.from(request, 'base64').toString()).toContain(`Basic ${base64('keeper:p4ss')}`)
  })

  it.each(['ftp://x', 'https://127.0.0.1:9001'])('cannot be asked at %s', (server) => {
    expect(() => supervisordQuestion({ ...DEFAULT_SUPERVISOR, server })).toThrow(/no TLS/)
  })
})

describe('a program is', () => {
  const conf = '[program:web]\ncommand=/bin/a\nnumprocs=2\nprocess_name=%(process_num)d\n'
  const health = (more: string, ...found: readonly ReturnType<typeof process>[]) => {
    const facts = says(found, [{ group: 'web', name: '0', exitcodes: [0] }], 1)
    if (typeof facts === 'string') throw new Error(facts)
    const { status, message } = programHealth(programOf('web', conf + more).spec.groups, facts)
    return `${status}: ${message}`
  }
  const runs = (name: string) => process(name, 'RUNNING', { pid: 7 })

  it.each([
    ['', [runs('0'), runs('1')], 'healthy: 2/2 running'],
    ['', [runs('0'), process('1', 'STARTING', { pid: 8 })], 'progressing: 1/2 running; web:1 is STARTING'],
    [
      '',
      [runs('0'), process('1', 'BACKOFF', { spawnerr: 'Exited too quickly' })],
      'degraded: 1/2 running; web:1 is BACKOFF (Exited too quickly)',
    ],
    ['', [process('0', 'STARTING'), process('1', 'FATAL')], 'degraded: 0/2 running; web:0 is STARTING; web:1 is FATAL'],
    ['', [runs('1')], 'degraded: 1/2 running; web:0 is read, and not added'],
    ['', [runs('0')], 'degraded: 1/2 running; web:1 is not there'],
    ['', [runs('0'), process('1', 'EXITED')], 'healthy: 1/2 running'],
    ['', [runs('0'), process('1', 'EXITED', { exitstatus: 3 })], 'degraded: 1/2 running; web:1 is EXITED (status 3)'],
    ['autorestart=true\n', [runs('0'), process('1', 'EXITED')], 'degraded: 1/2 running; web:1 is EXITED (status 0)'],
    ['autostart=false\n', [process('0', 'STOPPED'), process('1', 'STOPPED')], 'healthy: 0/2 running'],
    ['autostart=false\n', [process('0', 'FATAL'), process('1', 'STOPPED')], 'degraded: 0/2 running; web:0 is FATAL'],
  ] as const)('%s%j: %s', (more, found, expected) => {
    expect(health(more, ...found)).toBe(expected)
  })
})
