import { describe, expect, it } from 'vitest'
import type { CheckSpec } from '../../src/model/check.ts'
import type { Change } from '../../src/model/plan.ts'
import type { Wanted } from '../../src/model/resource.ts'
import { makeStages } from '../../src/plan/stages.ts'
import { create, prune, recordedOf, update } from '../support/changes.ts'
import { net, thing, type Written } from '../support/fleet.ts'
import { kinds, stageWords, want, wantAll } from './plan-world.ts'

const check = (name: string): CheckSpec => ({
  name,
  probe: { type: 'tcp', host: 'web', port: 80 },
  timeoutMs: 1_000,
  withinMs: 1_000,
  everyMs: 1_000,
})

function stages(given: {
  readonly wanted: readonly Wanted[]
  readonly changes?: readonly Change[]
  readonly prunes?: readonly Written[]
  readonly gates?: readonly CheckSpec[]
}) {
  return makeStages({
    wanted: given.wanted,
    changes: given.changes ?? given.wanted.map(create),
    prunes: (given.prunes ?? []).map((one) => prune(want(one))),
    kinds,
    gates: given.gates ?? [],
  })
}

const order = (given: Parameters<typeof stages>[0]) => stageWords({ stages: stages(given) })
const behind = (...ids: readonly string[]) => ({ after: ids })

describe('what comes after what', () => {
  it('is one stage where nothing is ordered, by name', () => {
    expect(order({ wanted: wantAll([thing('b'), net('c'), thing('a')]) })).toEqual([
      ['create Net/c', 'create Thing/a', 'create Thing/b'],
    ])
  })

  it('is a stage for each step of the longest way', () => {
    const wanted = wantAll([
      thing('d', {}, behind('Thing/c', 'Net/a')),
      thing('c', {}, behind('Thing/b')),
      thing('b', {}, behind('Net/a')),
      net('a'),
      thing('e', {}, behind('Net/a')),
    ])
    expect(order({ wanted })).toEqual([
      ['create Net/a'],
      ['create Thing/b', 'create Thing/e'],
      ['create Thing/c'],
      ['create Thing/d'],
    ])
  })

  it('holds through what does not change', () => {
    const wanted = wantAll([thing('a'), thing('b', {}, behind('Thing/a')), thing('c', {}, behind('Thing/b'))])
    const [a, , c] = wanted as [Wanted, Wanted, Wanted]
    expect(order({ wanted, changes: [update(c), update(a)] })).toEqual([['update Thing/a'], ['update Thing/c']])
  })

  it('leaves no empty stage for what does not change', () => {
    const wanted = wantAll([thing('a'), thing('b', {}, behind('Thing/a'))])
    expect(order({ wanted, changes: wanted.slice(1).map((one) => update(one)) })).toEqual([['update Thing/b']])
  })

  it('asks nothing of what is not in this plan', () => {
    expect(order({ wanted: [want(thing('a', {}, behind('Thing/of-another-app')))] })).toEqual([['create Thing/a']])
  })

  it('is the same in whatever order documents and changes are read', () => {
    const wanted = wantAll([thing('a'), thing('b', {}, behind('Thing/a')), net('n'), thing('c', {}, behind('Net/n'))])
    const prunes = [thing('x'), net('y'), thing('z')]
    const one = order({ wanted, prunes })
    expect(order({ wanted: wanted.toReversed(), prunes: prunes.toReversed() })).toEqual(one)
  })
})

describe('a port that one gives up and another takes', () => {
  /** An update from what the record has to what is wanted now. */
  const change = (from: Written, to: Written): Change => ({ ...update(want(to)), from: recordedOf(want(from)) })
  const on = (name: string, port: string | undefined, extra = {}) =>
    thing(name, port === undefined ? {} : { port }, extra)
  const handOver = (giver: Written, taker: Written) =>
    order({
      wanted: wantAll([giver, taker]),
      changes: [change(on(giver.name, '80'), giver), change(on(taker.name, undefined), taker)],
    })

  it('changes hands in two stages: it is free before it is taken', () => {
    expect(handOver(on('z', '81'), on('a', '80'))).toEqual([['update Thing/z'], ['update Thing/a']])
  })

  it('waits for the giver also where that one keeps other ports', () => {
    expect(handOver(on('z', undefined), on('a', '80'))).toEqual([['update Thing/z'], ['update Thing/a']])
  })

  it('orders nothing where it is kept', () => {
    expect(handOver(on('z', '80'), on('a', '81'))).toEqual([['update Thing/a', 'update Thing/z']])
  })

  it('counts less than the order that the documents ask for', () => {
    expect(handOver(on('z', '81', behind('Thing/a')), on('a', '80'))).toEqual([['update Thing/a'], ['update Thing/z']])
  })

  it('counts less than an order through a third', () => {
    const [z, m, a] = [on('z', '81', behind('Thing/m')), thing('m', {}, behind('Thing/a')), on('a', '80')]
    const changes = [change(on('z', '80'), z), change(on('a', undefined), a)]
    expect(order({ wanted: wantAll([z, m, a]), changes })).toEqual([['update Thing/a'], ['update Thing/z']])
  })

  it('is a plan also where two swap theirs: both are in it, once', () => {
    const [a, b] = [on('a', '81'), on('b', '80')]
    const changes = [change(on('a', '80'), a), change(on('b', '81'), b)]
    expect(
      order({ wanted: wantAll([a, b]), changes })
        .flat()
        .sort(),
    ).toEqual(['update Thing/a', 'update Thing/b'])
  })
})

describe('prunes', () => {
  it('come last, users before what they use', () => {
    expect(order({ wanted: [want(thing('new'))], prunes: [net('n1'), thing('b'), thing('a'), net('n2')] })).toEqual([
      ['create Thing/new'],
      ['prune Thing/a', 'prune Thing/b'],
      ['prune Net/n1', 'prune Net/n2'],
    ])
  })
})

describe('checks', () => {
  const gatesOf = (given: Parameters<typeof stages>[0]) =>
    stages(given).map(({ gates }) => gates.map(({ name }) => name))
  const checked = (name: string, extra = {}) => thing(name, {}, { ...extra, keeper: { checks: [check(`of ${name}`)] } })

  it('of a resource end its own stage', () => {
    const wanted = wantAll([checked('a'), checked('b', behind('Thing/a')), thing('c', {}, behind('Thing/b'))])
    expect(gatesOf({ wanted })).toEqual([['of a'], ['of b'], []])
  })

  it('of the app come after its last change, and before anything is pruned', () => {
    const wanted = wantAll([checked('a'), checked('b', behind('Thing/a'))])
    expect(gatesOf({ wanted, prunes: [thing('old')], gates: [check('smoke')] })).toEqual([
      ['of a'],
      ['of b', 'smoke'],
      [],
    ])
  })

  it('of the app are asked where something is pruned, and nothing else changes', () => {
    expect(gatesOf({ wanted: [], prunes: [thing('old'), net('front')], gates: [check('smoke')] })).toEqual([
      [],
      ['smoke'],
    ])
  })

  it('are not asked for what does not change', () => {
    const wanted = wantAll([checked('a'), thing('b')])
    expect(gatesOf({ wanted, changes: wanted.slice(1).map((one) => update(one)) })).toEqual([[]])
    expect(gatesOf({ wanted, changes: [], gates: [check('smoke')] })).toEqual([])
  })
})
