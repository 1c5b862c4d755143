import type { FileSpec } from '../../kinds/file/spec.ts'
import type { Clock } from '../../model/clock.ts'
import { messageOf, type Reason, ReconcileError } from '../../model/error.ts'
import { partsOf, type ResourceId } from '../../model/id.ts'
import { isStampless, type Kinds } from '../../model/kind.ts'
import type { Observed } from '../../model/live.ts'
import type { Change, Stage } from '../../model/plan.ts'
import type { Wanted } from '../../model/resource.ts'
import { Sensitive } from '../../model/sensitive.ts'
import type { ApplyOptions, Step, StepNote } from '../../model/target.ts'
import { runScript } from '../../shell/script.ts'
import type { Slots } from '../../shell/slots.ts'
import type { ChangeScript } from './apply-script.ts'
import { artifactsOf, type StockPlace, stockArtifacts } from './artifact-stock.ts'
import { keyOf, type OwnedEntry } from './entry.ts'
import { type Looked, lookAt, type Place } from './look-at.ts'
import { type Outcome, outcomesOf } from './outcomes.ts'
import { removalOf } from './removal.ts'
import { applyScript } from './stage-script.ts'
import { applyProgram } from './supervisord/apply.ts'
import { programClaimOf, programRemovalOf, programWriteOf } from './supervisord/changes.ts'
import { claimOf, writeOf } from './writes.ts'

export interface ApplyPlace extends Place, StockPlace {
  readonly kinds: Kinds
  /** What was seen last, by version; '-' for absent. */
  readonly seen: Map<ResourceId, string>
  readonly clock: Clock
  /** To tell supervisord something. */
  readonly turns: Slots
}

/** Starting twenty units takes its time; systemd bounds each. */
const TIMEOUT_MS = 600_000

/**
 * All changes of a stage in one script. The states of a change, each marked at once (rules 14, 24):
 *
 *   not-run --(right to write, not aborted)--> started --done--> applied
 *                                              started --refused here, or there--> failed
 *                                              started --no word of it came back--> unknown
 */
export async function applyOnHost(stage: Stage, applying: ApplyOptions, place: ApplyPlace): Promise<void> {
  const begun = inOrder(stage.changes, place.kinds)
  const why = await noRight(applying, place)
  if (why) {
    for (const { id } of begun) applying.mark(id, 'not-run', why)
    return
  }
  together(applying, () => {
    for (const { id } of begun) applying.mark(id, 'started')
  })
  const ends = (change: Change, step: Step, note: StepNote) => applying.mark(change.id, step, note)
  try {
    const looked = await lookAt(begun.flatMap(askedBy), place, applying)
    const lacking = await stockArtifacts(artifactsOf(begun), place, applying)
    const scripts: { change: Change; script: ChangeScript }[] = []
    const refused = new Set<ResourceId>()
    for (const change of begun) {
      try {
        const lacks = lacking.get(change.id)
        if (lacks) throw lacks
        refuseAfter(change, refused)
        scripts.push({ change, script: await scriptFor(change, looked, { applying, place }) })
      } catch (error) {
        refused.add(change.id)
        ends(change, 'failed', noteOf(error, applying.signal))
      }
    }
    const [programs, others] = [scripts.filter(isOfSupervisord), scripts.filter((one) => !isOfSupervisord(one))]
    const failed = await run(
      others.map((one) => ({ ...one, script: inTurn(one, others) })),
      applying,
      place,
    )
    for (const { change, script } of programs) {
      if (await runProgram(change, { script, failed }, { applying, place })) continue
      failed.add(change.id)
    }
  } catch (error) {
    // nothing was sent: the look failed
    for (const change of begun) ends(change, 'failed', noteOf(error, applying.signal))
  }
}

const beforeOf = (change: Change): readonly ResourceId[] => ('to' in change ? change.to.after : [])

function refuseAfter(change: Change, refused: ReadonlySet<ResourceId>): void {
  const lacks = beforeOf(change).find((id) => refused.has(id))
  if (lacks !== undefined) {
    throw new ReconcileError('DependencyNotReady', {
      message: `nothing was written: it comes after ${lacks}, which failed`,
    })
  }
}

/** With what it comes after, by place in the script. */
const inTurn = ({ change, script }: Scripted[number], scripts: Scripted): ChangeScript => ({
  ...script,
  after: beforeOf(change).flatMap((id) => {
    const at = scripts.findIndex((one) => one.change.id === id)
    return at < 0 ? [] : [at]
  }),
})

