import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { withLocalWords } from '../../src/engine/local-repository.ts'
import { ReconcileError } from '../../src/model/error.ts'
import type { Source } from '../../src/model/source.ts'
import { createFleet } from '../support/fleet.ts'

const said = "fatal: '/x' does not appear to be a git repository; Please make sure you have the correct access rights"
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'swarmkeeper-local-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function refusalOf(url: string): Promise<{ readonly message: string; readonly todo: string }> {
  const resolve: Source['resolve'] = async () => {
    throw new ReconcileError('SourceUnreachable', { message: said, todo: 'check the network', retryable: true })
  }
  const source = withLocalWords({ ...createFleet().collaborators().source, resolve }, { url, branch: 'main' })
  const error = await source.resolve({ signal: new AbortController().signal }).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ reason: 'SourceUnreachable', retryable: true })
  return error as ReconcileError
}

it('a folder that is not there is a mistake in the settings', async () => {
  const url = pathToFileURL(join(folder, 'no')).href
  expect(await refusalOf(url)).toMatchObject({
    message: `there is no folder ${folder}/no`,
    todo: 'correct `repository.url` in the settings',
  })
})

it('a folder that is no repository yet is told how it becomes one, and nothing of rights or remotes', async () => {
  expect(await refusalOf(pathToFileURL(folder).href)).toMatchObject({
    message: `${folder} is no git repository yet`,
    todo: `in ${folder}: git init -b main && git add -A && git commit -m "A fleet"`,
  })
})

it('one without a commit is told to commit', async () => {
  mkdirSync(join(folder, '.git', 'refs', 'heads'), { recursive: true })
  writeFileSync(join(folder, '.git', 'HEAD'), 'ref: refs/heads/main\n')
  expect(await refusalOf(pathToFileURL(folder).href)).toMatchObject({
    message: `${folder} has no commit on the branch 'main'`,
    todo: 'commit to it (git add -A && git commit), or name another branch in the settings',
  })
})

it.each(['https://git.example/x.git', 'ssh://git@git.example/x.git'])('of %s git knows better', async (url) => {
  expect(await refusalOf(url)).toMatchObject({ message: said, todo: 'check the network' })
})
