import packaged from '@octokit/webhooks-examples'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { meaningOf, readEvent } from '../../src/api/webhook-event.ts'
import type { Nudge } from '../../src/model/loop.ts'
import { webhookWorld } from './webhook-world.ts'

interface Example {
  readonly event: string
  readonly index: number
  readonly payload: Record<string, unknown>
}

interface Examples {
  readonly name: string
  readonly examples: readonly Record<string, unknown>[]
}

// Its types speak of a default export within the default export, which Node does not see.
const examples = packaged as unknown as readonly Examples[]

const ALL: readonly Example[] = examples.flatMap(({ name, examples: payloads }) =>
  payloads.map((payload, index) => ({ event: name, index, payload })),
)

const of = (event: string): readonly Example[] => ALL.filter((one) => one.event === event)
const SHA = 'ab'.repeat(20)
const OURS = { repository: { owner: 'octo', repo: 'fleet' }, branch: 'main' }
const repository = { full_name: 'octo/fleet' }

/** The way that the tests read a payload; the product's way is compared with it. */
const path = (payload: unknown, dotted: string): unknown =>
  dotted.split('.').reduce((found, name) => (found as Record<string, unknown> | undefined)?.[name], payload)

describe('the examples of GitHub’s webhooks', () => {
  it('are 329', () => expect(ALL).toHaveLength(329))

  it('are each answered with 202, and nothing of another repository is acted upon', async () => {
    const world = await webhookWorld({
      repository: { owner: 'nobody', repo: 'else' },
      limits: { requestsPerMinute: 1_000 },
    })
    const statuses = new Map<number, number>()
    for (const { event, payload } of ALL) {
      const { status } = await world.post({ event, body: payload })
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
    expect(statuses).toEqual(new Map([[202, 329]]))
    expect(world.nudges).toEqual([])
    expect(world.seen.filter((one) => one.type !== 'webhook:taken')).toEqual([])
  })

  it.each(of('push'))('push $index leads to its repository, ref and sha', async ({ payload }) => {
    const full = path(payload, 'repository.full_name') as string
    const [ref, sha] = [payload.ref as string, payload.after]
    expect(readEvent('push', payload)).toEqual({ of: 'push', repository: full, ref, sha })
    expect(await nudgesOf('push', payload, ref.replace('refs/heads/', ''))).toEqual(
      ref.startsWith('refs/heads/') ? [{ of: 'source' }] : [],
    )
    expect(await nudgesOf('push', payload, 'another')).toEqual([])
  })

  const FOR_US = ['opened', 'reopened', 'synchronize', 'edited', 'closed', 'ready_for_review', 'converted_to_draft']
  it.each(of('pull_request'))('pull_request $index ($payload.action) leads to its head', async ({ payload }) => {
    const base = path(payload, 'pull_request.base.ref') as string
    expect(readEvent('pull_request', payload)).toMatchObject({
      of: 'pull',
      repository: path(payload, 'repository.full_name'),
      number: payload.number,
      ref: path(payload, 'pull_request.head.ref'),
      sha: path(payload, 'pull_request.head.sha'),
      base,
    })
    const expected = FOR_US.includes(payload.action as string) ? [{ of: 'pull', number: payload.number }] : []
    expect(await nudgesOf('pull_request', payload, base)).toEqual(expected)
    expect(await nudgesOf('pull_request', payload, 'another')).toEqual([])
  })

  it.each(of('merge_group'))('merge_group $index leads to its head', async ({ payload }) => {
    const sha = path(payload, 'merge_group.head_sha')
    const branch = String(path(payload, 'merge_group.base_ref')).replace('refs/heads/', '')
    const said = { repository: path(payload, 'repository.full_name'), ref: path(payload, 'merge_group.head_ref'), sha }
    expect(readEvent('merge_group', payload)).toMatchObject({ of: 'merge-group', ...said, base: branch })
    expect(await nudgesOf('merge_group', payload, branch)).toEqual([{ of: 'merge-group', sha, base: branch }])
    expect(await nudgesOf('merge_group', payload, 'another')).toEqual([])
  })

  it.each(of('issue_comment'))('issue_comment $index ($payload.action) leads to its pull request', ({ payload }) => {
    expect(readEvent('issue_comment', payload)).toEqual({
      of: 'comment',
      repository: path(payload, 'repository.full_name'),
      action: payload.action,
      number: path(payload, 'issue.number'),
      onPull: path(payload, 'issue.pull_request') !== undefined,
      body: path(payload, 'comment.body'),
    })
  })

  it('with any field taken away, null, empty or of another type are answered with 202 (SEC-14)', async () => {
    const world = await webhookWorld({ limits: { requestsPerMinute: 100_000 } })
    const used = ['push', 'pull_request', 'merge_group', 'issue_comment', 'ping']
    const broken = used.flatMap((event) => [
      ...of(event)
        .slice(0, 2)
        .flatMap(({ payload }) => damaged(payload).map((body) => ({ event, body }))),
      ...[null, [], [[]], 0, true, '"text"', {}].map((body) => ({ event, body })),
    ])
    const wrong: unknown[] = []
    for (const post of broken) {
      const { status } = await world.post(post)
      if (status !== 202) wrong.push({ status, ...post })
    }
    expect(broken.length).toBeGreaterThan(500)
    expect(wrong).toEqual([])
    expect(world.seen.filter((one) => one.type !== 'webhook:taken')).toEqual([])
  })
})

async function nudgesOf(event: string, payload: object, branch: string): Promise<readonly Nudge[]> {
  const [owner = '', repo = ''] = String(path(payload, 'repository.full_name')).split('/')
  const world = await webhookWorld({ repository: { owner, repo }, branch })
  expect(await world.post({ event, body: payload })).toMatchObject({ status: 202 })
  return world.nudges
}

/** The payload with one field of the first three levels damaged, in each of these ways. */
function damaged(payload: object): readonly object[] {
  const wrong: readonly unknown[] = [undefined, null, '', [], {}, -1, 'x'.repeat(2_000), { toString: 1 }]
  const places = paths(payload, 3).filter((names) =>
    /ref|sha|after|number|name|action|head|base|body|pull/.test(names.join()),
  )
  return places.flatMap((names, index) =>
    [wrong[index % wrong.length], null].map((value) => replaced(payload, names, value)),
  )
}

const paths = (value: unknown, depth: number): readonly (readonly string[])[] =>
  typeof value !== 'object' || value === null || depth === 0
    ? []
    : Object.entries(value).flatMap(([name, inner]) => [
        [name],
        ...paths(inner, depth - 1).map((rest) => [name, ...rest]),
      ])

function replaced(value: object, [name = '', ...rest]: readonly string[], by: unknown): object {
  const inner = (value as Record<string, object>)[name] ?? {}
  return { ...value, [name]: rest.length === 0 ? by : replaced(inner, rest, by) }
}

describe('what a delivery is taken for', () => {
  const pull = (more: object = {}, action = 'opened') => ({
    action,
    pull_request: { number: 7, head: { ref: 'topic', sha: SHA }, base: { ref: 'main' } },
    repository,
    ...more,
  })
  const comment = (more: object = {}, action = 'created') => ({
    action,
    issue: { number: 7, pull_request: {} },
    comment: { body: '/swarmkeeper plan' },
    repository,
    ...more,
  })
  const group = (more: object) => ({
    action: 'checks_requested',
    merge_group: { head_ref: 'refs/heads/queue/1', head_sha: SHA, base_ref: 'refs/heads/main', ...more },
    repository,
  })
  const push = (more: object = {}) => ({ ref: 'refs/heads/main', after: SHA, repository, ...more })

  const cases: readonly (readonly [string, string, object, Nudge | undefined])[] = [
    ['a push to the tracked branch', 'push', push(), { of: 'source' }],
    [
      'by another spelling of the repository',
      'push',
      push({ repository: { full_name: 'Octo/FLEET' } }),
      { of: 'source' },
    ],
    ['a deletion of the tracked branch', 'push', push({ after: '0'.repeat(40), deleted: true }), { of: 'source' }],
    ['of a repository with SHA-256', 'push', push({ after: 'c'.repeat(64) }), { of: 'source' }],
    ['a push to a branch that only begins so', 'push', push({ ref: 'refs/heads/main2' }), undefined],
    ['a tag of the branch’s name', 'push', push({ ref: 'refs/tags/main' }), undefined],
    ['a repository that only begins so', 'push', push({ repository: { full_name: 'octo/fleet2' } }), undefined],
    ['a fork of the same name', 'push', push({ repository: { full_name: 'else/fleet' } }), undefined],
    ['a pull request', 'pull_request', pull(), { of: 'pull', number: 7 }],
    [
      'one to another branch',
      'pull_request',
      pull({ pull_request: { ...pull().pull_request, base: { ref: 'old' } } }),
      undefined,
    ],
    [
      'one that was led away from the tracked branch',
      'pull_request',
      pull(
        {
          pull_request: { ...pull().pull_request, base: { ref: 'old' } },
          changes: { base: { ref: { from: 'main' } } },
        },
        'edited',
      ),
      { of: 'pull', number: 7 },
    ],
    ['an action that nobody knows yet', 'pull_request', pull({}, 'transmogrified'), undefined],
    ['a command', 'issue_comment', comment(), { of: 'comments' }],
    ['an edited command', 'issue_comment', comment({}, 'edited'), undefined],
    ['words', 'issue_comment', comment({ comment: { body: 'looks good' } }), undefined],
    ['a command on an issue', 'issue_comment', comment({ issue: { number: 7 } }), undefined],
    ['a command on nothing', 'issue_comment', comment({ issue: { number: 7, pull_request: null } }), undefined],
    ['a group of the merge queue', 'merge_group', group({}), { of: 'merge-group', sha: SHA, base: 'main' }],
    ['a group for another branch', 'merge_group', group({ base_ref: 'refs/heads/old' }), undefined],
    ['a group with a ref for a sha', 'merge_group', group({ head_sha: 'main; rm -rf /' }), undefined],
    ['an event that nobody knows yet', 'quantum_leap', push(), undefined],
    ['the name of what every object has', 'constructor', push(), undefined],
  ]
  it.each(cases)('%s', (_name, event, payload, nudge) => {
    expect(meaningOf(readEvent(event, payload), OURS).nudge).toEqual(nudge)
  })

  it('a ping is answered, of whatever repository or organisation', async () => {
    const world = await webhookWorld()
    expect(await world.post({ event: 'ping', body: { zen: 'Design for failure.' } })).toMatchObject({ note: 'pong' })
  })

  it('says in the answer, which GitHub shows, why nothing was done', async () => {
    const world = await webhookWorld({ ...OURS })
    const note = async (event: string, body: object) => (await world.post({ event, body })).note
    expect(await note('push', push())).toBe('taken')
    expect(await note('push', push({ ref: 'refs/heads/topic' }))).toBe('ignored: nothing that concerns main')
    expect(await note('push', push({ repository: { full_name: 'a/b' } }))).toBe(
      'ignored: of another repository than octo/fleet',
    )
    expect(await note('star', { repository: null })).toBe('ignored: of no repository')
  })

  it('is never an exception, whatever JSON it is', () => {
    const events = fc.constantFrom(
      'push',
      'pull_request',
      'issue_comment',
      'merge_group',
      'ping',
      '__proto__',
      'toString',
    )
    const keys = [
      'repository',
      'full_name',
      'ref',
      'after',
      'action',
      'pull_request',
      'number',
      'head',
      'base',
      'sha',
      '__proto__',
    ]
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom('octo/fleet', SHA, 'main', 1, -1, null, true, ''),
        tie('node'),
        fc.array(tie('tree')),
      ),
      node: fc.dictionary(fc.constantFrom(...keys), tie('tree')),
    }))
    fc.assert(
      fc.property(events, tree, (event, payload) => {
        meaningOf(readEvent(event, payload), OURS)
      }),
      { numRuns: 2_000 },
    )
  })
})
