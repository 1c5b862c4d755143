import { describe, expect, it } from 'vitest'
import type { Commit, FileChange, Repository } from './git.ts'
import { matcherOf } from './glob.ts'
import { historiesOf } from './history.ts'

/** The content of a file is its object id. */
function repositoryOf(...commits: readonly (readonly FileChange[])[]): Repository {
  return {
    commits: commits.map((changes, at): Commit => ({ id: `c${at}`, changes })),
    read: (oids) => new Map(oids.map((oid) => [oid, Buffer.from(oid)])),
  }
}

const wrote = (path: string, text: string): FileChange => ({ path, oid: text })
const removed = (path: string): FileChange => ({ path, oid: undefined })

const commitsOf = (repository: Repository): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    historiesOf(repository, matcherOf('*.yml')).map(({ path, versions }) => [
      path,
      versions.map(({ commit }) => commit),
    ]),
  )

describe('the versions of a stack file', () => {
  it('begin with what changes the file', () => {
    const repository = repositoryOf([wrote('a.yml', '1')], [wrote('other.txt', 'x')], [wrote('a.yml', '2')])
    expect(commitsOf(repository)).toEqual({ 'a.yml': ['c0', 'c2'] })
  })

  it('and with what changes only a file that it mentions', () => {
    const repository = repositoryOf(
      [wrote('x/a.yml', 'file: ./app.conf')],
      [wrote('x/app.conf', '1')],
      [wrote('b', '1')],
    )
    expect(commitsOf(repository)).toEqual({ 'x/a.yml': ['c0', 'c1'] })
  })

  it('of a file that is named by a variable, too', () => {
    const repository = repositoryOf(
      [wrote('x/a.yml', 'file: ./$NAME.conf')],
      [wrote('x/app.conf', '1')],
      [wrote('y/app.conf', '1')],
    )
    expect(commitsOf(repository)).toEqual({ 'x/a.yml': ['c0', 'c1'] })
  })

  it('go on under another name, and where a file comes again', () => {
    const renamed: FileChange = { path: 'b.yml', from: 'a.yml', oid: '1' }
    const repository = repositoryOf([wrote('a.yml', '1')], [renamed], [removed('b.yml')], [wrote('b.yml', '2')])
    expect(commitsOf(repository)).toEqual({ 'b.yml': ['c0', 'c1', 'c3'] })
  })

  it('are not counted twice where nothing differs', () => {
    const repository = repositoryOf([wrote('a.yml', '1')], [removed('a.yml')], [wrote('a.yml', '1')])
    expect(commitsOf(repository)).toEqual({ 'a.yml': ['c0'] })
  })
})
