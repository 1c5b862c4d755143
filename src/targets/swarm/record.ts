import type { WireLabels } from '../../kinds/labels.ts'
import { canonicalJson } from '../../model/digest.ts'
import { ReconcileError } from '../../model/error.ts'
import type { AppMark, TargetRecord } from '../../model/target.ts'

/**
 * The target's own record is a config object, `swarmkeeper-<install>`: its labels can be changed, under its version
 * index, and hold the state, a JSON text per app; its data can not, and holds a note for whoever finds it.
 *
 *   swarmkeeper.record           version of this format
 *   swarmkeeper.key              by which the operator's key is known again: a MAC of a constant
 *   swarmkeeper.app.<app>        AppMark; longer texts go on in `…#1`, `…#2`
 *   swarmkeeper.unstamped.<app>  id -> digest of what carries no stamp; likewise
 *   swarmkeeper.lease.*          the right to write (see lease.ts)
 */
const FORMAT_LABEL = 'swarmkeeper.record'
const FORMAT = '1'
const APP = 'swarmkeeper.app.'
const UNSTAMPED = 'swarmkeeper.unstamped.'
const KEY_LABEL = 'swarmkeeper.key'
const RECORD_LABELS = [FORMAT_LABEL, KEY_LABEL, APP, UNSTAMPED]

const PART_LENGTH = 30_000
/** Swarm takes 1.4 MB in one object; raft messages and every listing carry it. */
const MOST_LENGTH = 900_000

export const recordName = (install: string): string => `swarmkeeper-${install}`

export const RECORD_NOTE =
  'swarmkeeper keeps its record of what it owns in the labels of this object: do not remove it.\n'

const isOfRecord = (label: string): boolean => RECORD_LABELS.some((prefix) => label.startsWith(prefix))

/** Undefined where the object holds no record yet: somebody only took the lease. */
export function readRecord(install: string, labels: WireLabels): TargetRecord | undefined {
  const format = labels?.[FORMAT_LABEL]
  if (format === undefined) return undefined
  if (format !== FORMAT) throw unreadable(install, `its format is ${format}; this program reads ${FORMAT}`)
  try {
    const apps = [...joined(labels, APP)].map(([app, text]) => [app, JSON.parse(text) as AppMark])
    const unstamped = [...joined(labels, UNSTAMPED)].flatMap(([app, text]) =>
      Object.entries(JSON.parse(text) as Record<string, string>).map(([id, digest]) => [id, { app, digest }]),
    )
    const key = labels?.[KEY_LABEL]
    const known = { apps: Object.fromEntries(apps), unstamped: Object.fromEntries(unstamped) }
    return { install, ...(key === undefined ? {} : { key }), ...known }
  } catch (error) {
    throw unreadable(install, 'its labels are not the JSON that was written', error)
  }
}

/** All labels that the object shall have: the record's new, others (the lease) as they are. */
export function labelsWithRecord(record: TargetRecord, labels: WireLabels): Record<string, string> {
  const others = Object.entries(labels ?? {}).filter(([key]) => !isOfRecord(key))
  const next = { ...Object.fromEntries(others), ...recordLabels(record) }
  const length = JSON.stringify(next).length
  if (length <= MOST_LENGTH) return next
  throw new ReconcileError('TargetRefused', {
    message: `the record of ${record.install} would be ${length} characters long; a Swarm object holds ${MOST_LENGTH}`,
    todo: 'divide the fleet over two installs',
  })
}

function recordLabels({ key, apps, unstamped }: TargetRecord): Record<string, string> {
  const byApp = new Map<string, Record<string, string>>()
  for (const [id, { app, digest }] of Object.entries(unstamped)) byApp.set(app, { ...byApp.get(app), [id]: digest })
  return Object.fromEntries([
    [FORMAT_LABEL, FORMAT],
    ...(key === undefined ? [] : [[KEY_LABEL, key] as const]),
    ...Object.entries(apps).flatMap(([app, mark]) => parts(APP + encodeURIComponent(app), canonicalJson(mark))),
    ...[...byApp].flatMap(([app, ids]) => parts(UNSTAMPED + encodeURIComponent(app), canonicalJson(ids))),
  ])
}

function parts(label: string, text: string): [string, string][] {
  const count = Math.ceil(text.length / PART_LENGTH)
  return Array.from({ length: count }, (_, index) => [
    index === 0 ? label : `${label}#${index}`,
    text.slice(index * PART_LENGTH, (index + 1) * PART_LENGTH),
  ])
}

/** Texts by app, their parts put together again; an encoded app holds no `#`. */
function joined(labels: WireLabels, prefix: string): ReadonlyMap<string, string> {
  const texts = new Map<string, string>()
  for (const label of Object.keys(labels ?? {})) {
    if (!label.startsWith(prefix) || label.includes('#')) continue
    let text = ''
    for (let index = 0, part = labels?.[label]; part !== undefined; index += 1, part = labels?.[`${label}#${index}`]) {
      text += part
    }
    texts.set(decodeURIComponent(label.slice(prefix.length)), text)
  }
  return texts
}

function unreadable(install: string, why: string, cause?: unknown): ReconcileError {
  return new ReconcileError('RecordDisagrees', {
    message: `the record in the config object ${recordName(install)} cannot be read: ${why}`,
    todo: 'use the version of swarmkeeper that wrote it; if nobody can, remove the object and run `swarmkeeper rebuild`',
    cause,
  })
}
