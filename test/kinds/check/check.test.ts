import { describe, expect, it } from 'vitest'
import { normalizeCheck } from '../../../src/kinds/check/normalize.ts'
import { problemOf } from '../context.ts'

const at = { name: 'Check/smoke', pointer: '/keeper/checks/0', target: 'prod' }
const url = 'http://10.0.0.11:8080/health'

describe('a check', () => {
  it('by http has a method, good statuses and times', () => {
    expect(normalizeCheck({ http: { url } }, at)).toEqual({
      name: 'Check/smoke',
      probe: {
        type: 'http',
        url,
        method: 'GET',
        headers: {},
        status: [200, 201, 202, 203, 204, 205, 206],
        expectHeaders: {},
        json: {},
        redirect: 'manual',
      },
      timeoutMs: 5000,
      withinMs: 60_000,
      everyMs: 2000,
    })
  })

  it('by http says what must come back', () => {
    const http = {
      url,
      method: 'POST',
      status: 401,
      headers: { 'X-Number': 1 },
      expectHeaders: { 'Content-Type': '/json/' },
      json: { '/status': 'ok' },
      body: 'ready',
      redirect: 'follow',
      timeout: '2s',
      within: '0s',
      every: '1s',
      from: 'controller',
    }
    expect(normalizeCheck({ http }, at)).toMatchObject({
      probe: {
        method: 'POST',
        status: [401],
        headers: { 'X-Number': '1' },
        expectHeaders: { 'content-type': '/json/' },
        json: { '/status': 'ok' },
        body: 'ready',
        redirect: 'follow',
      },
      timeoutMs: 2000,
      withinMs: 0,
      everyMs: 1000,
    })
  })

  it('by tcp', () => {
    expect(normalizeCheck({ tcp: { host: 'db', port: 5432, within: '90s' } }, at)).toMatchObject({
      probe: { type: 'tcp', host: 'db', port: 5432 },
      withinMs: 90_000,
    })
  })

  it('may say how long a right answer may take', () => {
    expect(normalizeCheck({ http: { url, latency: '500ms' } }, at)).toMatchObject({ latencyMs: 500 })
    expect(normalizeCheck({ tcp: { host: 'db', port: 1, latency: '5s' } }, at)).toMatchObject({ latencyMs: 5_000 })
    expect(normalizeCheck({ tcp: { host: 'db', port: 1 } }, at)).not.toHaveProperty('latencyMs')
  })

  it('by a command has time to pull its image', () => {
    const command = {
      image: 'docker.io/library/postgres:16',
      command: 'pg_isready -h db',
      networks: ['back'],
      env: { PGPORT: 5432 },
    }
    expect(normalizeCheck({ command }, at)).toMatchObject({
      probe: {
        type: 'command',
        target: 'prod',
        image: 'postgres:16',
        command: ['pg_isready', '-h', 'db'],
        networks: ['back'],
        env: { PGPORT: '5432' },
      },
      timeoutMs: 60_000,
    })
  })

  it.each([
    [{}, ': needs one of http, tcp, command, promql or alerts'],
    [
      { http: { url }, tcp: { host: 'a', port: 1 } },
      "/tcp: 'http' and 'tcp' together: exactly one of http, tcp, command, promql or alerts",
    ],
    [{ http: { url: 'http://' } }, "/http/url: 'http://' is not an address"],
    [{ http: { url, timeout: '5' } }, '/http/timeout: '],
    [{ http: { url, expectHeaders: { a: '/(/' } } }, '/http/expectHeaders: a: /(/ is not a regular expression'],
    [{ http: { url, latency: '500' } }, '/http/latency: '],
    [{ http: { url, latency: '0s' } }, '/http/latency: no answer takes no time'],
    [{ tcp: { host: 'a', port: 1, latency: '6s' } }, '/tcp/latency: an attempt is given up after 5000 ms (`timeout`)'],
    [
      { http: { url, timeout: '1s', latency: '2s' } },
      '/http/latency: an attempt is given up after 1000 ms (`timeout`)',
    ],
    [{ command: { image: 'A', command: 'x' } }, '/command/image: '],
    [{ command: { image: 'a', command: '' } }, '/command/command: the command is empty'],
  ])('%j is refused', (written, problem) => {
    expect(problemOf(() => normalizeCheck(written, at))).toContain(`/keeper/checks/0${problem}`)
  })

  it('a command needs a Swarm', () => {
    expect(
      problemOf(() => normalizeCheck({ command: { image: 'a', command: 'x' } }, { ...at, target: undefined })),
    ).toContain('say which one with `target`')
  })
})
