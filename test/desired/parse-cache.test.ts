import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createParseCache, type ParseCache } from '../../src/desired/parse-cache.ts'
import { parseYaml } from '../../src/desired/parse-yaml.ts'
import { readDocuments } from '../../src/desired/read-documents.ts'
import { FLEET, SWARM, schemas, service } from './read.ts'

const parsed = (text: string) => parseYaml(Buffer.from(text))

describe('the parse cache', () => {
  it('parses exactly one file of 10,000 when one has changed', () => {
    const counting = countingCache()
    const files = repository(10_000)
    const read = () => readDocuments({ files, schemas, cache: counting.cache })
    expect(read().documents).toHaveLength(10_002)
    expect(counting.parsed()).toBe(10_002)

    expect(read().documents).toHaveLength(10_002)
    expect(counting.parsed()).toBe(0)

    files.write('apps/app-7/service-7.yaml', service('service-7', 'replicas: 3\nimage2: x\n'))
    const { documents, problems } = read()
    expect(counting.parsed()).toBe(1)
    expect(documents).toHaveLength(10_001)
    expect(problems.map((problem) => problem.message)).toEqual(["unknown key 'image2'; did you mean 'image'?"])

    files.write('vars.env', 'TAG=2\n')
    const image = read().documents.find((document) => document.name === 'service-8')?.value.image
    expect([image, counting.parsed()]).toEqual(['hello:2', 0])
  }, 60_000)

  it('forgets what was used longest ago when it has cost enough', () => {
    const cache = createParseCache({ cost: 3 * parsed('a: 1').cost })
    for (const oid of ['a', 'b', 'c']) cache.set(oid, parsed('a: 1'))
    cache.get('a')
    cache.set('d', parsed('a: 1'))
    expect(['a', 'b', 'c', 'd'].map((oid) => cache.get(oid) !== undefined)).toEqual([true, false, true, true])
  })

  it('counts what is set twice once', () => {
    const cache = createParseCache({ cost: 2 * parsed('a: 1').cost })
    for (const oid of ['a', 'b', 'b', 'b']) cache.set(oid, parsed('a: 1'))
    expect(cache.get('a')).toBeDefined()
  })

  it('does not keep what costs more than all it may keep', () => {
    const cache = createParseCache({ cost: 10 })
    cache.set('a', parsed(`a: "${'x'.repeat(10_000)}"`))
    expect(cache.get('a')).toBeUndefined()
  })
})

function countingCache(): { readonly cache: ParseCache; parsed(): number } {
  const cache = createParseCache()
  let count = 0
  return {
    cache: {
      get: (oid) => cache.get(oid),
      set: (oid, file) => {
        count++
        cache.set(oid, file)
      },
    },
    parsed: () => {
      const before = count
      count = 0
      return before
    },
  }
}

function repository(services: number) {
  const contents = new Map<string, { readonly oid: string; readonly content: Buffer }>()
  const write = (path: string, text: string) => {
    contents.set(path, { oid: createHash('sha1').update(text).digest('hex'), content: Buffer.from(text) })
  }
  write('swarmkeeper.yaml', `${FLEET}vars: vars.env\n`)
  write('vars.env', 'TAG=1\n')
  write('targets/prod.yaml', SWARM)
  for (let i = 0; i < services; i++) {
    const text = service(`service-${i}`, 'replicas: 2\n')
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what people write
    write(`apps/app-${i % 500}/service-${i}.yaml`, i % 2 === 0 ? text.replace('hello:1', 'hello:${TAG}') : text)
  }
  return { read: (path: string) => contents.get(path), paths: [...contents.keys()], write }
}
