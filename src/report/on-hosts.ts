import { groupBy } from '../lib/group-by.ts'
import { partsOf, type ResourceId } from '../model/id.ts'

/** The same thing on several hosts. */
export interface OnHosts<T> {
  readonly first: T
  readonly ids: readonly ResourceId[]
}

/** What is the same on several hosts is said once; `sayingOf`: all that is said of it beside its id. */
export function onHosts<T extends { readonly id: ResourceId }>(
  items: readonly T[],
  sayingOf: (item: T) => string,
): readonly OnHosts<T>[] {
  const groups = groupBy(items, (item) => `${shortOf(item.id)}\n${sayingOf(item)}`)
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    return first ? [{ first, ids: group.map(({ id }) => id) }] : []
  })
}

/** `app-1/Unit/web.service`, or `Unit/web.service on app-1, app-2` */
export function headOf(ids: readonly ResourceId[]): string {
  const [first, ...others] = ids
  if (first === undefined || others.length === 0) return first ?? ''
  return `${shortOf(first)} on ${ids.map((id) => partsOf(id).target).join(', ')}`
}

export const headsOf = (ids: readonly ResourceId[]): readonly string[] =>
  onHosts(
    ids.map((id) => ({ id })),
    () => '',
  ).map((group) => headOf(group.ids))

const shortOf = (id: ResourceId): string => id.slice(id.indexOf('/') + 1)
