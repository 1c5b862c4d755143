import { describe, expect, it } from 'vitest'
import { Sensitive } from '../../../src/model/sensitive.ts'
import { parseEndpoint } from '../../../src/targets/swarm/endpoint.ts'
import { openTransport } from '../../../src/targets/swarm/transport.ts'

describe('an endpoint', () => {
  it.each([
    ['unix:///var/run/docker.sock', { type: 'unix', path: '/var/run/docker.sock' }],
    ['tcp://10.0.0.1:2376', { type: 'tcp', host: '10.0.0.1', port: 2376 }],
    ['tcp://[::1]:2376', { type: 'tcp', host: '::1', port: 2376 }],
    [
      'ssh://deploy@m1.example',
      { type: 'ssh', user: 'deploy', host: 'm1.example', port: 22, path: '/var/run/docker.sock' },
    ],
    ['ssh://deploy@m1:2222/run/d.sock', { type: 'ssh', user: 'deploy', host: 'm1', port: 2222, path: '/run/d.sock' }],
  ])('%s is understood', (text, endpoint) => {
    expect(parseEndpoint(text)).toEqual(endpoint)
  })

  it.each([
    '',
    'prod',
    'http://10.0.0.1:2375',
    'unix://',
    'unix://host/path',
    'tcp://10.0.0.1',
    'tcp://:2376',
    'tcp://user@10.0.0.1:2376',
    'ssh://m1.example',
    'ssh://@m1.example',
    'ssh://deploy@',
    'ssh://-oProxyCommand=touch%20x@m1',
    'ssh://deploy@-oProxyCommand=x',
    'ssh://de;ploy@m1',
    'ssh://deploy@m1?x=y',
    'ssh://deploy:secret@m1',
  ])('%s is refused (SEC-5, SEC-26)', (text) => {
    expect(() => parseEndpoint(text)).toThrow(expect.objectContaining({ reason: 'InvalidSettings' }))
  })

  it('with a password is not repeated in the error', () => {
    expect(() => parseEndpoint('ssh://deploy:hunter2@m1')).toThrow(/^(?!.*hunter2)/)
  })
})

describe('a transport', () => {
  const options = { timeoutMs: 1000 }

  it('is never plain TCP to another machine, unless the credential says so', () => {
    const open = (url: string, insecure?: boolean) => {
      const transport = openTransport({ url }, insecure === undefined ? undefined : { insecure }, options)
      transport.close()
      return transport.modem.protocol
    }
    expect(() => open('tcp://10.0.0.1:2375')).toThrow(/has no TLS/)
    expect(() => open('tcp://10.0.0.1:2375', false)).toThrow(/has no TLS/)
    expect(open('tcp://10.0.0.1:2375', true)).toBe('http')
    expect(open('tcp://127.0.0.1:2375')).toBe('http')
  })

  it('is TLS as soon as the credential holds any part of it', () => {
    const transport = openTransport({ url: 'tcp://10.0.0.1:2376' }, { ca: 'CA', key: new Sensitive('KEY') }, options)
    expect(transport.modem).toMatchObject({ protocol: 'https', host: '10.0.0.1', port: 2376, ca: 'CA' })
    transport.close()
  })

  it('by ssh wants a pinned host key and a key of its own', () => {
    const credential = { privateKey: new Sensitive('KEY') }
    const endpoint = { url: 'ssh://deploy@m1' }
    expect(() => openTransport(endpoint, credential, options)).toThrow(/has no hostKey/)
    expect(() => openTransport({ ...endpoint, hostKey: 'ssh-ed25519 A' }, {}, options)).toThrow(/has no SSH key/)
  })
})
