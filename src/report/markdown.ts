import { printable } from './printable.ts'

/** In code every sign is itself: only what would steer the eye, or pass for our marker, is not. */
const unmarked = (line: string): string => printable(line).replaceAll('<!--', '<!\u200b--')

/** A fence longer than any in the text: nothing that is written in a repository can leave it, nor pass for our marker. */
export function fenced(lines: readonly string[], language: string): readonly string[] {
  const longest = Math.max(2, ...lines.flatMap((line) => (line.match(/`+/g) ?? []).map((ticks) => ticks.length)))
  const fence = '`'.repeat(longest + 1)
  return [`${fence}${language}`, ...lines.map(unmarked), fence]
}

/**
 * Text of others in a table or heading: no markup, no mentions, no links. Only the signs that GitHub reads as markup there
 * are written as numbers, so that the rest reads well in the plain text of a mail, too.
 */
export const cell = (text: string): string =>
  printable(text)
    .replace(/[\\`*[\]|<>~&$]|#(?=\d)|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, (sign) => `&#${sign.charCodeAt(0)};`)
    .replaceAll('@', '@\u200b')
    .replaceAll('://', ':&#47;/')
    .replace(/www\./gi, (sign) => `${sign.slice(0, 3)}&#46;`)

/** The same, at most so long when it is written: no sign that takes five is cut apart. */
export function shortCell(text: string, longest: number): string {
  const whole = cell(text)
  if (whole.length <= longest) return whole
  const points = [...text].slice(0, longest)
  for (let count = points.length; count > 0; count = Math.floor(count * 0.8)) {
    const part = `${cell(points.slice(0, count).join(''))}…`
    if (part.length <= longest) return part
  }
  return '…'
}

/** `summary` is markdown already. */
export const folded = (summary: string, lines: readonly string[]): readonly string[] => [
  `<details><summary>${summary}</summary>`,
  '',
  ...lines,
  '',
  '</details>',
]

/** A code span, of a command that a person copies: no sign of it ends the span. */
export const code = (text: string): string => {
  const line = unmarked(text)
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((ticks) => ticks.length))
  const ticks = '`'.repeat(longest + 1)
  return longest === 0 ? `\`${line}\`` : `${ticks} ${line} ${ticks}`
}
