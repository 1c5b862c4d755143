import { groupBy } from '../lib/group-by.ts'
import { type AppPlan, commandOf, type FleetPlan } from '../model/outcome.ts'
import type { Change } from '../model/plan.ts'
import { visibleChanges } from './count-changes.ts'
import { disturbance } from './describe-change.ts'
import { code, shortCell } from './markdown.ts'
import { headsOf } from './on-hosts.ts'
import { shorten } from './printable.ts'
import { lostTargets, withoutLost } from './unknowns.ts'

/** What nobody should merge without having seen it: said in sentences, above the diffs. */
/** `most`: lines below each heading. */
export function planNotes(plan: FleetPlan, most: number): readonly string[] {
  const section = (title: string, lines: readonly string[]): readonly string[] => sectionOf(title, lines, most)
  const sections = [
    section('Blocked for its data', dataNotes(plan.apps)),
    section('No way back', irreversible(plan.apps)),
    section('Removed and created again', disturbed(plan.apps, 'removed and created again')),
    section('Restarts', disturbed(plan.apps, 'restarts')),
    section('Jobs that run', disturbed(plan.apps, 'runs')),
    section('Removed', removed(plan.apps)),
    section('Guards that would wait for a person', guardNotes(plan.apps)),
    section('Would wait', waitingNotes(plan.apps)),
    section('Cannot be known now', unknownNotes(plan)),
  ]
  return sections.flat()
}

const LONGEST_LINE = 200

function sectionOf(title: string, lines: readonly string[], most: number): readonly string[] {
  if (lines.length === 0) return []
  const shown = lines.slice(0, most)
  const more = lines.length > shown.length ? [`- and ${lines.length - shown.length} more`] : []
  return ['', `**${title}:**`, ...shown.map((line) => `- ${line}`), ...more]
}

const said = (text: string): string => shortCell(text, LONGEST_LINE)

const changesIn = (apps: readonly AppPlan[]): readonly Change[] => apps.flatMap(({ plan }) => visibleChanges(plan))

function disturbed(apps: readonly AppPlan[], word: string): readonly string[] {
  const ids = changesIn(apps).flatMap((change) => (disturbance(change) === word ? [change.id] : []))
  return headsOf(ids).map(said)
}

const removed = (apps: readonly AppPlan[]): readonly string[] =>
  headsOf(changesIn(apps).flatMap((change) => (change.action === 'prune' ? [change.id] : []))).map(said)

/** Changes after which a failure is not rolled back (rules 12, 17). */
function irreversible(apps: readonly AppPlan[]): readonly string[] {
  return changesIn(apps).flatMap((change) => {
    const why = whyNoWayBack(change)
    return why === undefined ? [] : [`${said(change.id)}: ${why}`]
  })
}

function whyNoWayBack(change: Change): string | undefined {
  if (!('to' in change) || change.action === 'adopt' || change.action === 'move' || change.cause === 'drift')
    return undefined
  const { spec, handling } = change.to
  if (isFields(spec) && spec.irreversible === true)
    return 'it is irreversible; past it, a failure is held and not rolled back'
  if (handling.rollback === 'hold') return 'it says <code>rollback: hold</code>: a failure is held and not rolled back'
  if (handling.rollback === 'app' || change.action === 'create' || !isFields(spec)) return undefined
  const image = change.diffs.some(({ path }) => path.startsWith('/image'))
  return image && keepsData(spec)
    ? 'a new image and a writable volume: a failure is held and not rolled back, for the old program may not read the new data'
    : undefined
}

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const keepsData = ({ mounts }: Fields): boolean =>
  Array.isArray(mounts) &&
  mounts.some(
    (mount) => isFields(mount) && (mount.type === 'volume' || mount.type === 'bind') && mount.readOnly !== true,
  )

function dataNotes(apps: readonly AppPlan[]): readonly string[] {
  const held = apps.flatMap(({ plan }) => plan.held.filter(({ why }) => why === 'data'))
  const diffs = changesIn(apps).flatMap(({ id, diffs: all }) =>
    all.flatMap(({ data }) => (data === undefined ? [] : [`${said(id)}: ${said(data)}`])),
  )
  return [...held.map(({ id, message }) => `${said(id)}: ${said(message)}`), ...diffs]
}

/** The same guard may hold several apps. */
function guardNotes(apps: readonly AppPlan[]): readonly string[] {
  const all = apps.flatMap(({ app, guards }) => guards.map((guard) => ({ app, guard })))
  return [...groupBy(all, ({ guard }) => guard.name).values()].flatMap((same) => {
    const [first] = same
    if (!first) return []
    const names = same.map(({ app }) => app).join(', ')
    return [
      `${said(names)}: ${said(first.guard.message)}; after the merge: ${code(shorten(commandOf(first.guard), LONGEST_LINE))}`,
    ]
  })
}

const WAITS: ReadonlySet<string> = new Set(['conflict', 'dependency', 'image', 'stalled'])

function waitingNotes(apps: readonly AppPlan[]): readonly string[] {
  const held = apps.flatMap(({ plan }) => plan.held.filter(({ why }) => WAITS.has(why)))
  const unfit = apps.flatMap((app) => app.unfit.filter(({ comesAfter }) => comesAfter === undefined))
  return [...unfit, ...held].map(({ id, message }) => `${said(id)}: ${said(message)}`)
}

function unknownNotes({ apps, stale }: FleetPlan): readonly string[] {
  const plans = apps.map(({ plan }) => plan)
  const lost = lostTargets(plans)
  const rest = plans.flatMap(({ held }) => withoutLost(held, lost).filter(({ why }) => why === 'unknown'))
  const alike = [...groupBy(rest, ({ message }) => message)]
  return [
    ...(stale ? ['the repository did not answer: this is its last known state'] : []),
    ...lost.map(({ target, message, ids }) => `all ${ids.size} resources on ${said(target)}: ${said(message)}`),
    ...alike.map(([message, held]) => `${said(headsOf(held.map(({ id }) => id)).join(', '))}: ${said(message)}`),
  ]
}
