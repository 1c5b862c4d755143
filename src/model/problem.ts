/** Where something stands in the repository: line and column count from 1. */
export interface Position {
  readonly path: string
  readonly line: number
  readonly column: number
}

/** One thing wrong in what people wrote; printed as `file:line:column pointer: message`. */
export interface Problem {
  readonly severity: 'error' | 'warning'
  readonly position: Position
  /** JSON pointer into the document. */
  readonly pointer: string
  readonly message: string
  /** The app that it stops; undefined where it concerns the whole fleet. */
  readonly app?: string
}

export function formatProblem(problem: Problem): string {
  const { path, line, column } = problem.position
  const pointer = problem.pointer === '' ? '' : `${problem.pointer}: `
  return `${path}:${line}:${column} ${problem.severity === 'warning' ? 'warning: ' : ''}${pointer}${problem.message}`
}
