import { Sensitive } from '../model/sensitive.ts'
import type { Ran, RunOptions, Shell } from './shell.ts'

export interface Script {
  /** POSIX sh, without NUL; `Sensitive` where a secret stands in it. */
  readonly text: string | Sensitive
  /** Its `$1`, `$2` … */
  readonly args?: readonly string[]
}

/** Programs of the system, messages in English, and nothing that is made there is readable by others by mistake. */
const BEGIN = `main() {
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
export PATH LC_ALL
umask 077
`
const END = '\n}\nmain "$@"\n'

/**
 * Runs a script that travels on standard input. It stands in a function: cut off on the way it is a syntax error and does
 * nothing at all, instead of the first half.
 */
export function runScript(shell: Shell, { text, args = [] }: Script, options: Omit<RunOptions, 'stdin'>): Promise<Ran> {
  const stdin =
    text instanceof Sensitive
      ? new Sensitive(Buffer.concat([Buffer.from(BEGIN), text.reveal(), Buffer.from(END)]))
      : `${BEGIN}${text}${END}`
  return shell.run(['sh', '-c', 'eval "$(cat)"', 'sh', ...args], { ...options, stdin })
}
