/** Until src/promql has it. */
export const canonicalExpr = (text: string): string => text.replace(/\s+/g, ' ').trim()
