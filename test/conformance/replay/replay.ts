import type { ComposeSchemas } from '../../../src/compose/load/schema.ts'
import { readDirectly } from './direct.ts'
import { openRepository } from './git.ts'
import { matcherOf } from './glob.ts'
import { historiesOf, type StackHistory, type StackVersion } from './history.ts'
import { changedBetween, planBetween, rewordedBetween, touchedBy } from './judge.ts'
import { createReader, type OurReader, type OurReading } from './ours.ts'
import { type Recording, recordAll } from './recorder.ts'

export interface ReplayInput {
  readonly repository: string
  readonly pattern: string
  readonly variables: Readonly<Record<string, string>>
  readonly cache: string
  readonly parallel: number
  readonly schemas: ComposeSchemas
  print(line: string): void
}

export interface ReplayResult {
  readonly pairs: number
  /** Services that a plan touches, and Docker would have sent the same. */
  readonly false: number
  /** Services that Docker would have sent differently, and the plan leaves. */
  readonly missed: number
  /** Of all plans: reading the new version of the stack, and making the plan. */
  readonly milliseconds: number
  /** What pairs were about, so that nobody takes an idle replay for a proof. */
  readonly changed: number
  readonly reworded: number
  readonly refused: number
  /** Pairs that a config repository refuses, and why the last one: they are planned without its checks. */
  readonly direct: number
  readonly directWhy: string
  readonly slowest: number
}

/** Plans the way through the history of every stack file, and compares what each plan touches with what Docker sends. */
export async function replay(input: ReplayInput): Promise<ReplayResult> {
  const repository = openRepository(input.repository)
  const histories = historiesOf(repository, matcherOf(input.pattern))
  const versions = histories.flatMap((history) => history.versions)
  const oids = new Set(versions.flatMap(({ files }) => [...files.values()]))
  const blobs = repository.read([...oids])
  input.print(`${histories.length} stack files, ${versions.length} versions in ${repository.commits.length} commits`)
  const { recordings, fresh } = await recordAll(versions, { ...input, blobs })
  input.print(`${fresh} versions recorded with the docker CLI now, ${versions.length - fresh} known from before`)
  const recorded = new Map(versions.map((version, index) => [version, recordings[index]]))
  const total: Replaying['total'] = { ...NOTHING }
  const reader = createReader({ variables: input.variables, blobs })
  for (const history of histories) await replayHistory(history, { input, blobs, recorded, reader, total })
  return total
}

const NOTHING: ReplayResult = {
  pairs: 0,
  false: 0,
  missed: 0,
  milliseconds: 0,
  changed: 0,
  reworded: 0,
  refused: 0,
  direct: 0,
  directWhy: '',
  slowest: 0,
}

interface Replaying {
  readonly reader: OurReader
  readonly input: ReplayInput
  readonly blobs: ReadonlyMap<string, Buffer>
  readonly recorded: ReadonlyMap<StackVersion, Recording | undefined>
  readonly total: { -readonly [key in keyof ReplayResult]: ReplayResult[key] }
}

interface Accepted {
  readonly version: StackVersion
  readonly recording: Recording
}

/** What Docker refuses was never live: the next one that it accepts is planned from the last one that it did. */
async function replayHistory({ versions }: StackHistory, context: Replaying): Promise<void> {
  let last: Accepted | undefined
  for (const version of versions) {
    const recording = context.recorded.get(version)
    if (recording?.accepted !== true) {
      context.total.refused++
      continue
    }
    const next = { version, recording }
    if (last) await replayPair(last, next, context)
    last = next
  }
}

interface Pair {
  readonly before: OurReading
  readonly after: OurReading
  /** Reading the new one. */
  readonly took: number
}

async function readPair(
  old: StackVersion,
  next: StackVersion,
  { input, blobs, reader, total }: Replaying,
): Promise<Pair> {
  const before = await reader.read(old)
  const begin = performance.now()
  const after = await reader.read(next)
  const took = performance.now() - begin
  const refused = [...before.refused, ...after.refused]
  if (refused.length === 0) return { before, after, took }
  total.direct++
  total.directWhy = refused[0] ?? ''
  const options = { ...input, blobs }
  return { before: readDirectly(old, options), after: readDirectly(next, options), took }
}

async function replayPair(old: Accepted, next: Accepted, context: Replaying): Promise<void> {
  const { input, total } = context
  const { before, after, took: reading } = await readPair(old.version, next.version, context)
  const begin = performance.now()
  const touched = touchedBy(planBetween(before.wanted, after.wanted))
  const took = reading + performance.now() - begin
  total.pairs++
  total.milliseconds += took
  total.slowest = Math.max(total.slowest, took)
  const changed = changedBetween(old.recording, next.recording)
  total.changed += changed.size
  total.reworded += rewordedBetween(old.recording, next.recording)
  const say = (line: string): void => input.print(`${whereIs(old.version, next.version)} ${line}`)
  const refused = [...before.refused, ...after.refused]
  if (refused.length > 0) {
    // No plan is no proof, whether something differs or not.
    total.missed += Math.max(1, changed.size)
    for (const line of refused.slice(0, 3)) say(`not read by us, and Docker takes it: ${line}`)
    return
  }
  for (const name of [...touched].filter((one) => !changed.has(one))) {
    total.false++
    say(`false: ${name} would be touched, and Docker sends the same`)
  }
  for (const [name, fields] of [...changed].filter(([one]) => !touched.has(one))) {
    total.missed++
    say(`missed: ${name}: ${fields.slice(0, 5).join('; ')}`)
  }
}

const whereIs = (old: StackVersion, next: StackVersion): string =>
  `${next.path} ${old.commit.slice(0, 10)}..${next.commit.slice(0, 10)}:`
