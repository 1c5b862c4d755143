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

const RUNS: ReadonlySet<string> = new Set(['Unit', 'Program', 'Job'])

function pathFact(id: ResourceId, { facts }: LiveState) {
  const { target, name } = partsOf(id)
  return (facts.get(target) as HostFacts | undefined)?.paths?.get(name)
}

function folderMadeBy({ id, to }: Making): readonly string[] {
  const { target, kind, name } = partsOf(id)
  if (kind === 'Directory') return [`${target} ${name}`]
  if (kind !== 'User') return []
  const { home = `/home/${name}` } = to.spec as { readonly home?: string }
  return [`${target} ${home}`]
}
