import { describe, expect, it } from 'vitest'
import { Sensitive } from '../../../src/model/sensitive.ts'
import type { RegistryCredential } from '../../../src/targets/swarm/config.ts'
import { registryAuth, registryOf } from '../../../src/targets/swarm/registry.ts'

const credentials: Readonly<Record<string, RegistryCredential>> = {
  main: { addresses: ['registry.example:5000'], username: 'puller', password: new Sensitive('pä§§') },
  hub: { addresses: ['docker.io'], username: 'hubber', password: new Sensitive('x') },
}

const authFor = (image: string, registries = ['main', 'hub']): unknown => {
  const header = registryAuth(image, {
    config: { name: 'prod', endpoints: [], registries },
    credentials: {
      endpoint: () => ({}),
      registry: (name) => credentials[name] as RegistryCredential,
    },
  })
  return header === undefined ? undefined : JSON.parse(Buffer.from(header, 'base64url').toString('utf8'))
}

describe('registry of an image', () => {
  it.each([
    ['nginx:1.27', 'docker.io'],
    ['bitnami/redis', 'docker.io'],
    ['registry.example:5000/a/b:1', 'registry.example:5000'],
    ['localhost/app:1', 'localhost'],
    [`ghcr.io/a/b:1@sha256:${'a'.repeat(64)}`, 'ghcr.io'],
  ])('%s is at %s', (image, registry) => {
    expect(registryOf(image)).toBe(registry)
  })
})

describe('swarm.md 17: X-Registry-Auth', () => {
  it('is the login for the registry of the image, and of no other', () => {
    expect(authFor('registry.example:5000/app:1')).toEqual({
      username: 'puller',
      password: 'pä§§',
      serveraddress: 'registry.example:5000',
    })
    expect(authFor('registry.example:5001/app:1')).toBeUndefined()
    expect(authFor('evil.example/registry.example/app')).toBeUndefined()
    expect(authFor('evil.example/registry.example:5000/app')).toBeUndefined()
  })

  it('is base64url with padding: engines take anything else silently for no login', () => {
    for (const username of ['a', 'ab', 'abc']) {
      const header = registryAuth('nginx', {
        config: { name: 'prod', endpoints: [], registries: ['hub'] },
        credentials: {
          endpoint: () => ({}),
          registry: () => ({ addresses: ['docker.io'], username, password: new Sensitive('\u00ff\u00fe??>>') }),
        },
      })
      expect(header).toMatch(/^[A-Za-z0-9_-]+={0,2}$/)
      expect((header?.length ?? 1) % 4).toBe(0)
    }
  })

  it('calls Docker Hub what Docker calls it', () => {
    expect(authFor('nginx:1.27')).toMatchObject({ username: 'hubber', serveraddress: 'https://index.docker.io/v1/' })
  })

  it('is of the credentials that the Swarm names only', () => {
    expect(authFor('nginx:1.27', ['main'])).toBeUndefined()
  })
})
