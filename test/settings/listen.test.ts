import { describe, expect, it } from 'vitest'
import { formatProblem } from '../../src/model/problem.ts'
import { loadSettings } from '../../src/settings/load-settings.ts'

const SETTINGS = `install: prod
key: { value: '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f' }
repository: { url: https://git.test/fleet.git }
`
const load = (listen: string) => loadSettings({ file: '/etc/s.yaml', text: `${SETTINGS}listen: ${listen}\n`, env: {} })
const problemsOf = (listen: string): readonly string[] => {
  const loaded = load(listen)
  return 'settings' in loaded ? [] : loaded.problems.map(formatProblem)
}
const listenOf = (listen: string) => {
  const loaded = load(listen)
  return 'settings' in loaded ? loaded.settings.listen : loaded.problems
}

describe('where the HTTP surface listens (SEC-17)', () => {
  it('is loopback where nothing is said', () => {
    const loaded = loadSettings({ file: '/etc/s.yaml', text: SETTINGS, env: {} })
    expect('settings' in loaded && loaded.settings.listen).toEqual({ at: { host: '127.0.0.1', port: 8470 } })
  })

  it('may be a unix socket, and an address of IPv6', () => {
    expect(listenOf('{ address: "unix:/run/sk.sock" }')).toEqual({ at: { socket: '/run/sk.sock' } })
    expect(listenOf('{ address: "[::1]:80" }')).toEqual({ at: { host: '::1', port: 80 } })
  })

  it('is no other address without TLS, for tokens would travel in the clear', () => {
    for (const address of ['0.0.0.0:8470', '10.0.0.5:8470', '[::]:8470', 'daemon.internal:8470', '127.evil.test:80']) {
      expect(problemsOf(`{ address: "${address}" }`)).toEqual([
        expect.stringMatching(/is not loopback: tokens would travel in the clear; add `certificate` and `key`/),
      ])
    }
  })

  it('is another address where TLS is there, or the operator says that it is meant', () => {
    expect(problemsOf('{ address: "0.0.0.0:8470", certificate: { value: c }, key: { value: k } }')).toEqual([])
    expect(problemsOf('{ address: "0.0.0.0:8470", insecure: true }')).toEqual([])
  })
})
