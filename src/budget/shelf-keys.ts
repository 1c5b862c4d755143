/** Rows of a budget on its shelf: what is known of each of its sources, and what was decided. */
export const sourceRow = (budget: string, source: string): string => JSON.stringify(['source', budget, source])
export const decidedRow = (budget: string): string => JSON.stringify(['decided', budget])
export const reportedRow = (budget: string): string => JSON.stringify(['reported', budget])

/** What a row is of. */
export function rowOf(key: string): { readonly type: string; readonly budget: string; readonly source?: string } {
  const [type = '', budget = '', source] = JSON.parse(key) as readonly string[]
  return { type, budget, ...(source === undefined ? {} : { source }) }
}
