import type { Matched } from './description.ts'
import {
  type Site,
  showCheckRun,
  showComment,
  showFile,
  showPull,
  showPullBriefly,
  showRepository,
  showStatus,
  showUser,
} from './shapes.ts'
import { refused, type StubAnswer } from './stub-answer.ts'
import type { Caller, StubLogin } from './stub-login.ts'
import type { StubCheckRun, StubComment, StubPull, StubStatus } from './world.ts'

interface Call extends Matched {
  readonly site: Site
  readonly caller: Caller
  readonly login: StubLogin
}

type Operation = (call: Call) => StubAnswer

const ok = (body: unknown): StubAnswer => ({ status: 200, body })
const list = (items: readonly unknown[]): StubAnswer => ({ status: 200, body: items, paged: true })
const notFound = (): StubAnswer => refused(404, 'Not Found')
const nameOf = (caller: Caller): string => (caller.as === 'app' ? 'app' : caller.login)
const SHA = /^[0-9a-f]{40}$/
const points = (text: string): number => [...text].length

/** GitHub's longest body, in characters. */
const LONGEST_BODY = 65_536

const pullOf = ({ site, params }: Call): StubPull | undefined => site.world.pull(Number(params.pull_number))
const commentOf = ({ site, params }: Call): StubComment | undefined =>
  site.world.comments.find((one) => one.id === Number(params.comment_id))
const tooLong = (body: unknown): StubAnswer | undefined =>
  points(String(body)) > LONGEST_BODY
    ? refused(422, 'Validation Failed', [
        {
          resource: 'IssueComment',
          code: 'unprocessable',
          field: 'data',
          message: `Body is too long (maximum is ${LONGEST_BODY} characters)`,
        },
      ])
    : undefined

function createStatus({ params, body, site, caller }: Call): StubAnswer {
  const { sha = '' } = params
  const { state, description = '', context = 'default' } = body as Partial<StubStatus>
  const before = site.world.statuses.filter((one) => one.sha === sha && one.context === context)
  const wrong = (message: string) =>
    refused(422, 'Validation Failed', [{ resource: 'Status', code: 'custom', message }])
  if (!SHA.test(sha)) return refused(422, `No commit found for SHA: ${sha}`)
  if (points(description) > 140) return wrong('description is too long (maximum is 140 characters)')
  if (points(context) > 255) return wrong('context is too long (maximum is 255 characters)')
  if (before.length >= 1000) return wrong('This SHA and context has reached the maximum number of statuses.')
  const added = site.world.addStatus({ sha, context, description, state: state ?? 'error', creator: nameOf(caller) })
  return { status: 201, body: showStatus(added, site) }
}

function createComment(call: Call): StubAnswer {
  const { site, params, body, caller } = call
  const number = Number(params.issue_number)
  const text = String(body.body)
  if (!site.world.pull(number)) return notFound()
  if (text.trim() === '') return refused(422, 'Validation Failed')
  const refusal = tooLong(text)
  if (refusal) return refusal
  const id = site.world.comment(number, { by: nameOf(caller), body: text, bot: caller.as === 'installation' })
  const added = site.world.comments.find((one) => one.id === id)
  return added ? { status: 201, body: showComment(added, site) } : notFound()
}

function updateComment(call: Call): StubAnswer {
  const comment = commentOf(call)
  if (!comment) return notFound()
  const refusal = tooLong(call.body.body)
  if (refusal) return refusal
  const me = nameOf(call.caller)
  // Who has the repository may edit everybody's.
  if (comment.author !== me && call.site.world.permissionOf(me) !== 'admin') {
    return refused(403, 'Must have admin rights to Repository.')
  }
  call.site.world.editComment(comment.id, String(call.body.body))
  return ok(showComment(comment, call.site))
}

function commentsOfAll({ site, query }: Call): StubAnswer {
  const since = query.since ?? ''
  const found = site.world.comments.filter((one) => one.updatedAt >= since)
  const key = query.sort === 'updated' ? 'updatedAt' : 'createdAt'
  const sorted = query.sort ? found.toSorted((a, b) => a[key].localeCompare(b[key]) || a.id - b.id) : found
  return list((query.direction === 'desc' ? sorted.toReversed() : sorted).map((one) => showComment(one, site)))
}

function pulls({ site, query }: Call): StubAnswer {
  const state = query.state ?? 'open'
  const found = [...site.world.pulls.values()]
    .filter((one) => state === 'all' || one.state === state)
    .filter((one) => query.base === undefined || one.base.ref === query.base)
  // By default the newest first.
  const ascending = query.direction === 'asc'
  return list((ascending ? found : found.toReversed()).map((one) => showPullBriefly(one, site)))
}

interface Output {
  readonly title: string
  readonly summary: string
  readonly annotations?: StubCheckRun['annotations']
}

const NOT_AN_APP = refused(403, 'You must authenticate via a GitHub App.')

