import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ReconcileError } from '../model/error.ts'
import type { Source } from '../model/source.ts'
import type { RepositorySettings } from '../settings/settings.ts'

/**
 * A repository in a folder of this machine is where everybody begins: what git says of one that is not there yet (rights,
 * a remote) leads astray, and what is missing can be seen here.
 */
export function withLocalWords(source: Source, repository: Pick<RepositorySettings, 'url' | 'branch'>): Source {
  const folder = folderOf(repository.url)
  if (folder === undefined) return source
  return {
    ...source,
    resolve: async (options) => {
      try {
        return await source.resolve(options)
      } catch (error) {
        const missing = error instanceof ReconcileError ? whatIsMissing(folder, repository.branch) : undefined
        if (!(error instanceof ReconcileError) || missing === undefined) throw error
        throw new ReconcileError(error.reason, { ...missing, retryable: error.retryable, cause: error })
      }
    },
  }
}

function folderOf(url: string): string | undefined {
  try {
    return url.startsWith('file://') ? fileURLToPath(url) : undefined
  } catch {
    return undefined // a host in it, say: git may know better
  }
}

function whatIsMissing(
  folder: string,
  branch: string,
): { readonly message: string; readonly todo: string } | undefined {
  if (!existsSync(folder)) {
    return { message: `there is no folder ${folder}`, todo: 'correct `repository.url` in the settings' }
  }
  const git = [join(folder, '.git'), folder].find((path) => existsSync(join(path, 'HEAD')))
  const begin = `in ${folder}: git init -b ${branch} && git add -A && git commit -m "A fleet"`
  if (existsSync(join(folder, '.git')) && git === undefined) return undefined // a worktree: git knows where it is
  if (git === undefined) return { message: `${folder} is no git repository yet`, todo: begin }
  if (existsSync(join(git, 'packed-refs')) || existsSync(join(git, 'refs', 'heads', ...branch.split('/')))) {
    return undefined
  }
  return {
    message: `${folder} has no commit on the branch '${branch}'`,
    todo: `commit to it (git add -A && git commit), or name another branch in the settings`,
  }
}
