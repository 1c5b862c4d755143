import { existsSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { groupBy } from '../lib/group-by.ts'
import type { Clock } from '../model/clock.ts'
import type { DesiredTarget } from '../model/desired.ts'
import type { AskOptions, DoctorFinding } from '../model/engine.ts'
import { messageOf, ReconcileError } from '../model/error.ts'
import { partsOf } from '../model/id.ts'
import type { Attention } from '../model/outcome.ts'
import { formatProblem } from '../model/problem.ts'
import type { Source } from '../model/source.ts'
import type { Target } from '../model/target.ts'
import { TODO_OF } from '../model/todo.ts'
import type { Settings } from '../settings/settings.ts'
import { attentionOf, fleetAttention } from './attention.ts'
import { examineCredentials } from './examine-credentials.ts'
import { orphansOf } from './orphans.ts'
import type { Stores } from './stores.ts'
import type { View } from './view.ts'

export interface Examined {
  readonly settings: Settings
  readonly clock: Clock
  readonly source: Source
  readonly stores: Stores
  look<T>(body: (view: View) => T | Promise<T>): Promise<T>
  /** Of what lies beyond the engine: GitHub, chats. */
  examineReports?(ask: AskOptions): Promise<readonly DoctorFinding[]>
  /** Of the targets that are only asked what they know. */
  examineSupervisors?(targets: readonly DesiredTarget[], ask: AskOptions): Promise<readonly DoctorFinding[]>
}

const MIN_FREE_BYTES = 200 * 1024 * 1024

/** A clock may be so far off before somebody is told. */
const MAX_SKEW_MS = 5_000

/** Asks everything that a run would lean on, and says what to do about what is wrong, or waits for a person. */
export async function examine(of: Examined, ask: AskOptions): Promise<readonly DoctorFinding[]> {
  const repository = await examineRepository(of, ask)
  const fleet = await examineFleet(of, ask, repository.level === 'error')
  const settings = { subject: 'settings', level: 'ok', message: `install '${of.settings.install}'` } as const
  const credentials = await examineCredentials(of.settings, ask)
  const reports = (await of.examineReports?.(ask)) ?? []
  const local = [...(await examineDatabase(of)), examineDisk(of.settings)]
  return [settings, ...credentials, repository, ...fleet, ...reports, ...local]
}

async function examineRepository({ settings, source }: Examined, { signal }: AskOptions): Promise<DoctorFinding> {
  const subject = 'repository'
  try {
    const { commit } = await source.resolve({ signal })
    const { url, branch } = settings.repository
    return { subject, level: 'ok', message: `${url}, ${branch} at ${commit.slice(0, 12)}` }
  } catch (error) {
    return found(subject, error)
  }
}

/** By its last known state, where the repository cannot be read: that was said already. */
async function examineFleet(of: Examined, ask: AskOptions, stale: boolean): Promise<readonly DoctorFinding[]> {
  try {
    return await of.look(async (view) => [
      ...documentsOf(view),
      ...(
        await Promise.all([...view.look.targets.values()].map((target) => examineTarget(target, view, { of, ask })))
      ).flat(),
      ...((await of.examineSupervisors?.(view.look.desired.targets, ask)) ?? []),
      ...namesakesIn(view),
      ...attentionIn(view),
    ])
  } catch (error) {
    ask.signal.throwIfAborted()
    const ofSettings = error instanceof ReconcileError && error.reason === 'InvalidSettings'
    return stale ? [] : [found(ofSettings ? 'settings' : 'targets', error)]
  }
}

function documentsOf({ look }: View): readonly DoctorFinding[] {
  const subject = 'documents'
  const [first, ...more] = look.desired.problems.filter((problem) => problem.severity === 'error')
  if (!first) return [{ subject, level: 'ok', message: 'all valid' }]
  const rest = more.length === 0 ? '' : `, and ${more.length} more`
  return [{ subject, level: 'error', message: `${formatProblem(first)}${rest}`, todo: TODO_OF.InvalidDesired }]
}

async function examineTarget(
  target: Target,
  { look }: View,
  { of, ask }: { readonly of: Examined; readonly ask: AskOptions },
): Promise<readonly DoctorFinding[]> {
  const subject = `target ${target.name}`
  const message = look.live.unreachable.get(target.name)
  if (message !== undefined) {
    const todo = look.live.todos.get(target.name) ?? TODO_OF.TargetUnreachable
    return [{ subject, level: 'error', message, todo }]
  }
  return [
    { subject, level: 'ok', message: 'answers' },
    ...(await examineClock(target, of, ask)),
    ...(await examineItself(target, ask)),
  ]
}

/** Under two names a target is written to as two: each takes the other's record, and what only the other declares, for its own. */
function namesakesIn({ look: { identities } }: View): readonly DoctorFinding[] {
  const byIdentity = groupBy([...identities], ([, identity]) => identity)
  return [...byIdentity].flatMap(([identity, same]): readonly DoctorFinding[] => {
    const names = same.map(([name]) => name).sort()
    if (names.length < 2) return []
    const message = `${names.join(' and ')} are the same one, by its identity ${identity}`
    const todo =
      'declare it once; machines that were copied need an identity each: `rm /etc/machine-id; systemd-machine-id-setup` there'
    return [{ subject: 'targets', level: 'error', message, todo }]
  })
}

async function examineItself(target: Target, ask: AskOptions): Promise<readonly DoctorFinding[]> {
  try {
    const findings = (await target.examine?.(ask)) ?? []
    return findings.map((one) => ({ ...one, subject: `${one.subject} of ${target.name}` }))
  } catch (error) {
    ask.signal.throwIfAborted()
    return [found(`target ${target.name}`, error)]
  }
}

/** Their time against the middle of our question: half of the way there is the best guess of when they looked. */
async function examineClock(target: Target, { clock }: Examined, ask: AskOptions): Promise<readonly DoctorFinding[]> {
  if (!target.time) return []
  const subject = `clock of ${target.name}`
  try {
    const asked = clock.now().getTime()
    const theirs = (await target.time(ask)).getTime()
    const took = clock.now().getTime() - asked
    const skew = theirs - (asked + took / 2)
    if (Number.isNaN(skew)) return [{ subject, level: 'warning', message: 'it does not tell its time', todo: NTP }]
    const seconds = (Math.abs(skew) / 1000).toFixed(1)
    if (Math.abs(skew) - took / 2 <= MAX_SKEW_MS) return [{ subject, level: 'ok', message: `${seconds} s off ours` }]
    const message = `${seconds} s ${skew > 0 ? 'ahead of' : 'behind'} the clock of this machine`
    return [{ subject, level: 'warning', message, todo: NTP }]
  } catch (error) {
    ask.signal.throwIfAborted()
    return [found(subject, error)]
  }
}

const NTP = 'set both by NTP: bakes and suspensions end by the clock here, logs are stamped by the clock there'

/** What waits for a person, and what a person decided: it keeps the fleet from what the repository declares. */
function attentionIn(view: View): readonly DoctorFinding[] {
  const frozen = view.store.fleet().frozen !== undefined
  const fleet = fleetAttention(view)
  const said = new Set(fleet.map((one) => one.message))
  const apps = view.planned.flatMap((planned) =>
    attentionOf(planned, view)
      .filter((one) => !said.has(one.message))
      .map((one) => findingOf(`app ${planned.app}`, 'warning', one)),
  )
  const findings = [
    ...fleet.map((one, index) => findingOf('fleet', frozen && index === 0 ? 'warning' : 'error', one)),
    ...apps,
    ...orphansOf(view.store, view.look).map(({ id }): DoctorFinding => {
      const message = `${id}: ours, but its target is not declared any more`
      return {
        subject: 'orphan',
        level: 'warning',
        message,
        todo: `declare its target again: then it is pruned, or kept; or let go of it: swarmkeeper forget ${partsOf(id).target}`,
      }
    }),
  ]
  const message = `${view.planned.length}, none waits for a person`
  return findings.length > 0 ? findings : [{ subject: 'apps', level: 'ok', message }]
}

const findingOf = (subject: string, level: DoctorFinding['level'], { message, todo }: Attention): DoctorFinding => ({
  subject,
  level,
  message,
  ...(todo === undefined ? {} : { todo }),
})

async function examineDatabase({ settings, stores }: Examined): Promise<readonly DoctorFinding[]> {
  const subject = 'database'
  if (!existsSync(settings.database)) {
    return [{ subject, level: 'ok', message: `${settings.database}, not there yet: the first apply makes it` }]
  }
  try {
    return await stores.reading(async (store) => [
      { subject, level: 'ok', message: `${settings.database}, ${store.record().length} resources in the record` },
    ])
  } catch (error) {
    return [found(subject, error)]
  }
}

function examineDisk({ database }: Settings): DoctorFinding {
  const subject = 'disk'
  try {
    const { bavail, bsize } = statfsSync(dirname(database))
    const megabytes = Math.floor((bavail * bsize) / 1024 / 1024)
    if (bavail * bsize >= MIN_FREE_BYTES) return { subject, level: 'ok', message: `${megabytes} MiB free` }
    return { subject, level: 'warning', message: `${megabytes} MiB free beside the database`, todo: 'make room' }
  } catch (error) {
    return found(subject, error)
  }
}

function found(subject: string, error: unknown): DoctorFinding {
  const todo = error instanceof ReconcileError ? { todo: error.todo } : {}
  return { subject, level: 'error', message: messageOf(error), ...todo }
}