function createCheck({ site, body, caller }: Call): StubAnswer {
  if (caller.as !== 'installation') return NOT_AN_APP
  const {
    name,
    head_sha,
    external_id = '',
    output,
    status,
    conclusion,
  } = body as Readonly<Record<string, string>> & { output?: Output }
  const refusal = longOutput(output)
  if (refusal) return refusal
  const run = site.world.addCheckRun({
    name: name ?? '',
    sha: head_sha ?? '',
    externalId: external_id,
    status: conclusion ? 'completed' : (status ?? 'queued'),
    conclusion: conclusion ?? null,
    title: output?.title ?? '',
    summary: output?.summary ?? '',
    annotations: output?.annotations ?? [],
  })
  return { status: 201, body: showCheckRun(run, site) }
}

function updateCheck({ site, body, params, caller }: Call): StubAnswer {
  if (caller.as !== 'installation') return NOT_AN_APP
  const run = site.world.checkRuns.find((one) => one.id === Number(params.check_run_id))
  const { output, status, conclusion } = body as { output?: Output; status?: string; conclusion?: string }
  const refusal = longOutput(output)
  if (!run || refusal) return refusal ?? notFound()
  Object.assign(run, {
    status: conclusion ? 'completed' : (status ?? run.status),
    conclusion: conclusion ?? run.conclusion,
    title: output?.title ?? run.title,
    summary: output?.summary ?? run.summary,
    // They are added to those that are there.
    annotations: [...run.annotations, ...(output?.annotations ?? [])],
  })
  return ok(showCheckRun(run, site))
}

const longOutput = (output: Output | undefined): StubAnswer | undefined =>
  points(output?.summary ?? '') > 65_535
    ? refused(422, 'Invalid request.\n\nOnly 65535 characters are allowed; 65536 were supplied.')
    : undefined

/** Where a list is a property beside its length. */
function checksOf({ site, params, query }: Call): StubAnswer {
  const found = site.world.checkRuns
    .filter((one) => one.sha === params.ref && (query.check_name === undefined || one.name === query.check_name))
    .map((one) => showCheckRun(one, site))
  return { status: 200, body: found, paged: true, wrap: (items) => ({ total_count: found.length, check_runs: items }) }
}

function permission({ site, params }: Call): StubAnswer {
  const user = params.username ?? ''
  const level = site.world.permissionOf(user)
  if (level === undefined) return refused(404, `${user} is not a user`)
  return ok({ permission: level, role_name: level, user: showUser(user) })
}

const showApp = (login: StubLogin) => ({
  id: 4711,
  slug: login.login.replace(/\[bot\]$/, ''),
  name: 'Fleet keeper',
  permissions: login.permissions,
})

/** By the names of GitHub's description. What the description knows and is not here is answered 501, and told. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  'repos/create-commit-status': createStatus,
  'repos/list-commit-statuses-for-ref': ({ site, params }) =>
    list(
      site.world.statuses
        .filter((one) => one.sha === params.ref)
        .toReversed()
        .map((one) => showStatus(one, site)),
    ),
  'issues/list-comments': ({ site, params }) =>
    list(site.world.commentsOf(Number(params.issue_number)).map((one) => showComment(one, site))),
  'issues/list-comments-for-repo': commentsOfAll,
  'issues/create-comment': createComment,
  'issues/update-comment': updateComment,
  'issues/get-comment': (call) => {
    const comment = commentOf(call)
    return comment ? ok(showComment(comment, call.site)) : notFound()
  },
  'pulls/list': pulls,
  'pulls/get': (call) => {
    const pull = pullOf(call)
    return pull ? ok(showPull(pull, call.site)) : notFound()
  },
  'pulls/list-files': (call) => {
    const pull = pullOf(call)
    return pull ? list(pull.files.map(showFile)) : notFound()
  },
  'repos/list-pull-requests-associated-with-commit': ({ site, params }) => {
    const { commit_sha: sha = '' } = params
    if (!SHA.test(sha)) return refused(422, `No commit found for SHA: ${sha}`)
    const found = [...site.world.pulls.values()].filter((one) => one.mergedAs === sha || one.head.sha === sha)
    return list(found.map((one) => showPullBriefly(one, site)))
  },
  'repos/get-collaborator-permission-level': permission,
  'repos/get': ({ site }) => ok(showRepository(site)),
  'checks/create': createCheck,
  'checks/update': updateCheck,
  'checks/list-for-ref': checksOf,
  'users/get-authenticated': ({ caller }) =>
    caller.as === 'user' ? ok(showUser(caller.login)) : refused(403, 'Resource not accessible by integration'),
  'apps/get-authenticated': ({ login }) => ok(showApp(login)),
  'apps/get-installation': ({ params, login }) =>
    ok({ id: Number(params.installation_id), app_id: 4711, permissions: login.permissions }),
  'apps/create-installation-access-token': ({ login }) => ({
    status: 201,
    body: { ...login.issue(), permissions: login.permissions, repository_selection: 'selected' },
  }),
}

/** Those that are asked with a token of the App itself. */
export const AS_APP = new Set([
  'apps/get-authenticated',
  'apps/get-installation',
  'apps/create-installation-access-token',
])
