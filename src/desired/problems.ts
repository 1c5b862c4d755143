import type { Problem } from '../model/problem.ts'

/** Problems as they are found: each once, however many documents lead to it. */
export interface ProblemList {
  add(problem: Problem): void
  /** By file, line and column; errors and warnings together. */
  sorted(): readonly Problem[]
}

export function createProblemList(): ProblemList {
  const byText = new Map<string, Problem>()
  return {
    add(problem) {
      const { path, line, column } = problem.position
      byText.set([path, line, column, problem.pointer, problem.message, problem.app ?? ''].join('\0'), problem)
    },
    sorted: () => [...byText.values()].sort(byPosition),
  }
}

function byPosition(a: Problem, b: Problem): number {
  if (a.position.path !== b.position.path) return a.position.path < b.position.path ? -1 : 1
  return a.position.line - b.position.line || a.position.column - b.position.column
}
