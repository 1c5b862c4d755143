import { describe, expect, it } from 'vitest'
import { ReconcileError } from '../../src/model/error.ts'
import type { Wanted } from '../../src/model/resource.ts'
import { create, move, prune, recordedOf, replace, update } from '../support/changes.ts'
import { thing, type Written } from '../support/fleet.ts'
import { wantedIn } from '../support/plan-input.ts'
import { createBench } from './run-bench.ts'

const want = (written: Written, app = 'web'): Wanted => wantedIn(app, written)
const [a, b, c] = [want(thing('a')), want(thing('b')), want(thing('c'))]

describe('rule 14: intent before effect', () => {
  it('record and journal know of a create before it is written, and that it is done after it', async () => {
    const bench = createBench()
    const at: Record<string, readonly string[]> = {}
    bench.world.beforeWrite = () => {
      at.before = [...bench.recorded(), ...bench.open()]
    }
    bench.world.afterWrite = () => {
      at.written = [...bench.recorded(), ...bench.open()]
    }
    await bench.run([create(a)])
    expect(at.before).toEqual(['intended prod/Thing/a', 'started create prod/Thing/a'])
    expect(at.written).toEqual(at.before)
    expect([...bench.recorded(), ...bench.open()]).toEqual(['owned prod/Thing/a'])
  })

  it('all of a stage are in the journal before its first write, and nothing of the next stage', async () => {
    const bench = createBench()
    const seen: (readonly string[])[] = []
    bench.world.beforeWrite = () => seen.push(bench.open())
    await bench.run([create(a), create(b)], [create(c)])
    expect(seen).toEqual([
      ['started create prod/Thing/a', 'not-run create prod/Thing/b'],
      ['started create prod/Thing/b'],
      ['started create prod/Thing/c'],
    ])
  })

  it('an update leaves the record as it was until it is applied', async () => {
    const bench = createBench()
    await bench.given(a)
    const second = want(thing('a', { value: 2 }))
    const before: unknown[] = []
    bench.world.beforeWrite = () => before.push(...bench.store.record())
    await bench.run([update(second)])
    expect(before).toEqual([recordedOf(a)])
    expect(bench.store.record()).toEqual([recordedOf(second)])
  })

  it('an update that fails leaves it so', async () => {
    const bench = createBench()
    await bench.given(a)
    bench.world.beforeWrite = () => {
      throw new ReconcileError('TargetRefused', { message: 'no' })
    }
    await bench.run([update(want(thing('a', { value: 2 })))])
    expect(bench.store.record()).toEqual([recordedOf(a)])
    expect(bench.open()).toEqual([])
  })

  it('a create that fails stays intended: it may be there all the same', async () => {
    const bench = createBench()
    bench.world.beforeWrite = () => {
      throw new ReconcileError('TargetRefused', { message: 'no' })
    }
    await bench.run([create(a)])
    expect(bench.recorded()).toEqual(['intended prod/Thing/a'])
  })

  it('a move is in the record when it is done: of the other app', async () => {
    const bench = createBench()
    await bench.given(a)
    await bench.run([move(want(thing('a'), 'shop'), 'web')])
    expect(bench.store.record().map(({ app }) => app)).toEqual(['shop'])
  })

  it('a replace takes what it frees out of the record', async () => {
    const bench = createBench()
    await bench.given(a, b)
    await bench.run([replace(want(thing('a', { value: 2 })), b.id)])
    expect(bench.recorded()).toEqual(['owned prod/Thing/a'])
  })

  it('a prune is recorded until it is done', async () => {
    const bench = createBench()
    await bench.given(a)
    const before: string[] = []
    bench.world.beforeWrite = () => before.push(...bench.recorded())
    await bench.run([prune(a)])
    expect(before).toEqual(['owned prod/Thing/a'])
    expect(bench.recorded()).toEqual([])
  })

  it('what has an unknown outcome stays open in the journal', async () => {
    const bench = createBench()
    bench.world.afterWrite = () => {
      throw new ReconcileError('TargetUnreachable', { message: 'the answer was lost' })
    }
    const { failure } = await bench.run([create(a)])
    expect(bench.open()).toEqual(['unknown create prod/Thing/a'])
    expect(bench.recorded()).toEqual(['intended prod/Thing/a'])
    expect(failure).toMatchObject({ reason: 'TargetUnreachable', unknown: true })
  })

  it('who asks hears of a change when it begins, before its write', async () => {
    const bench = createBench()
    const heard: string[] = []
    bench.world.beforeWrite = (what) => heard.push(what)
    bench.context = { ...bench.context, began: ({ id }) => heard.push(`began ${id}`) }
    await bench.run([create(a), create(b)])
    expect(heard).toEqual(['began prod/Thing/a', 'create prod/Thing/a', 'began prod/Thing/b', 'create prod/Thing/b'])
  })
})
