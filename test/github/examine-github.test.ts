import { describe, expect, it } from 'vitest'
import { examineGitHub } from '../../src/github/examine-github.ts'
import { githubWorld, NEVER, SHA } from './github-world.ts'

const ask = { signal: NEVER, by: 'test' }
const of = { branch: 'main', hooks: false }

describe('doctor, of GitHub', () => {
  it('is content with a login that may do what it must', async () => {
    const { stub, github } = await githubWorld()
    stub.world.setPermission('fleet-bot', 'write')
    stub.world.openPull({ head: SHA('1') })
    expect(await examineGitHub(github, of, ask)).toEqual([
      { subject: 'GitHub', level: 'ok', message: 'fleet-bot reads 1 open pull request, 4998 calls left of this hour' },
      { subject: 'webhooks', level: 'ok', message: 'none are taken: polling finds everything, a little later' },
    ])
  })

  it('says that a user may not write', async () => {
    const { stub, github } = await githubWorld()
    stub.world.setPermission('fleet-bot', 'read')
    expect(await examineGitHub(github, of, ask)).toContainEqual(
      expect.objectContaining({ level: 'error', message: expect.stringContaining("has the permission 'read'") }),
    )
  })

  it('says what the installation of an App was not granted', async () => {
    const { stub, github } = await githubWorld({ login: 'app' })
    expect(await examineGitHub(github, { ...of, hooks: true }, ask)).toEqual([
      expect.objectContaining({ level: 'ok' }),
      expect.objectContaining({ subject: 'webhooks', level: 'ok' }),
    ])
    const { statuses: _, ...fewer } = stub.login.permissions
    stub.login.permissions = { ...fewer, pull_requests: 'read' }
    expect(await examineGitHub(github, of, ask)).toContainEqual({
      subject: 'GitHub',
      level: 'error',
      message: 'the installation of the App was not granted statuses: write, pull_requests: write',
      todo: 'grant it in the settings of the App, and accept that on its installation',
    })
  })

  it('says that the login is refused, or that nobody answers', async () => {
    const { stub, github } = await githubWorld()
    stub.login.revoke()
    expect(await examineGitHub(github, of, ask)).toEqual([
      expect.objectContaining({ level: 'error', message: expect.stringContaining('answered 401') }),
    ])
  })
})
