/** Undefined where it is not text that can be shown. */
export function textOf(base64: string): string | undefined {
  const text = Buffer.from(base64, 'base64').toString('utf8')
  return text.includes('\uFFFD') || text.includes('\0') ? undefined : text
}

/** A JSON object; undefined where there is none: nothing can be merged into it. An empty file is an empty object. */
export function jsonOf(base64: string | undefined): { readonly value: object } | undefined {
  const text = base64 === undefined ? undefined : textOf(base64)
  if (text === undefined) return undefined
  if (text.trim() === '') return { value: {} }
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { value } : undefined
  } catch {
    return undefined // no JSON: the caller says so
  }
}
