/**
 * Without such signs at its end. Not by a pattern like `x+$`: that tries anew at every `x` of a long row in the middle,
 * so that a megabyte of them takes minutes (SEC-21).
 */
export function stripEnd(text: string, isOne: (sign: string) => boolean): string {
  let end = text.length
  while (end > 0 && isOne(text[end - 1] ?? '')) end--
  return text.slice(0, end)
}

/** Without such signs at its beginning and its end. */
export function strip(text: string, isOne: (sign: string) => boolean): string {
  let start = 0
  while (start < text.length && isOne(text[start] ?? '')) start++
  return stripEnd(text.slice(start), isOne)
}