const isOfSupervisord = ({ script }: Scripted[number]): boolean => (script.programs?.length ?? 0) > 0

/** What others need comes first; what goes, goes in the other order. */
function inOrder(changes: readonly Change[], kinds: Kinds): readonly Change[] {
  const rank = ({ id, action }: Change) => (kinds.get(partsOf(id).kind)?.rank ?? 0) * (action === 'prune' ? -1 : 1)
  // what is within a folder goes before it
  const within = (a: Change, b: Change) => (a.action === 'prune' && b.action === 'prune' ? (a.id < b.id ? 1 : -1) : 0)
  return [...changes].sort((a, b) => rank(a) - rank(b) || within(a, b))
}

/** Why nothing may be written there. It is asked once: what comes after a change may not begin without it. */
async function noRight(applying: ApplyOptions, { shell }: Place): Promise<StepNote | undefined> {
  try {
    applying.signal.throwIfAborted()
    await applying.guard()
    if (!shell.root)
      throw new ReconcileError('RootRefused', { message: `${shell.where}: it is only looked at, without root` })
    return undefined
  } catch (error) {
    return noteOf(error, applying.signal)
  }
}

function together({ together }: ApplyOptions, marks: () => void): void {
  if (together) together(marks)
  else marks()
}

function noteOf(error: unknown, signal: AbortSignal): StepNote {
  if (error instanceof ReconcileError) return { reason: error.reason, message: error.message }
  return { reason: signal.aborted ? 'Aborted' : 'TargetRefused', message: messageOf(error) }
}

const askedBy = (change: Change) => [
  { id: change.id, spec: 'to' in change ? change.to.spec : change.from.spec },
  ...(change.action === 'replace' ? change.frees.map((id) => ({ id })) : []),
]

interface Context {
  readonly applying: ApplyOptions
  readonly place: ApplyPlace
}

async function scriptFor(change: Change, looked: Looked, context: Context): Promise<ChangeScript> {
  const { id } = change
  const found = looked.of.get(id)
  refuseForeign(id, found)
  const live = found?.state === 'present' ? found.live : undefined
  switch (change.action) {
    case 'create':
      if (live !== undefined) throw conflict(`${id} is there already, and nobody knows of it`)
      return written(change.to, live, looked, context)
    case 'update':
      requireSame(id, found, context.place)
      return written(change.to, live, looked, context)
    case 'adopt':
    case 'move':
      if (live === undefined) throw changed(id)
      return isProgram(id)
        ? programClaimOf(change.to, live, onHost(looked, context))
        : claimOf({ to: change.to, live }, entryOf(id, looked, context.place))
    case 'replace':
      return replaced(change, looked, context)
    case 'prune':
      requireOurs(id, found, context)
      return removed([id, live, change.from.spec], looked, context)
    case 'unchanged':
      throw new TypeError(`an unchanged resource was applied: ${id}`)
  }
}

const isProgram = (id: ResourceId): boolean => partsOf(id).kind === 'Program'
const onHost = ({ facts }: Looked, { place }: Context) => ({ facts, supervisor: place.supervisor })

async function written(to: Wanted, live: unknown, looked: Looked, context: Context): Promise<ChangeScript> {
  if (isProgram(to.id)) return programWriteOf(to, live, onHost(looked, context))
  return writeOf({ to, live, ...(await contentOf(to, context)) })
}

const removed = ([id, live, spec]: Parameters<typeof removalOf>, looked: Looked, context: Context): ChangeScript =>
  isProgram(id) ? programRemovalOf(id, live, onHost(looked, context)) : removalOf(id, live, spec)

async function replaced(
  change: Change & { readonly action: 'replace' },
  looked: Looked,
  context: Context,
): Promise<ChangeScript> {
  const gone = [...new Set([change.id, ...change.frees])].map((id) => {
    const found = looked.of.get(id)
    refuseForeign(id, found)
    if (id !== change.id || change.to.handling.adopt !== 'converge') requireOurs(id, found, context)
    return removed([id, found?.state === 'present' ? found.live : undefined], looked, context)
  })
  const { intends, checks = [], ...made } = await written(change.to, undefined, looked, context)
  const intend = intends ? [`intend ${intends.key} ${Buffer.from(`${intends.line}\n`).toString('base64')}`] : []
  return {
    ...made,
    first: [...gone.flatMap(({ first, last }) => [...first, ...last]), ...checks, ...intend, ...made.first],
    daemonReload: made.daemonReload || gone.some(({ daemonReload }) => daemonReload),
    programs: [...gone, made].flatMap((script) => script.programs ?? []),
  }
}

