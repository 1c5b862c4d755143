import { quoteText } from '../../shell/words.ts'
import type { ChangeScript, Lay } from './apply-script.ts'

/** A change as a place in the script. */
export interface Step extends ChangeScript {
  readonly at: number
  readonly acts: NonNullable<ChangeScript['acts']>
  readonly lays: readonly Lay[]
  readonly after: readonly number[]
}

export const stepOf = (change: ChangeScript, at: number): Step => ({
  ...change,
  at,
  acts: change.acts ?? [],
  lays: change.lays ?? [],
  after: change.after ?? [],
})

export const base64 = (content: string | Uint8Array): string => Buffer.from(content).toString('base64')

/** A variable holds no NUL, and sh no more than bytes that it can write back. Quoted; undefined: as base64. */
export function textOf(content: string | Uint8Array): string | undefined {
  const text = typeof content === 'string' ? content : Buffer.from(content).toString('utf8')
  const isText = text !== '' && !text.includes('\0') && Buffer.from(text).equals(Buffer.from(content))
  return isText ? quoteText(text) : undefined
}

/** A unit does not start with the file that could not be written for it. */
export const inTurn = (at: number, after: readonly number[], lines: readonly string[]): readonly string[] =>
  after.length === 0
    ? lines
    : [
        `if [ "${after.map((before) => `$ok${before}`).join('')}" = ${'0'.repeat(after.length)} ]; then`,
        ...lines,
        `else ok${at}=10 said='nothing was done: what it comes after failed'; told first ${at} 10; fi`,
      ]

export const part = (name: string, at: number, steps: readonly string[]): readonly string[] => [
  ...(steps.length === 0 ? ['said='] : apart(at, steps)),
  `told ${name} ${at} $ok${at}`,
]

/**
 * What it says is kept in a variable: a full disk has no room for it. The subshell stands alone: where its end is asked for
 * by `||`, `set -e` does nothing.
 */
export const apart = (at: number, steps: readonly string[]): readonly string[] => [
  'said=$( {',
  'set -eu',
  ...steps,
  '} 2>&1 >/dev/null 9>&- )',
  `ok${at}=$?`,
]
