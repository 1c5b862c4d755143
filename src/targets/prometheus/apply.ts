import { basename } from 'node:path'
import { ruleFileKind } from '../../kinds/rule-file/kind.ts'
import { messageOf, ReconcileError } from '../../model/error.ts'
import type { ResourceId } from '../../model/id.ts'
import type { Change, Stage } from '../../model/plan.ts'
import type { Resource } from '../../model/resource.ts'
import type { ApplyOptions, CallOptions, StepNote } from '../../model/target.ts'
import { groupsOf, isRuleFile, type Loaded, liveOf, type RuleFileResource, readLoaded } from './look.ts'
import type { Place } from './place.ts'
import { wrongKind } from './preflight.ts'
import { Refused, type Told, tellToReload } from './reload.ts'

/** One that starts has its log to read first: that can take a while. */
const READY_MS = 120_000
const POLL_MS = 500

/**
 * All of a stage by one reload: the files stand there already. What Prometheus says of it afterwards counts, and not that it
 * took the question; what it has loaded already (it was restarted, or somebody else told it) needs none.
 */
export async function applyToPrometheus(stage: Stage, applying: ApplyOptions, place: Place): Promise<void> {
  const { changes } = stage
  try {
    applying.signal.throwIfAborted()
    await applying.guard()
  } catch (error) {
    for (const { id } of changes) applying.mark(id, 'not-run', noteOf(error, applying))
    return
  }
  for (const { id } of changes) applying.mark(id, 'started')
  try {
    const wrong = await bringIn(changes.filter(isWrite), applying, place)
    for (const { id } of changes) markAs(id, wrong.get(id), applying)
  } catch (error) {
    if (!(error instanceof ReconcileError) && !applying.signal.aborted) throw error
    const unknown = !(error instanceof ReconcileError) || error.reason !== 'TargetRefused'
    for (const { id } of changes) applying.mark(id, unknown ? 'unknown' : 'failed', noteOf(error, applying))
  }
}

const isWrite = ({ action }: Change): boolean => action !== 'unchanged' && action !== 'move' && action !== 'adopt'

function markAs(id: ResourceId, wrong: string | undefined, { mark }: ApplyOptions): void {
  if (wrong === undefined) mark(id, 'applied')
  else mark(id, 'failed', { reason: 'TargetRefused', message: wrong })
}

function noteOf(error: unknown, { signal }: CallOptions): StepNote {
  if (error instanceof ReconcileError) return { reason: error.reason, message: error.message }
  return { reason: signal.aborted ? 'Aborted' : 'TargetRefused', message: messageOf(error) }
}

type Wrong = ReadonlyMap<ResourceId, string>

/** What is not as it should be after it was told. */
async function bringIn(changes: readonly Change[], { signal }: CallOptions, place: Place): Promise<Wrong> {
  if (changes.length === 0) return new Map()
  const resources = changes.flatMap(resourceOf)
  const before = await whenReady(resources, place, { signal })
  if (before.runtime.reloadOk !== false && wrongOf(changes, before, place).size === 0) return new Map()
  return tell(before, { changes, resources, place, signal })
}

interface Telling extends CallOptions {
  readonly changes: readonly Change[]
  readonly resources: readonly RuleFileResource[]
  readonly place: Place
}

/** All files of a Prometheus are loaded, or none: a bad one of another app goes back at once, and then ours are taken. */
const OTHERS_MS = 10_000
const AGAIN_MS = 2_000

async function tell(before: Loaded, telling: Telling): Promise<Wrong> {
  const { changes, place, signal } = telling
  const deadline = place.clock.monotonic() + OTHERS_MS
  for (;;) {
    try {
      const after = await afterReload(await tellToReload(before, place, { signal }), telling)
      return wrongOf(changes, after, place)
    } catch (error) {
      const waits = error instanceof Refused && mayBeOfOthers(error, telling)
      if (!waits || place.clock.monotonic() >= deadline) throw error
    }
    await place.clock.sleep(AGAIN_MS, { signal })
  }
}

/** It complains of other files than these; and what was good once is not what it complains of. */
function mayBeOfOthers({ complaints }: Refused, { changes, resources }: Telling): boolean {
  if (changes.every(({ cause }) => cause === 'rollback')) return true
  const mine = resources.map(({ spec }) => basename(spec.path))
  return complaints.length > 0 && !complaints.some((line) => mine.some((name) => line.includes(name)))
}

const resourceOf = (change: Change): readonly RuleFileResource[] => {
  const resource: Resource | undefined = 'to' in change ? change.to : change.from
  return resource && isRuleFile(resource) ? [resource] : []
}

/** Stays what it was for a moment: one that is told by a signal takes its time. */
async function afterReload(told: Told, { changes, resources, place, signal }: Telling): Promise<Loaded> {
  const deadline = place.clock.monotonic() + told.withinMs
  for (;;) {
    const loaded = await whenReady(resources, place, { signal })
    const well = loaded.runtime.reloadOk !== false && wrongOf(changes, loaded, place).size === 0
    if (well && told.isOver(loaded.runtime)) return loaded
    if (told.hasFailed(loaded.runtime)) throw await told.refusal()
    if (place.clock.monotonic() >= deadline) {
      if (loaded.runtime.reloadOk === false) throw await told.refusal()
      return loaded
    }
    await place.clock.sleep(POLL_MS, { signal })
  }
}

/** By file; what a rule file says is that it loads all of these groups, and what is pruned that it loads none of them. */
function wrongOf(changes: readonly Change[], loaded: Loaded, place: Place): Wrong {
  return new Map(
    changes.flatMap((change) => {
      const why = whyWrong(change, loaded, place)
      return why === undefined ? [] : [[change.id, why] as const]
    }),
  )
}

function whyWrong(change: Change, loaded: Loaded, place: Place): string | undefined {
  const [resource] = resourceOf(change)
  if (!resource) return wrongKind(change.id)
  const { path } = resource.spec
  const groups = groupsOf(path, loaded)
  if (change.action === 'prune') {
    return groups.length === 0
      ? undefined
      : `Prometheus still has the groups of ${path} loaded: does the file stand there?`
  }
  if (groups.length === 0 && resource.spec.groups.length > 0) {
    return `Prometheus read its configuration again, and nothing of ${path}: its \`rule_files\` must name that path, and it must be able to read it`
  }
  const diffs = ruleFileKind.compare(resource.spec, liveOf(groups, loaded, place))
  const fields = diffs.map((diff) => diff.path).slice(0, 5)
  return diffs.length === 0 ? undefined : `Prometheus has loaded something else from ${path}: ${fields.join(', ')}`
}

async function whenReady(resources: readonly RuleFileResource[], place: Place, options: CallOptions): Promise<Loaded> {
  const deadline = place.clock.monotonic() + READY_MS
  for (;;) {
    try {
      return await readLoaded(resources, place, options)
    } catch (error) {
      const starts = error instanceof ReconcileError && error.reason === 'TargetUnreachable'
      if (!starts || place.clock.monotonic() >= deadline) throw error
    }
    await place.clock.sleep(POLL_MS, options)
  }
}
