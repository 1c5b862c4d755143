// @ts-check
// Bare repositories that tests write commits into by a map of files: no work tree, one `git fast-import` per commit.
import { mkdirSync } from 'node:fs'
import { run } from './processes.mjs'

/**
 * A file's new content; null takes it away. `{link}` is a symbolic link, `{submodule}` a commit of another repository.
 * @typedef {string | Uint8Array | null | {link: string} | {submodule: string} | {content: string | Uint8Array, executable: boolean}} FileChange
 */

/**
 * @typedef {object} CommitOptions
 * @property {string} [message]
 * @property {string} [branch] default main
 * @property {boolean} [orphan] starts anew, without the branch's history: a forced push
 * @property {string} [parent] a revision to start from instead of the branch's tip (moves the branch, also backwards)
 * @property {readonly string[]} [merge] further parents
 * @property {boolean} [replaceAll] the map is the whole tree
 * @property {string} [author] `Name <mail>`
 * @property {number} [at] seconds since 1970; default now
 */

/**
 * @typedef {object} GitRepository
 * @property {string} name
 * @property {string} url over the lab's git server, without credentials
 * @property {string} dir of the bare repository
 * @property {(files: Readonly<Record<string, FileChange>>, options?: CommitOptions) => Promise<string>} commit the new revision
 * @property {(revision?: string) => Promise<string>} resolve a name to a commit
 * @property {(...words: string[]) => Promise<string>} git any git command in the repository
 */

/**
 * @param {{name: string, dir: string, url: string}} options
 * @returns {Promise<GitRepository>}
 */
export async function createRepository({ name, dir, url }) {
  mkdirSync(dir, { recursive: true })
  const git = (/** @type {string[]} */ ...words) => run(['git', '-C', dir, ...words], { env: gitEnvironment(dir) })
  await git('init', '--quiet', '--bare', '--initial-branch=main', '.')
  await git('config', 'http.receivepack', 'true')
  await git('config', 'uploadpack.allowAnySHA1InWant', 'true')
  await git('config', 'uploadpack.allowFilter', 'true')
  const resolve = async (revision = 'main') => (await git('rev-parse', '--verify', `${revision}^{commit}`)).trim()
  return {
    name,
    url,
    dir,
    git,
    resolve,
    commit: async (files, options = {}) => {
      const branch = options.branch ?? 'main'
      const tip = await resolve(`refs/heads/${branch}`).catch(() => undefined)
      const words = ['git', '-C', dir, 'fast-import', '--quiet', '--force', '--date-format=raw']
      await run(words, { input: importStream(files, { ...options, branch, tip }), env: gitEnvironment(dir) })
      return resolve(`refs/heads/${branch}`)
    },
  }
}

/**
 * @param {Readonly<Record<string, FileChange>>} files
 * @param {CommitOptions & {branch: string, tip: string | undefined}} options
 * @returns {Buffer}
 */
function importStream(
  files,
  {
    branch,
    tip,
    message = 'Change',
    orphan = false,
    parent,
    merge = [],
    replaceAll = false,
    author = 'Lab <lab@example.test>',
    at = Math.floor(Date.now() / 1000),
  },
) {
  const from = parent ?? (orphan ? undefined : tip)
  const head = [
    ...(from === undefined ? [`reset refs/heads/${branch}\n`] : []),
    `commit refs/heads/${branch}\ncommitter ${author} ${at} +0000\n`,
  ]
  return Buffer.concat([
    Buffer.from(head.join('')),
    counted(Buffer.from(message)),
    Buffer.from(from === undefined ? '' : `from ${from}\n`),
    Buffer.from(merge.map((one) => `merge ${one}\n`).join('')),
    Buffer.from(replaceAll ? 'deleteall\n' : ''),
    ...Object.entries(files).flatMap(([path, change]) => fileCommand(path, change)),
    Buffer.from('\n'),
  ])
}

/**
 * @param {string} path
 * @param {FileChange} change
 * @returns {Buffer[]}
 */
function fileCommand(path, change) {
  const name = JSON.stringify(path)
  if (change === null) return [Buffer.from(`D ${name}\n`)]
  if (typeof change === 'string' || change instanceof Uint8Array) return inline('100644', name, Buffer.from(change))
  if ('link' in change) return inline('120000', name, Buffer.from(change.link))
  if ('submodule' in change) return [Buffer.from(`M 160000 ${change.submodule} ${name}\n`)]
  return inline(change.executable ? '100755' : '100644', name, Buffer.from(change.content))
}

/**
 * @param {string} mode
 * @param {string} name
 * @param {Buffer} content
 */
function inline(mode, name, content) {
  return [Buffer.from(`M ${mode} inline ${name}\n`), counted(content)]
}

/** @param {Buffer} bytes */
function counted(bytes) {
  return Buffer.concat([Buffer.from(`data ${bytes.length}\n`), bytes, Buffer.from('\n')])
}

/**
 * Git as on a fresh machine: no settings of the user, no prompts.
 * @param {string} home
 */
export function gitEnvironment(home) {
  return { PATH: process.env.PATH, HOME: home, GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' }
}
