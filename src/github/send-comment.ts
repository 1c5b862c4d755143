import type { GitHubBody } from '../model/message.ts'
import type { Sending, Written } from './create-sink.ts'
import { fitMarkdown } from './fit-markdown.ts'
import { GitHubError } from './github-error.ts'
import { isMarked, markerOf } from './marker.ts'
import { GHOST, numberIn, objectIn, textIn } from './reading.ts'
import { writeId } from './write-id.ts'

type Comment = Sending<Extract<GitHubBody, { readonly type: 'comment' }>>
type Answer = Sending<Extract<GitHubBody, { readonly type: 'answer' }>>

/**
 * The one comment of an install on a pull request. Its id is kept by the outbox; where that is lost, or was never
 * written down because we were killed, the comment is found by its marker. It is made anew where somebody deleted it.
 */
export async function sendComment(sending: Comment): Promise<Written> {
  const { install, body, delivery } = sending
  const marker = markerOf(install, 'plan')
  const text = textOf(marker, body.markdown)
  if (delivery.before !== undefined && (await edit(sending, delivery.before, text))) return delivery.before
  const found = await find(sending, marker)
  if (found !== undefined && (await edit(sending, found, text))) return found
  return create(sending, text)
}

/** Each of them once: its marker carries the id of the message. */
export async function sendAnswer(sending: Answer): Promise<Written> {
  const { install, body, delivery } = sending
  const marker = markerOf(install, `answer:${delivery.id}`)
  const text = textOf(marker, body.markdown)
  const found = delivery.perhapsSent ? await find(sending, marker) : undefined
  return found ?? create(sending, text)
}

const GONE: ReadonlySet<number | undefined> = new Set([403, 404, 410])

const textOf = (marker: string, markdown: string): string => `${marker}\n${fitMarkdown(markdown)}`

/** False: it is not there any more, or another login's. */
async function edit({ github, signal }: Comment, id: string, text: string): Promise<boolean> {
  const call = {
    operation: 'issues/update-comment',
    method: 'PATCH',
    url: '/repos/{owner}/{repo}/issues/comments/{comment_id}',
    params: { comment_id: Number(id), body: text },
  } as const
  try {
    await writeId(github.rest, call, { signal })
    return true
  } catch (error) {
    if (error instanceof GitHubError && error.reason === 'ReportRefused' && GONE.has(error.status)) return false
    throw error
  }
}

async function create({ github, body, signal }: Comment | Answer, text: string): Promise<Written> {
  const id = await writeId(
    github.rest,
    {
      operation: 'issues/create-comment',
      method: 'POST',
      url: '/repos/{owner}/{repo}/issues/{issue_number}/comments',
      params: { issue_number: body.pull, body: text },
    },
    { signal },
  )
  return String(id)
}

/** Ours alone: anybody may write a marker. Over all pages: a pull request may be much talked about. */
async function find({ github, body, signal }: Comment | Answer, marker: string): Promise<string | undefined> {
  const own = (await github.ownLogin({ signal })).toLowerCase()
  const ids = await github.reads.all(
    {
      operation: 'issues/list-comments',
      method: 'GET',
      url: '/repos/{owner}/{repo}/issues/{issue_number}/comments',
      params: { issue_number: body.pull, per_page: 100 },
    },
    (one) => (authorOf(one) === own && isMarked(bodyOf(one), marker) ? [numberIn(one, 'id')] : []),
    { signal },
  )
  return ids[0] === undefined ? undefined : String(ids[0])
}

const authorOf = (comment: unknown): string => {
  const { user } = objectIn(comment)
  return user === null || user === undefined ? GHOST : textIn(user, 'login').toLowerCase()
}

const bodyOf = (comment: unknown): string => String(objectIn(comment).body ?? '')
