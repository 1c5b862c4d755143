import { createGitHub, type GitHubClient } from '../../src/github/create-github.ts'
import { createGitHubSink } from '../../src/github/create-sink.ts'
import type { Delivery, GitHubBody, Sent, Sink } from '../../src/model/message.ts'
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts'
import { githubForTest } from '../support/github-stub/github-for-test.ts'
import type { GitHubStub, GitHubStubOptions } from '../support/github-stub/start-github.ts'

export const SHA = (digit: string): string => digit.repeat(40)
export const NEVER = new AbortController().signal

export interface GitHubWorld {
  readonly stub: GitHubStub
  readonly clock: FakeClock
  readonly github: GitHubClient
  readonly sink: Sink
  /** Once, as the outbox would at its first try. */
  say(body: GitHubBody, delivery?: Partial<Delivery>): Promise<Sent>
  /** As swarmkeeper after a restart: nothing is remembered but what the outbox keeps. */
  restarted(): Swarmkeeper
  /** One that gives up waiting for an answer after a second. */
  impatient(): Swarmkeeper
}

type Swarmkeeper = Pick<GitHubWorld, 'github' | 'sink' | 'say'>

/** A GitHub and us, by one clock that nobody turns: waits are over at once, in their order. */
export async function githubWorld(options: GitHubStubOptions = {}): Promise<GitHubWorld> {
  const clock = createFakeClock({ auto: true })
  const stub = await githubForTest({ clock, ...options })
  const begin = (timeoutMs = 30_000) => {
    const github = createGitHub(stub.settings(), { clock, fetch, timeoutMs, version: '1.2.3' })
    const sink = createGitHubSink({ github, install: 'main' })
    const say = (body: GitHubBody, delivery: Partial<Delivery> = {}) =>
      sink.send({ ...FIRST, body, ...delivery }, { signal: NEVER })
    return { github, sink, say }
  }
  return { stub, clock, ...begin(), restarted: begin, impatient: () => begin(1_000) }
}

const FIRST = { sink: 'github', subject: 'any', final: false, id: 'm1', attempts: 0, perhapsSent: false }

export const status = (change: Partial<Extract<GitHubBody, { type: 'status' }>> = {}): GitHubBody => ({
  type: 'status',
  sha: SHA('a'),
  context: 'swarmkeeper/main/plan',
  state: 'success',
  description: '2 changes',
  ...change,
})
