import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Law } from './laws/law.ts'
import type { Collected } from './mutations/collected.ts'
import { type Copy, copyProgram } from './mutations/mutant.ts'
import { type Broken, MUTATIONS } from './mutations/table.ts'

/** The same cases each time: whether a mutation is caught is no matter of luck. */
const SEED = 2

/** A law that does not hold, or an assertion: anything else is a fault of the mutation itself. */
const NOTICED = /Property failed|expected|given combination/

/** What judges: it rejects where it notices something. */
async function judgeOf(copy: Copy, caughtBy: Broken['caughtBy']): Promise<() => Promise<void>> {
  if ('law' in caughtBy) {
    const law = (await copy.load(caughtBy.law))[caughtBy.name] as Law
    return () => law({ runs: 1_000, shrink: false, seed: SEED })
  }
  await copy.load(caughtBy.scenario)
  const { collected } = (await copy.load('test/property/mutations/collected.ts')) as unknown as {
    readonly collected: readonly Collected[]
  }
  const test = collected.find(({ name }) => name.includes(caughtBy.test))
  if (!test) throw new Error(`${caughtBy.scenario} has no test '${caughtBy.test}'`)
  return async () => {
    await test.body()
  }
}

describe('a program with a broken rule is caught', () => {
  it.each(MUTATIONS.map((mutation) => [mutation.rule, mutation] as const))('rule %s', async (_rule, mutation) => {
    const copy = copyProgram()
    try {
      copy.mutate(mutation)
      const judge = await judgeOf(copy, mutation.caughtBy)
      await expect(judge()).rejects.toThrow(NOTICED)
    } finally {
      copy.dispose()
    }
  })
})

describe('the same scenarios pass in a copy that nobody broke', () => {
  let copy: Copy
  beforeAll(() => {
    copy = copyProgram()
  })
  afterAll(() => copy.dispose())
  const scenarios = MUTATIONS.map(({ caughtBy }) => caughtBy).filter((caughtBy) => 'scenario' in caughtBy)
  it.each(scenarios.map((caughtBy) => [caughtBy.test, caughtBy] as const))('%s', async (_test, caughtBy) => {
    const judge = await judgeOf(copy, caughtBy)
    await judge()
  })
})
