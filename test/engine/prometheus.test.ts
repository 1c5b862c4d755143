import { describe, expect, it } from 'vitest'
import { prometheusNamed, prometheusOf } from '../../src/engine/prometheus.ts'
import { parseAddressEntry } from '../../src/lib/addresses.ts'
import type { DesiredTarget } from '../../src/model/desired.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import type { Credential, Settings } from '../../src/settings/settings.ts'

const declared = (name: string, config: object): DesiredTarget => ({
  ...{ name, kind: 'Prometheus', config },
  origin: { path: 'targets/all.yaml', line: 1, column: 1 },
})
const bound = (credential: Partial<Credential>) =>
  ({ addresses: [parseAddressEntry('metrics.test:443')], ...credential }) as Credential
const settings = (
  credentials: Readonly<Record<string, Credential>> = {},
): Pick<Settings, 'credentials' | 'allowedAddresses'> => ({
  credentials: new Map(Object.entries(credentials)),
  allowedAddresses: [parseAddressEntry('127.0.0.0/8')],
})
const token = bound({ type: 'token', token: new Sensitive('s3cret') })
const call = { signal: new AbortController().signal }

describe('a declared Prometheus', () => {
  it('is asked where the settings allow, and nowhere else (SEC-19)', async () => {
    const elsewhere = prometheusOf(declared('main', { url: 'http://192.0.2.1:9090' }), settings())
    await expect(elsewhere.rules(call)).rejects.toMatchObject({
      ...{ reason: 'TargetUnreachable', message: expect.stringContaining('allowedAddresses') },
    })
  })

  it('with a credential, only where that is bound to', () => {
    const config = { url: 'https://metrics.test', credential: 'metrics' }
    expect(prometheusOf(declared('main', config), settings({ metrics: token })).name).toBe('main')
    const other = declared('main', { ...config, url: 'https://evil.test' })
    expect(() => prometheusOf(other, settings({ metrics: token }))).toThrow('may be used for metrics.test:443')
    const plain = declared('main', { ...config, url: 'http://metrics.test' })
    expect(() => prometheusOf(plain, settings({ metrics: token }))).toThrow('not for metrics.test:80')
  })

  it('takes a token, and no other credential', () => {
    const config = { url: 'https://metrics.test', credential: 'metrics' }
    const docker = bound({ type: 'docker-tcp' })
    expect(() => prometheusOf(declared('main', config), settings({ metrics: docker }))).toThrow('is of type docker-tcp')
  })

  it('is found by its name', () => {
    const all = [declared('main', { url: 'http://127.0.0.1:9090' }), { ...declared('prod', {}), kind: 'Swarm' }]
    expect(prometheusNamed('main', all, settings()).name).toBe('main')
    expect(() => prometheusNamed('man', all, settings())).toThrow("no Prometheus is called 'man'; did you mean 'main'?")
    expect(() => prometheusNamed('prod', all, settings())).toThrow("no Prometheus is called 'prod'")
  })
})
