import type { GitHubBody, Message, Outbox } from '../../src/model/message.ts'

/** Takes everything, and remembers it in order; sent at once. */
export interface TestOutbox extends Outbox {
  readonly put: Outbox['put']
  readonly messages: readonly Message[]
  /** What GitHub shows of a commit: context -> `state: description`. */
  statuses(sha: string): Readonly<Record<string, string>>
  /** Every status of a commit in the order in which it was put: `context state: description`. */
  story(sha: string): readonly string[]
}

type Status = Extract<GitHubBody, { type: 'status' }>

export function createTestOutbox(): TestOutbox {
  const messages: Message[] = []
  const last = new Map<string, unknown>()
  const statuses = (sha: string): readonly Status[] =>
    messages.flatMap(({ sink, body }) => {
      const status = body as GitHubBody
      return sink === 'github' && status.type === 'status' && status.sha === sha ? [status] : []
    })
  return {
    messages,
    put: (news) => {
      for (const message of news) {
        messages.push(message)
        last.set(`${message.sink} ${message.subject}`, message.body)
      }
    },
    lastSent: (sink, subject) => last.get(`${sink} ${subject}`),
    depth: () => 0,
    oldest: () => undefined,
    statuses: (sha) =>
      Object.fromEntries(statuses(sha).map(({ context, state, description }) => [context, `${state}: ${description}`])),
    story: (sha) => statuses(sha).map(({ context, state, description }) => `${context} ${state}: ${description}`),
  }
}
