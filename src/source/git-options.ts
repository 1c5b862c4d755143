import type { Clock } from '../model/clock.ts'
import { ReconcileError } from '../model/error.ts'
import type { GitAuth } from './credential.ts'
import { refNameRefusal } from './ref-name.ts'
import { pathRefusal } from './tree-path.ts'

export interface SourceLimits {
  /** Bytes of one file. */
  readonly blobBytes: number
  readonly files: number
  /** Bytes of all paths together. */
  readonly pathBytes: number
  /** Bytes of one answer of an HTTP server: the pack of a whole clone. */
  readonly answerBytes: number
}

export interface SourceTimeouts {
  readonly listMs: number
  readonly fetchMs: number
  /** One reading of the local clone; of blobs, the silence between two. */
  readonly localMs: number
}

interface SshKey {
  /** Absolute path of the private key. */
  readonly file: string
  /** Absolute path of a known_hosts file: no other host key is trusted. */
  readonly knownHosts: string
}

export interface GitSourceOptions {
  /** `https://`, `http://`, `ssh://`, `git@host:path` or `file://`; never with a credential in it. */
  readonly url: string
  readonly branch: string
  /** Folder of the repository that is read; default its root. Paths of the snapshot are relative to it. */
  readonly path?: string
  /** Where the bare clone is kept; ours alone, made where missing, survives restarts. */
  readonly directory: string
  readonly auth?: GitAuth
  readonly sshKey?: SshKey
  /** PEM of the certificate authority that signed the server's certificate, instead of the public ones. */
  readonly caFile?: string
  readonly limits?: Partial<SourceLimits>
  readonly timeouts?: Partial<SourceTimeouts>
  /** `auto`: the git program where it is installed; `never`: isomorphic-git alone, so HTTP(S) alone. */
  readonly gitBinary?: 'auto' | 'never'
  /** PATH in which git and ssh are looked for. */
  readonly searchPath?: string
  readonly clock?: Clock
}

export const DEFAULT_LIMITS: SourceLimits = {
  blobBytes: 1024 * 1024,
  files: 100_000,
  pathBytes: 32 * 1024 * 1024,
  answerBytes: 512 * 1024 * 1024,
}

export const DEFAULT_TIMEOUTS: SourceTimeouts = { listMs: 15_000, fetchMs: 300_000, localMs: 60_000 }

export const DEFAULT_SEARCH_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

export function checkOptions(options: GitSourceOptions): void {
  const branch = refNameRefusal(options.branch)
  if (branch !== undefined) throw invalid(`the branch '${options.branch}' ${branch}`)
  const path = options.path === undefined || options.path === '' ? undefined : pathRefusal(options.path)
  if (path !== undefined) throw invalid(`the path '${options.path}' in the repository is refused: ${path}`)
  // These are values of ssh's options, in which blanks separate, quotes quote and % starts a token.
  for (const file of options.sshKey ? [options.sshKey.file, options.sshKey.knownHosts] : []) {
    if (!/^\/[^\s"'%$\\]*$/.test(file)) throw invalid(`'${file}' is no plain absolute path`)
  }
}

export function invalid(message: string, todo?: string): ReconcileError {
  return new ReconcileError('InvalidSettings', { message, ...(todo === undefined ? {} : { todo }) })
}
