import type { GitHubBody } from '../model/message.ts'
import type { Sending, Written } from './create-sink.ts'
import { fitContext, fitDescription } from './fit-text.ts'
import { listIn, objectIn } from './reading.ts'
import { writeId } from './write-id.ts'

type Status = Sending<Extract<GitHubBody, { readonly type: 'status' }>>

/** The newest of a context counts, so that saying it twice does no harm but to its 1,000 per commit. */
export async function sendStatus(sending: Status): Promise<Written> {
  const { github, body, signal } = sending
  const said = { state: body.state, context: fitContext(body.context), description: fitDescription(body.description) }
  if (await isThere(sending, said)) return undefined
  await writeId(
    github.rest,
    {
      operation: 'repos/create-commit-status',
      method: 'POST',
      url: '/repos/{owner}/{repo}/statuses/{sha}',
      params: { sha: body.sha, ...said },
    },
    { signal },
  )
  return undefined
}

/** Only asked where it may have arrived already. */
async function isThere(
  { github, body, delivery, signal }: Status,
  said: Readonly<Record<'state' | 'context' | 'description', string>>,
): Promise<boolean> {
  if (!delivery.perhapsSent) return false
  const { value } = await github.reads.one(
    {
      operation: 'repos/list-commit-statuses-for-ref',
      method: 'GET',
      url: '/repos/{owner}/{repo}/commits/{ref}/statuses',
      params: { ref: body.sha, per_page: 100 },
    },
    (data) => listIn(data).map((one) => objectIn(one)),
    { signal },
  )
  // Newest first.
  const last = value.find((one) => one.context === said.context)
  return last !== undefined && last.state === said.state && last.description === said.description
}
