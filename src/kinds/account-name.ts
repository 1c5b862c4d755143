import { NormalizeProblem } from '../model/kind.ts'

/** @throws NormalizeProblem */
export function notRoot(name: string, what: 'user' | 'group'): string {
  if (name !== 'root') return name
  throw new NormalizeProblem('/name', `the ${what} root is the host's own, and is not declared`)
}
