import type { Nudge } from '../model/loop.ts'
import { at, numberAt, type Payload, shaAt, textAt } from './webhook-payload.ts'

/** What a delivery says, as far as we use it. */
export type WebhookEvent =
  | { readonly of: 'ping' }
  | { readonly of: 'push'; readonly repository: string; readonly ref: string; readonly sha: string }
  | {
      readonly of: 'pull'
      readonly repository: string
      readonly action: string
      readonly number: number
      /** Of its head. */
      readonly ref: string
      readonly sha: string
      /** Branch. */
      readonly base: string
      /** Branch, where it was just led to another. */
      readonly baseBefore?: string
    }
  | {
      readonly of: 'comment'
      readonly repository: string
      readonly action: string
      readonly number: number
      readonly onPull: boolean
      readonly body: string
    }
  | {
      readonly of: 'merge-group'
      readonly repository: string
      readonly action: string
      readonly ref: string
      readonly sha: string
      /** Branch. */
      readonly base: string
    }
  /** An event that we do not use, or one in which something that we need is missing or of another type. */
  | { readonly of: 'other'; readonly repository?: string }

/** Never throws, whatever the payload is. */
export function readEvent(event: string, payload: Payload): WebhookEvent {
  if (event === 'ping') return { of: 'ping' }
  const repository = textAt(payload, 'repository', 'full_name')
  if (repository === undefined) return { of: 'other' }
  return READERS.get(event)?.(payload, repository) ?? { of: 'other', repository }
}

type Reader = (payload: Payload, repository: string) => WebhookEvent | undefined

const READERS: ReadonlyMap<string, Reader> = new Map([
  ['push', readPush],
  ['pull_request', readPull],
  ['issue_comment', readComment],
  ['merge_group', readMergeGroup],
])

function readPush(payload: Payload, repository: string): WebhookEvent | undefined {
  const ref = textAt(payload, 'ref')
  const sha = shaAt(payload, 'after')
  return ref === undefined || sha === undefined ? undefined : { of: 'push', repository, ref, sha }
}

function readPull(payload: Payload, repository: string): WebhookEvent | undefined {
  const action = textAt(payload, 'action')
  const number = numberAt(payload, 'pull_request', 'number')
  const ref = textAt(payload, 'pull_request', 'head', 'ref')
  const sha = shaAt(payload, 'pull_request', 'head', 'sha')
  const base = textAt(payload, 'pull_request', 'base', 'ref')
  if (action === undefined || number === undefined || ref === undefined || sha === undefined || base === undefined) {
    return undefined
  }
  const baseBefore = textAt(payload, 'changes', 'base', 'ref', 'from')
  return { of: 'pull', repository, action, number, ref, sha, base, ...(baseBefore ? { baseBefore } : {}) }
}

function readComment(payload: Payload, repository: string): WebhookEvent | undefined {
  const action = textAt(payload, 'action')
  const number = numberAt(payload, 'issue', 'number')
  const body = at(payload, 'comment', 'body')
  if (action === undefined || number === undefined || typeof body !== 'string') return undefined
  const onPull = typeof (at(payload, 'issue', 'pull_request') ?? undefined) === 'object'
  return { of: 'comment', repository, action, number, onPull, body }
}

function readMergeGroup(payload: Payload, repository: string): WebhookEvent | undefined {
  const action = textAt(payload, 'action')
  const ref = textAt(payload, 'merge_group', 'head_ref')
  const sha = shaAt(payload, 'merge_group', 'head_sha')
  const base = textAt(payload, 'merge_group', 'base_ref')
  if (action === undefined || ref === undefined || sha === undefined || base === undefined) return undefined
  return { of: 'merge-group', repository, action, ref, sha, base: base.replace(/^refs\/heads\//, '') }
}

export interface Tracked {
  readonly repository: { readonly owner: string; readonly repo: string }
  readonly branch: string
}

/** What is to be looked at because of an event, and one line that GitHub shows beside the delivery. */
export interface Meaning {
  readonly nudge?: Nudge
  readonly note: string
}

/** Of a pull request: the others change neither what it would do nor whether it is open. */
const PULL_ACTIONS = new Set([
  'opened',
  'reopened',
  'synchronize',
  'edited',
  'closed',
  'ready_for_review',
  'converted_to_draft',
])

export function meaningOf(event: WebhookEvent, { repository: { owner, repo }, branch }: Tracked): Meaning {
  if (event.of === 'ping') return { note: 'pong' }
  if (event.repository === undefined) return { note: 'ignored: of no repository' }
  // GitHub's names do not tell cases apart.
  if (event.repository.toLowerCase() !== `${owner}/${repo}`.toLowerCase()) {
    return { note: `ignored: of another repository than ${owner}/${repo}` }
  }
  const nudge = nudgeOf(event, branch)
  return nudge ? { nudge, note: 'taken' } : { note: `ignored: nothing that concerns ${branch}` }
}

function nudgeOf(event: Exclude<WebhookEvent, { readonly of: 'ping' }>, branch: string): Nudge | undefined {
  switch (event.of) {
    case 'push':
      return event.ref === `refs/heads/${branch}` ? { of: 'source' } : undefined
    case 'pull':
      return PULL_ACTIONS.has(event.action) && [event.base, event.baseBefore].includes(branch)
        ? { of: 'pull', number: event.number }
        : undefined
    case 'comment':
      // Edited ones command nothing (SEC-13); what is no command is not worth a look.
      return event.onPull && event.action === 'created' && event.body.includes('/swarmkeeper')
        ? { of: 'comments' }
        : undefined
    case 'merge-group':
      return event.action === 'checks_requested' && event.base === branch
        ? { of: 'merge-group', sha: event.sha, base: event.base }
        : undefined
    case 'other':
      return undefined
  }
}
