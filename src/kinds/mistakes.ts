import { type NormalizeContext, NormalizeProblem } from '../model/kind.ts'

type Notes = Pick<NormalizeContext, 'mistake'>

/** A mistake that nothing else depends on. @throws the problem, where nobody takes notes */
export function note(context: Notes, problem: NormalizeProblem): void {
  if (!context.mistake) throw problem
  context.mistake(problem)
}

/** The value, or this one in its place: a mistake in it is noted, and what stands beside it is read, too. */
export function attempt<T>(context: Notes, instead: T, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof NormalizeProblem)) throw error
    note(context, error)
    return instead
  }
}
