/** How words look. Rendered text is the same with every paint but for the colours. */
export interface Paint {
  strong(text: string): string
  quiet(text: string): string
  good(text: string): string
  bad(text: string): string
  careful(text: string): string
  accent(text: string): string
}

const same = (text: string): string => text

/** For pipes, files and tests. */
export const plainPaint: Paint = { strong: same, quiet: same, good: same, bad: same, careful: same, accent: same }

const colour =
  (open: number, close: number) =>
  (text: string): string =>
    text === '' ? '' : `\u001b[${open}m${text}\u001b[${close}m`

/** For terminals: the sixteen colours that every scheme defines. */
export const terminalPaint: Paint = {
  strong: colour(1, 22),
  quiet: colour(2, 22),
  good: colour(32, 39),
  bad: colour(31, 39),
  careful: colour(33, 39),
  accent: colour(36, 39),
}