function entryOf(id: ResourceId, { facts: { owned } }: Looked, { install }: Place): OwnedEntry | undefined {
  return owned === 'denied' ? undefined : owned.get(keyOf(id))?.find((entry) => entry.install === install)
}

const conflict = (message: string) => new ReconcileError('Conflict', { message })
const changed = (id: ResourceId) =>
  new ReconcileError('VersionConflict', { message: `${id} was changed since it was looked at`, retryable: true })

function refuseForeign(id: ResourceId, found: Observed | undefined): void {
  if (found?.state === 'unknown') throw new ReconcileError('TargetRefused', { message: `${id}: ${found.reason}` })
  if (found?.state !== 'present' || found.owner.who !== 'other') return
  throw conflict(`${id}: it belongs to the install '${found.owner.install}'`)
}

function requireSame(id: ResourceId, found: Observed | undefined, { seen }: ApplyPlace): void {
  if (found?.state !== 'present') throw changed(id)
  const before = seen.get(id)
  if (before !== undefined && before !== found.version) throw changed(id)
}

/** A removal needs a mark of ours; of what cannot carry one, our own record is enough (rule 8). */
function requireOurs(id: ResourceId, found: Observed | undefined, { applying, place }: Context): void {
  if (found?.state !== 'present' || found.owner.who === 'us') return
  const recorded = applying.record.find((one) => one.id === id && one.state !== 'intended')
  if (recorded && isStampless(place.kinds.get(recorded.kind), recorded.spec)) return
  throw conflict(`${id}: it carries no mark of ours, so it is not removed`)
}

/** Of a secret; what an artifact is was brought to the host before. */
async function contentOf({ spec }: Wanted, { applying }: Context) {
  const { content } = spec as Partial<FileSpec>
  const isOpaque = content !== undefined && 'secret' in content
  return isOpaque ? { content: (await applying.reveal(content.secret)).reveal() } : {}
}

type Scripted = readonly { readonly change: Change; readonly script: ChangeScript }[]

/** Returns what was not applied. */
async function run(
  scripts: Scripted,
  applying: ApplyOptions,
  { shell, install, seen }: ApplyPlace,
): Promise<Set<ResourceId>> {
  if (scripts.length === 0) return new Set()
  const steps = scripts.map(({ script }) => script)
  const outcomes = await outcomesFrom(steps, applying, { shell, install })
  const failed = new Set<ResourceId>()
  together(applying, () => {
    for (const [at, { change }] of scripts.entries()) {
      const { step, note } = outcomes[at] ?? { step: 'unknown' as const, note: {} }
      if (step !== 'applied') failed.add(change.id)
      seen.delete(change.id)
      applying.mark(change.id, step, note)
    }
  })
  return failed
}

async function outcomesFrom(
  steps: readonly ChangeScript[],
  { signal }: ApplyOptions,
  { shell, install }: Pick<ApplyPlace, 'shell' | 'install'>,
): Promise<readonly Outcome[]> {
  try {
    const text = new Sensitive(applyScript(install, steps))
    return outcomesOf(await runScript(shell, { text, args: ['apply'] }, { signal, timeoutMs: TIMEOUT_MS }), steps)
  } catch (error) {
    const note = noteOf(error, signal)
    const step = UNSENT.has((note.reason ?? '') as Reason) ? 'failed' : 'unknown'
    return steps.map(() => ({ step, note }))
  }
}

/** One after the other: a bad file is that of one of them. Returns whether it was applied. */
async function runProgram(
  change: Change,
  { script, failed }: { readonly script: ChangeScript; readonly failed: ReadonlySet<ResourceId> },
  { applying, place }: Context,
): Promise<boolean> {
  let outcome: Outcome = { step: 'applied', note: {} }
  try {
    refuseAfter(change, failed)
    for (const step of script.programs ?? []) {
      if (outcome.step === 'applied') outcome = await applyProgram(step, place, { signal: applying.signal })
    }
  } catch (error) {
    outcome = { step: 'failed', note: noteOf(error, applying.signal) }
  }
  place.seen.delete(change.id)
  applying.mark(change.id, outcome.step, outcome.note)
  return outcome.step === 'applied'
}

/** With these no command began. */
const UNSENT: ReadonlySet<Reason> = new Set(['TargetMismatch', 'LoginRefused', 'RootRefused'])
