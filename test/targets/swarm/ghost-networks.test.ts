import { describe, expect, it } from 'vitest'
import { withoutGhosts } from '../../../src/targets/swarm/ghost-networks.ts'

const ofSwarm = (Name: string) => ({ Id: Name, Name, Scope: 'swarm', Containers: null })
const ofNode = (Name: string, Scope = 'swarm') => ({ Id: Name, Name, Scope, Containers: {}, Peers: [{}] })
const names = (...networks: Parameters<typeof withoutGhosts>[0]) => withoutGhosts(networks).map(({ Name }) => Name)

describe('networks that were removed and still have a task', () => {
  it('are left out', () => {
    expect(names(ofSwarm('ingress'), ofNode('ghost'), ofSwarm('front'))).toEqual(['ingress', 'front'])
  })

  it('are not confused with networks of the node itself', () => {
    expect(names(ofSwarm('ingress'), ofNode('bridge', 'local'))).toEqual(['ingress', 'bridge'])
  })

  it('are not looked for in a listing that shows all by the view of the node', () => {
    expect(names(ofNode('ingress'), ofNode('front'))).toEqual(['ingress', 'front'])
  })
})
