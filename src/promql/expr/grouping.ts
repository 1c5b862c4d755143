import type { Cursor } from './cursor.ts'
import { NotPromql } from './flaw.ts'

/** Keywords that are no label names between the parentheses of `by`, `on` and their like (`maybe_label` in the grammar). */
const NO_LABELS: ReadonlySet<string> = new Set(['without'])

/** `(a, b)` behind `by`, `without`, `on`, `ignoring`, `group_left`, `group_right`. */
export function groupingLabels(cursor: Cursor): readonly string[] {
  cursor.need('(', 'before label names')
  const labels: string[] = []
  while (!cursor.is(')')) {
    labels.push(groupingLabel(cursor))
    if (!cursor.take(',')) break
  }
  cursor.need(')', 'behind label names')
  return labels
}

function groupingLabel(cursor: Cursor): string {
  const token = cursor.peek()
  const isName = token?.type === 'identifier' || (token?.type === 'keyword' && !NO_LABELS.has(token.text))
  if (!token || !isName) return cursor.refuse('a label name is expected')
  cursor.next()
  if (token.text.includes(':')) throw new NotPromql(token.from, `'${token.text}' is no label name`)
  return token.written
}
