import { partsOf, type ResourceId } from '../model/id.ts'
import type { Recorded, Wanted } from '../model/resource.ts'
import type { Look } from './look.ts'

/**
 * What is the same for every app of a look, worked out once: a thousand resources in fifty apps are not gone through fifty
 * times.
 */
const declared = new WeakMap<Look['targets'], WeakMap<readonly Recorded[], readonly Recorded[]>>()
const wanted = new WeakMap<Look['apps'], WantedBy>()

interface WantedBy {
  readonly desired: ReadonlySet<ResourceId>
  readonly everyone: readonly Wanted[]
}

/** The record of targets that are declared. */
export function onDeclared(record: readonly Recorded[], { targets }: Pick<Look, 'targets'>): readonly Recorded[] {
  const known = declared.get(targets) ?? new WeakMap<readonly Recorded[], readonly Recorded[]>()
  declared.set(targets, known)
  const before = known.get(record)
  if (before) return before
  const found = record.filter((entry) => targets.has(partsOf(entry.id).target))
  known.set(record, found)
  return found
}

/** What all apps want, or all but one. */
export function wantedBy({ apps }: Pick<Look, 'apps'>, without: string | undefined): WantedBy {
  const known = without === undefined ? wanted.get(apps) : undefined
  if (known) return known
  const everyone = [...apps.values()].flatMap((app) => (app.app === without ? [] : app.wanted))
  const found = { desired: new Set(everyone.map(({ id }) => id)), everyone }
  if (without === undefined) wanted.set(apps, found)
  return found
}
