import { createHash } from 'node:crypto'

/** GitHub refuses longer ones (422). */
const LONGEST_DESCRIPTION = 140
const LONGEST_CONTEXT = 255

/** One line of at most 140 characters, as GitHub counts them: by code points. */
export function fitDescription(text: string): string {
  return cut(text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim(), LONGEST_DESCRIPTION)
}

/** At most 255; two that begin alike stay two. */
export function fitContext(context: string): string {
  if ([...context].length <= LONGEST_CONTEXT) return context
  const mark = createHash('sha256').update(context).digest('hex').slice(0, 8)
  return `${[...context].slice(0, LONGEST_CONTEXT - mark.length - 1).join('')}-${mark}`
}

function cut(text: string, longest: number): string {
  const points = [...text]
  return points.length <= longest
    ? text
    : `${points
        .slice(0, longest - 1)
        .join('')
        .trimEnd()}…`
}
