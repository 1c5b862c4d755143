/** What `npm test` tries of what `npm run test:full` tries completely. */
export const FULL = process.env.SWARMKEEPER_TEST_FULL === '1'

/** Another one each time, unless it is given: a failure names it. */
export const SEED = Number(process.env.SWARMKEEPER_TEST_SEED ?? Date.now() % 1_000_000)

/** Some of the items, the same for the same seed (mulberry32). */
export function sample<T>(items: readonly T[], count: number, seed = SEED): readonly T[] {
  if (FULL) return items
  const random = randomOf(seed)
  const left = [...items]
  const chosen: T[] = []
  while (chosen.length < count && left.length > 0) {
    const [one] = left.splice(Math.floor(random() * left.length), 1)
    if (one !== undefined) chosen.push(one)
  }
  return chosen
}

function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
