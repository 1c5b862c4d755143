import type { Position, Problem } from '../../model/problem.ts'
import type { Document } from '../document.ts'

/** Collects what is wrong. An error breaks the app that it is in, and no other. */
export interface Findings {
  error(document: Document, pointer: string, message: string): void
  warn(document: Document, pointer: string, message: string): void
  /** An error of another app than the one in which it was written. */
  errorFor(app: string, position: Position, message: string): void
  /** Found elsewhere, with its own position. */
  report(problem: Problem): void
  /** In the order of path, line, column. */
  all(): readonly Problem[]
}

export function createFindings(known: readonly Problem[]): Findings {
  const problems: Problem[] = [...known]
  const add = (severity: Problem['severity'], document: Document, pointer: string, message: string) => {
    const app = document.app === undefined ? {} : { app: document.app }
    problems.push({ severity, position: document.position(pointer), pointer, message, ...app })
  }
  return {
    error: (document, pointer, message) => add('error', document, pointer, message),
    warn: (document, pointer, message) => add('warning', document, pointer, message),
    errorFor: (app, position, message) => problems.push({ severity: 'error', position, pointer: '', message, app }),
    report: (problem) => problems.push(problem),
    all: () => once([...problems].sort(byPosition)).map(bounded),
  }
}

/** Somebody may have written a megabyte where a word was meant, and what is wrong with it is told with it. */
const LONGEST = 2_000

const bounded = (problem: Problem): Problem =>
  problem.message.length <= LONGEST ? problem : { ...problem, message: `${problem.message.slice(0, LONGEST)}…` }

/** Resources that one document expands into share what is wrong with it. */
const once = (sorted: readonly Problem[]): readonly Problem[] =>
  sorted.filter((problem, index) => {
    const before = sorted[index - 1]
    return (
      !before || byPosition(before, problem) !== 0 || before.app !== problem.app || before.severity !== problem.severity
    )
  })

function comparePositions(a: Position, b: Position): number {
  return compareText(a.path, b.path) || a.line - b.line || a.column - b.column
}

export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export const byOrigin = (a: Document, b: Document): number => comparePositions(placeOf(a), placeOf(b))

/** Sorting asks again and again. */
const PLACES = new WeakMap<Document, Position>()

function placeOf(document: Document): Position {
  const place = PLACES.get(document) ?? document.position('')
  PLACES.set(document, place)
  return place
}

const byPosition = (a: Problem, b: Problem): number =>
  comparePositions(a.position, b.position) || compareText(a.pointer, b.pointer) || compareText(a.message, b.message)

export const whereIs = ({ path, line, column }: Position): string => `${path}:${line}:${column}`
