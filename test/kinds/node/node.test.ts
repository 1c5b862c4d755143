import { describe, expect, it } from 'vitest'
import { compareNode } from '../../../src/kinds/node/compare.ts'
import { nodeFromWire } from '../../../src/kinds/node/from-wire.ts'
import { nodeKind } from '../../../src/kinds/node/kind.ts'
import { normalizeNode } from '../../../src/kinds/node/normalize.ts'
import { nodeToWire } from '../../../src/kinds/node/to-wire.ts'
import type { Node } from '../../../src/model/written/node.ts'
import { contextOf } from '../context.ts'

const specOf = (fields: Partial<Node>) =>
  normalizeNode({ kind: 'Node', name: 'worker-1', ...fields } as Node, contextOf()).spec
const live = { Name: 'free text', Role: 'worker', Availability: 'active', Labels: { theirs: '1' }, Later: true }
const liveOf = (spec: object) => nodeFromWire({ Spec: spec, Description: { Hostname: 'worker-1' } })

describe('a node', () => {
  it('differs only in what is declared', () => {
    expect(compareNode(specOf({}), liveOf({ ...live, Availability: 'drain', Role: 'manager' }))).toEqual([])
    expect(
      compareNode(specOf({ availability: 'drain', role: 'manager', labels: { zone: 'a' } }), liveOf(live)),
    ).toEqual([
      { path: '/availability', from: 'active', to: 'drain', effect: 'restart' },
      { path: '/role', from: 'worker', to: 'manager', effect: 'none' },
      { path: '/labels/zone', from: undefined, to: 'a', effect: 'none' },
    ])
  })

  it('keeps what is not declared', () => {
    const spec = specOf({ availability: 'pause', labels: { zone: 'a' } })
    const updated = nodeToWire(spec, { live, stamp: {} })
    expect(updated).toMatchObject({
      Name: 'free text',
      Role: 'worker',
      Availability: 'pause',
      Later: true,
      Labels: { theirs: '1', zone: 'a' },
    })
    expect(compareNode(spec, liveOf(updated))).toEqual([])
  })

  it('a label taken out of the document goes', () => {
    const updated = nodeToWire(specOf({ labels: { zone: 'a' } }), { live, stamp: {} })
    expect(compareNode(specOf({}), liveOf(updated))).toEqual([
      { path: '/labels/zone', from: 'a', to: undefined, effect: 'none' },
    ])
    expect(nodeToWire(specOf({}), { live: updated, stamp: {} })).toEqual(live)
  })

  it('is found, not made', () => {
    expect(nodeKind).toMatchObject({ found: true, inert: true })
  })
})
