import { ReconcileError } from '../model/error.ts'
import type { Ran } from './shell.ts'

/** How commands get to be root: not at all, or by `sudo -n`, which never asks. */
export type Become = 'none' | 'sudo'

/** What a command may run longer there than we wait for it. */
const MARGIN_S = 5

/** The words that are really sent. timeout(1) stands inside of sudo: as the user it could not end what runs as root. */
export function wrapWords(words: readonly string[], how: { readonly sudo: boolean; readonly timeoutMs: number }) {
  const seconds = String(Math.ceil(how.timeoutMs / 1000) + MARGIN_S)
  return [...sudoWords(how.sudo), 'timeout', '-k', String(MARGIN_S), seconds, ...words]
}

export function sudoWords(sudo: boolean): readonly string[] {
  return sudo ? ['sudo', '-n', '--'] : []
}

/**
 * Whether this looks as if sudo had not even started the command. Its messages are translated and its exit code is
 * shared with the command, so this only says that it is worth asking `sudo -n true`.
 */
export function mayBeSudo({ code, stderr }: Ran): boolean {
  return code === 127 || (code === 1 && stderr.subarray(0, 6).toString('latin1') === 'sudo: ')
}

export function rootRefused(where: string, { stderr }: Ran): ReconcileError {
  return new ReconcileError('RootRefused', {
    message: `${where}: \`sudo -n\` does not work: ${stderr.toString('utf8').trim().slice(0, 300)}`,
    retryable: true, // mended there, without a commit
  })
}
