import { onTestFinished } from 'vitest'
import { type GitHubStub, type GitHubStubOptions, startGitHub } from './start-github.ts'

/** A stub of GitHub for the running test. The test fails where a request is none that GitHub's description accepts. */
export async function githubForTest(options: GitHubStubOptions = {}): Promise<GitHubStub> {
  const stub = await startGitHub(options)
  onTestFinished(() => stub.close())
  return stub
}
