// Log lines, names and values come from elsewhere: an escape sequence in them must not move the cursor, nor a
// right-to-left mark turn a name around.
const STEERING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** One line of text that a terminal shows as it is: what would steer it stands as `\u001b`. */
export function printable(text: string): string {
  return text.replace(STEERING, (sign) => (sign === '\t' ? sign : `\\u${hex(sign)}`))
}

/** What was said in several lines, where there is room for one. */
export const oneLine = (text: string): string =>
  printable(
    text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .join('; '),
  )

const hex = (sign: string): string => (sign.codePointAt(0) ?? 0).toString(16).padStart(4, '0')

export function shorten(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`
}

/** Twelve digits tell two digests apart; all of them are in the JSON form. */
export const shortDigests = (text: string): string => text.replace(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g, '$1…')

export const shortRevision = (revision: string): string =>
  /^[0-9a-f]{40}$/.test(revision) ? revision.slice(0, 12) : revision

/** What could not be read may declare something else: nobody knows whether that is as desired. */
export const revisionWords = ({ revision, stale }: { readonly revision: string; readonly stale: boolean }): string =>
  `${stale ? 'last known ' : ''}revision ${shortRevision(revision)}`

export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`

/** Lines padded to columns; the last column is not. Widths count before any colour. */
export function columns(rows: readonly (readonly string[])[], gap = '  '): readonly string[] {
  const widths: number[] = []
  for (const row of rows) {
    row.forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, cell.length)
    })
  }
  return rows.map((row) =>
    row
      .map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index] ?? 0)))
      .join(gap)
      .trimEnd(),
  )
}
