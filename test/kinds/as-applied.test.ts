import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { JobSpec } from '../../src/kinds/job/spec.ts'
import { KINDS } from '../../src/kinds/registry.ts'
import { contextOf } from './context.ts'
import { arbitrarySpec } from './service/arbitrary-spec.ts'

/** A plan that asks no target compares with this. */
const differences = (kind: string, spec: unknown) => {
  const found = KINDS.get(kind)
  return found?.compare(spec, found.asApplied?.(spec) ?? spec)
}

it('a service as it was applied differs in nothing from its spec', () => {
  fc.assert(
    fc.property(arbitrarySpec, (spec) => {
      expect(differences('Service', spec)).toEqual([])
    }),
    { numRuns: 100 },
  )
})

it('a job as it was applied need not run', () => {
  fc.assert(
    fc.property(arbitrarySpec, (service) => {
      const spec: JobSpec = { service, when: 'before', triggers: { 'prod/Service/hello': 'abc' }, irreversible: false }
      expect(differences('Job', spec)).toEqual([])
    }),
    { numRuns: 50 },
  )
})

it.each([
  ['Node', { name: 'node-1', labels: { disk: 'ssd' }, availability: 'drain' }],
  ['Node', { name: 'node-1' }],
  ['Secret', { name: 'token', file: 'token.txt', labels: { a: 'b' } }],
  ['Config', { name: 'motd', content: 'hello', labels: { a: 'b' } }],
  ['Config', { name: 'motd', from: 'settings:MOTD' }],
  ['Network', { name: 'front', attachable: true, labels: { a: 'b' } }],
  ['Network', { name: 'front', ipam: { config: [{ subnet: '10.1.0.0/24' }] } }],
])('a %s as it was applied differs in nothing from its spec: %o', (kind, written) => {
  const world = { files: { 'token.txt': 'hush' }, settings: { MOTD: 'hello' } }
  const normalized = KINDS.get(kind)?.normalize(written, contextOf(world))
  expect(differences(kind, normalized?.spec)).toEqual([])
})
