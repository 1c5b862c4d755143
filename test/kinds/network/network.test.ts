import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareNetwork } from '../../../src/kinds/network/compare.ts'
import { networkFromWire } from '../../../src/kinds/network/from-wire.ts'
import { normalizeNetwork } from '../../../src/kinds/network/normalize.ts'
import type { NetworkSpec } from '../../../src/kinds/network/spec.ts'
import { networkToWire } from '../../../src/kinds/network/to-wire.ts'
import type { Network } from '../../../src/model/written/network.ts'
import { contextOf, problemOf } from '../context.ts'

const normalize = (fields: Partial<Network>) =>
  normalizeNetwork({ kind: 'Network', name: 'front', ...fields } as Network, contextOf())
const stamp = { 'swarmkeeper.install': 'test' }

const word = fc.stringMatching(/^[a-z]{1,6}$/)
const arbitraryNetwork: fc.Arbitrary<NetworkSpec> = fc.record(
  {
    name: fc.constant('front'),
    driver: fc.constantFrom('overlay', 'macvlan'),
    scope: fc.constantFrom('swarm', 'local'),
    attachable: fc.boolean(),
    internal: fc.boolean(),
    ingress: fc.boolean(),
    ipv6: fc.boolean(),
    options: fc.dictionary(word, word, { maxKeys: 2 }),
    labels: fc.dictionary(word, word, { maxKeys: 2 }),
    configOnly: fc.boolean(),
    configFrom: word,
    ipam: fc.record({
      driver: fc.constantFrom('default', 'other'),
      options: fc.dictionary(word, word, { maxKeys: 2 }),
      config: fc.array(
        fc.record({ subnet: fc.constantFrom('10.1.0.0/16', '10.2.0.0/16'), auxAddresses: fc.constant({}) }),
        { maxLength: 1 },
      ),
    }),
  },
  {
    requiredKeys: [
      'name',
      'driver',
      'scope',
      'attachable',
      'internal',
      'ingress',
      'ipv6',
      'options',
      'labels',
      'configOnly',
    ],
  },
)

describe('a network', () => {
  it('has the defaults of an overlay', () => {
    expect(normalize({ attachable: true }).spec).toMatchObject({
      driver: 'overlay',
      scope: 'swarm',
      attachable: true,
      internal: false,
    })
  })

  it('differs in nothing after a create', () => {
    fc.assert(
      fc.property(arbitraryNetwork, (spec) => {
        const wire = JSON.parse(JSON.stringify(networkToWire(spec, { stamp })))
        expect(compareNetwork(spec, networkFromWire(wire))).toEqual([])
      }),
      { numRuns: 200 },
    )
  })

  it('swarm.md 14: changed options are seen, and every one is a replacement', () => {
    const live = networkFromWire(networkToWire(normalize({ options: { encrypted: '' } }).spec, { stamp }))
    const changes: Partial<Network>[] = [
      { driver: 'macvlan' },
      { scope: 'local' },
      { attachable: true },
      { internal: true },
      { ingress: true },
      { ipv6: true },
      { configOnly: true },
      { configFrom: 'base' },
      { options: { encrypted: '', more: '1' } },
      { ipam: { config: [{ subnet: '10.9.0.0/16' }] } },
      { ipam: { driver: 'other' } },
      { labels: { team: 'web' } },
    ]
    for (const change of changes) {
      const { spec } = normalize({ options: { encrypted: '' }, ...change })
      expect(compareNetwork(spec, live).map((diff) => diff.effect)).toEqual(['replace'])
    }
    expect(compareNetwork(normalize({}).spec, live)).toEqual([
      { path: '/options/encrypted', from: '', to: undefined, effect: 'replace' },
    ])
  })

  it('what the engine fills in is no difference', () => {
    const wire = {
      ...networkToWire(normalize({}).spec, { stamp }),
      IPAM: { Driver: 'default', Config: [{ Subnet: '10.0.1.0/24', Gateway: '10.0.1.1' }] },
      Options: { 'com.docker.network.driver.overlay.vxlanid_list': '4097' },
      Labels: { theirs: '1' },
    }
    expect(compareNetwork(normalize({}).spec, networkFromWire(wire))).toEqual([])
    expect(
      compareNetwork(normalize({ ipam: { config: [{ subnet: '10.0.1.0/24' }] } }).spec, networkFromWire(wire)),
    ).toEqual([])
  })

  it('an external one has no live name of ours, and no options', () => {
    expect(normalize({ external: true }).name).toBeUndefined()
    expect(problemOf(() => normalize({ external: true, driver: 'overlay' }))).toBe(
      "/driver: an external network is not ours: 'driver' would do nothing",
    )
  })
})
