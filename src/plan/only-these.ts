import type { ResourceId } from '../model/id.ts'
import type { Wanted } from '../model/resource.ts'

/** Some of the resources, in the order that they had among all: what came after another through a third still does. */
export function onlyThese(wanted: readonly Wanted[], ids: ReadonlySet<ResourceId>): readonly Wanted[] {
  const byId = new Map(wanted.map((resource) => [resource.id, resource]))
  const reached = (from: ResourceId, seen: Set<ResourceId>): readonly ResourceId[] => {
    if (seen.has(from)) return []
    seen.add(from)
    return ids.has(from) ? [from] : (byId.get(from)?.after ?? []).flatMap((id) => reached(id, seen))
  }
  return wanted
    .filter((resource) => ids.has(resource.id))
    .map((resource) => {
      const seen = new Set([resource.id])
      return { ...resource, after: resource.after.flatMap((id) => reached(id, seen)) }
    })
}
