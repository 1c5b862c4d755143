import { type PlacedSpec, refusalOfEntry } from '../../kinds/ownership.ts'
import { partsOf, type ResourceId } from '../../model/id.ts'
import type { LiveState } from '../../model/live.ts'
import type { Change } from '../../model/plan.ts'
import type { Wanted } from '../../model/resource.ts'
import type { Unfit } from '../../model/target.ts'
import type { HostFacts } from './facts.ts'

type Making = Change & { readonly to: Wanted }

/**
 * What is to stand in a folder that is not there, and that nothing of this plan makes. What comes after something that
 * runs is let through: that may make the folder itself (`StateDirectory=`).
 */
export function unfounded(changes: readonly Change[], live: LiveState): readonly Unfit[] {
  const making = changes.flatMap((change) => ('to' in change ? [change] : []))
  const made = new Set(making.flatMap(folderMadeBy))
  const planned = new Set(making.map(({ id }) => id))
  const isSettled = (id: ResourceId): boolean =>
    !RUNS.has(partsOf(id).kind) && (planned.has(id) || live.of.get(id)?.state === 'present')
  return making
    .filter(({ action, id }) => action === 'create' && pathFact(id, live) === 'nowhere')
    .filter(({ to }) => to.after.every(isSettled))
    .flatMap(({ id }) => {
      const { target, name } = partsOf(id)
      const folder = name.slice(0, name.lastIndexOf('/'))
      if (made.has(`${target} ${folder}`)) return []
      const message = `there is no folder ${folder} on ${target}: declare it as a Directory`
      return [{ id, message, reason: 'DependencyNotReady' as const }]
    })
}

/**
 * What is to stand behind a symlink (`/var/run/x`, `/bin/x`) is refused before anything is written (SEC-2): found only there,
 * it would look like a symlink that somebody made meanwhile.
 */
export function behindSymlinks(changes: readonly Change[], live: LiveState): readonly Unfit[] {
  return changes.flatMap((change) => {
    const crosses =
      change.action === 'create' ? factsOf(change.id, live)?.crossings?.get(partsOf(change.id).name) : undefined
    if (crosses === undefined || !('to' in change)) return []
    const message = refusalOfEntry(change.to.spec as PlacedSpec, { type: 'other', crosses })
    return message === undefined ? [] : [{ id: change.id, message, reason: 'Conflict' as const }]
  })
}

const RUNS: ReadonlySet<string> = new Set(['Unit', 'Program', 'Job'])

/** Of a target that is no host, or of an offline plan, there are none. */
const factsOf = (id: ResourceId, { facts }: LiveState): Partial<HostFacts> | undefined =>
  facts.get(partsOf(id).target) as Partial<HostFacts> | undefined

const pathFact = (id: ResourceId, live: LiveState) => factsOf(id, live)?.paths?.get(partsOf(id).name)

function folderMadeBy({ id, to }: Making): readonly string[] {
  const { target, kind, name } = partsOf(id)
  if (kind === 'Directory') return [`${target} ${name}`]
  if (kind !== 'User') return []
  const { home = `/home/${name}` } = to.spec as { readonly home?: string }
  return [`${target} ${home}`]
}
