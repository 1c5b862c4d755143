import { NotRe2 } from './not-re2.ts'

const NAMED = /^\(\?P<([A-Za-z0-9_]+)>/
const FLAGS = /^\(\?[imsU]*(?:-[imsU]+)?([:)])/

export interface Flags {
  readonly length: number
  /** It opens a group; otherwise it changes flags for the rest of the one around it. */
  readonly opens: boolean
}

/** What stands behind `(?`; undefined where it is an ordinary group. Lookaround and backreferences are what RE2 lacks. */
export function flagsAt(text: string, at: number): Flags | undefined {
  if (text[at + 1] !== '?') return undefined
  const here = text.slice(at, at + 200)
  const named = NAMED.exec(here)
  if (named) return { length: named[0].length, opens: true }
  const flags = FLAGS.exec(here)
  if (flags) return { length: flags[0].length, opens: flags[1] === ':' }
  throw new NotRe2(`'${here.slice(0, 4)}' is not known here: RE2 has no lookaround, and names are written (?P<name>…)`)
}
