/** In place of the test runner's own, in the copy of a scenario: notes the tests, so that they can be run one by one. */
import { expect as real } from 'vitest'

export const expect = real

export interface Collected {
  readonly name: string
  readonly body: () => unknown
}

export const collected: Collected[] = []

const names: string[] = []

export function it(name: string, body: () => unknown): void {
  collected.push({ name: [...names, name].join(' > '), body })
}

it.each =
  (cases: readonly unknown[]) =>
  (name: string, body: (...one: readonly unknown[]) => unknown): void => {
    for (const one of cases) it(name, () => body(...(Array.isArray(one) ? one : [one])))
  }

export function describe(name: string, body: () => void): void {
  names.push(name)
  body()
  names.pop()
}
