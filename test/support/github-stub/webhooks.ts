import { createHmac, randomUUID } from 'node:crypto'
import { type Site, showComment, showPull, showPullBriefly, showRepository, showUser } from './shapes.ts'
import type { StubEvent } from './world.ts'

interface SentWebhook {
  /** `X-GitHub-Delivery` */
  readonly id: string
  readonly event: string
  readonly body: string
  /** What the other side answered; 0: nothing. */
  readonly status: number
}

export interface Webhooks {
  /** From now on every event is sent there, signed, in order. */
  to(url: string, secret: string): void
  stop(): void
  tell(event: StubEvent): void
  /** What was sent, once all of it is answered. */
  settled(): Promise<readonly SentWebhook[]>
  /** As a person does on GitHub's page: the same delivery once more. */
  redeliver(id: string): Promise<SentWebhook>
}

export function createWebhooks(site: () => Site): Webhooks {
  const sent: SentWebhook[] = []
  let receiver: { readonly url: string; readonly secret: string } | undefined
  let last: Promise<unknown> = Promise.resolve()

  const send = async (event: string, body: string, id: string): Promise<SentWebhook> => {
    const to = receiver
    if (!to) throw new Error('the stub sends no webhooks: `webhooks.to(url, secret)` first')
    const signature = createHmac('sha256', to.secret).update(body).digest('hex')
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'GitHub-Hookshot/stub',
      'x-github-event': event,
      'x-github-delivery': id,
      'x-hub-signature-256': `sha256=${signature}`,
    }
    const status = await fetch(to.url, { method: 'POST', headers, body, signal: AbortSignal.timeout(10_000) }).then(
      (answer) => answer.status,
      () => 0,
    )
    const webhook = { id, event, body, status }
    sent.push(webhook)
    return webhook
  }

  return {
    to: (url, secret) => {
      receiver = { url, secret }
    },
    stop: () => {
      receiver = undefined
    },
    tell: (event) => {
      if (!receiver) return
      const body = JSON.stringify(payloadOf(event, site()))
      // Stopped meanwhile: it is lost, as a webhook may be.
      last = last.then(() => (receiver ? send(event.event, body, randomUUID()) : undefined))
    },
    settled: async () => {
      await last
      return sent
    },
    redeliver: (id) => {
      const before = sent.find((one) => one.id === id)
      if (!before) throw new Error(`the stub sent no webhook ${id}`)
      return send(before.event, before.body, id)
    },
  }
}

function payloadOf(event: StubEvent, site: Site): unknown {
  const repository = showRepository(site)
  if (event.event === 'push') {
    const { ref, before, after } = event
    return { ref, before, after, repository, pusher: { name: 'alice' }, commits: [], forced: false, deleted: false }
  }
  if (event.event === 'merge_group') {
    const { headSha, headRef, baseSha } = event
    const group = { head_sha: headSha, head_ref: headRef, base_sha: baseSha, base_ref: event.base }
    return { action: event.action, merge_group: group, repository }
  }
  if (event.event === 'pull_request') {
    const { action, pull } = event
    return {
      action,
      number: pull.number,
      pull_request: showPull(pull, site),
      repository,
      sender: showUser(pull.author),
    }
  }
  const { action, comment } = event
  const pull = site.world.pull(comment.number)
  const issue = {
    number: comment.number,
    ...(pull && { pull_request: { url: showPullBriefly(pull, site).html_url } }),
  }
  return { action, comment: showComment(comment, site), issue, repository, sender: showUser(comment.author) }
}
