import type { Annotation, GitHubBody } from '../model/message.ts'
import { shorten } from '../report/printable.ts'
import type { Sending, Written } from './create-sink.ts'
import { fitMarkdown } from './fit-markdown.ts'
import { GitHubError } from './github-error.ts'
import { numberIn, objectIn } from './reading.ts'
import { writeId } from './write-id.ts'

type Annotations = Sending<Extract<GitHubBody, { readonly type: 'annotations' }>>

/** GitHub takes so many in one request; more are added by further ones. */
const PER_REQUEST = 50
/** Nobody reads more. */
const MOST = 500
const LONGEST_MESSAGE = 4_000

/**
 * A check run with annotations. It says its conclusion with the last of them, so that one which we left behind in the
 * middle is never taken for a whole one. Each message makes a new check run: annotations can be added, not taken back,
 * and GitHub shows the newest of a name.
 */
export async function sendAnnotations(sending: Annotations): Promise<Written> {
  const { github, body } = sending
  if (!github.annotates) {
    throw new GitHubError('ReportRefused', {
      message: `annotations of ${body.sha.slice(0, 12)} cannot be written with a token: only a GitHub App may; the comment names file and line, too`,
    })
  }
  const batches = inBatches(body.annotations.slice(0, MOST).map(shown))
  // A try before this one may have come to its middle.
  const again = sending.delivery.perhapsSent || sending.delivery.attempts > 0
  const begun = again ? await find(sending) : undefined
  const id = begun?.id ?? (await create(sending, batches[0] ?? [], batches.length <= 1))
  if (begun?.completed) return String(id)
  const done = begun ? Math.ceil(begun.annotations / PER_REQUEST) : 1
  const rest = batches.slice(done)
  for (const [index, batch] of rest.entries()) await add(sending, { id, batch, last: index === rest.length - 1 })
  // Everything had arrived but its conclusion.
  if (begun && rest.length === 0) await add(sending, { id, batch: [], last: true })
  return String(id)
}

/** GitHub counts lines from 1. */
const shown = ({ path, line, level, message }: Annotation) => ({
  path,
  start_line: Math.max(1, line),
  end_line: Math.max(1, line),
  annotation_level: level,
  message: shorten(message, LONGEST_MESSAGE),
})

type Shown = ReturnType<typeof shown>

const inBatches = (all: readonly Shown[]): readonly (readonly Shown[])[] =>
  Array.from({ length: Math.ceil(all.length / PER_REQUEST) }, (_, index) =>
    all.slice(index * PER_REQUEST, (index + 1) * PER_REQUEST),
  )

const ended = ({ body }: Annotations, last: boolean) =>
  last ? { status: 'completed', conclusion: body.conclusion } : { status: 'in_progress' }

const outputOf = ({ body }: Annotations, annotations: readonly Shown[]) => ({
  title: body.name,
  summary: fitMarkdown(body.summary),
  annotations,
})

async function create(sending: Annotations, batch: readonly Shown[], last: boolean): Promise<number> {
  const { github, body, delivery, signal } = sending
  return writeId(
    github.rest,
    {
      operation: 'checks/create',
      method: 'POST',
      url: '/repos/{owner}/{repo}/check-runs',
      params: {
        ...{ name: body.name, head_sha: body.sha, external_id: delivery.id },
        ...ended(sending, last),
        output: outputOf(sending, batch),
      },
    },
    { signal },
  )
}

interface Adding {
  readonly id: number
  readonly batch: readonly Shown[]
  readonly last: boolean
}

async function add(sending: Annotations, { id, batch, last }: Adding): Promise<void> {
  await writeId(
    sending.github.rest,
    {
      operation: 'checks/update',
      method: 'PATCH',
      url: '/repos/{owner}/{repo}/check-runs/{check_run_id}',
      params: { check_run_id: id, ...ended(sending, last), output: outputOf(sending, batch) },
    },
    { signal: sending.signal },
  )
}

interface Begun {
  readonly id: number
  readonly annotations: number
  readonly completed: boolean
}

/** The one of this very message. */
async function find({ github, body, delivery, signal }: Annotations): Promise<Begun | undefined> {
  const runs = await github.reads.all(
    {
      operation: 'checks/list-for-ref',
      method: 'GET',
      url: '/repos/{owner}/{repo}/commits/{ref}/check-runs',
      params: { ref: body.sha, check_name: body.name, filter: 'all', per_page: 100 },
    },
    (one) => (objectIn(one).external_id === delivery.id ? [begunIn(one)] : []),
    { signal },
  )
  return runs[0]
}

const begunIn = (run: unknown): Begun => ({
  id: numberIn(run, 'id'),
  annotations: numberIn(objectIn(run).output, 'annotations_count'),
  completed: objectIn(run).status === 'completed',
})
