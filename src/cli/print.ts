import { type Paint, plainPaint, terminalPaint } from '../report/paint.ts'
import type { CliContext, Output } from './context.ts'

export type Format = 'text' | 'json' | 'markdown' | 'github' | 'sarif'

export interface GlobalOptions {
  readonly config?: string
  /** URL of a daemon, in place of that of the settings. */
  readonly remote?: string
  /** On this machine, though the settings name a daemon. */
  readonly local?: boolean
  /** `--no-color` makes it false. */
  readonly color: boolean
}

export const paintFor = (output: Output, { color }: GlobalOptions): Paint =>
  output.colours && color ? terminalPaint : plainPaint

export function printLines({ out }: CliContext, lines: readonly string[]): void {
  if (lines.length > 0) out.write(`${lines.join('\n')}\n`)
}

/** Indented, in the order in which it was made, so that two runs differ where something differs. */
export function printJson({ out }: CliContext, value: unknown): void {
  out.write(`${JSON.stringify(value, null, 2)}\n`)
}
