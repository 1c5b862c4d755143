import { ReconcileError } from '../model/error.ts'
import { Sensitive } from '../model/sensitive.ts'
import { describe } from './describe.ts'
import type { Input, RunOptions, Shell } from './shell.ts'

export interface Upload {
  /** Absolute; its folder is there. */
  readonly path: string
  readonly content: Input
  /** As chmod takes it: `0640`. */
  readonly mode: string
}

/** A name that nobody can foresee (SEC-24). Where not all has arrived, what stood there before stays. */
const SCRIPT = `
set -eu
umask 077
temporary=$(mktemp -- "$1.XXXXXXXXXX")
trap 'rm -f -- "$temporary"' EXIT
cat >"$temporary"
[ "$(wc -c <"$temporary")" -eq "$3" ] || { echo 'not all of it arrived' >&2; exit 1; }
chmod -- "$2" "$temporary"
sync -- "$temporary"
mv -fT -- "$temporary" "$1"
`

/** Puts a file there, whole or not at all. Its content, which may be secret, travels on standard input. */
export async function upload(shell: Shell, file: Upload, options: Omit<RunOptions, 'stdin'>): Promise<void> {
  const { path, content, mode } = file
  if (!path.startsWith('/')) throw new TypeError(`not an absolute path: ${path}`)
  const size = content instanceof Sensitive ? content.reveal().length : Buffer.byteLength(content)
  const words = ['sh', '-c', SCRIPT, 'sh', path, mode, String(size)]
  const { code, stderr } = await shell.run(words, { ...options, stdin: content })
  if (code === 0) return
  throw new ReconcileError('TargetRefused', {
    message: `${describe(shell.where, [path])} cannot be written: ${stderr.toString('utf8').trim().slice(-500)}`,
  })
}
