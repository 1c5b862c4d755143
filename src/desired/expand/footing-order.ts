import { groupBy } from '../../lib/group-by.ts'
import type { Address } from '../../model/kind.ts'
import type { Link } from './links.ts'
import type { Rendered } from './render.ts'

/**
 * What stands on a host comes after what it stands on there, where the same app declares that: a file after its folder, a
 * unit after its program, its files and its user. What is written always wins, and no link that is added closes a cycle.
 */
export function footingOrder(rendered: ReadonlyMap<Address, Rendered>, links: readonly Link[]): readonly Link[] {
  const before = followers(links)
  const groups = groupBy([...rendered.values()], ({ entry }) => `${entry.target} ${entry.app}`)
  return [...groups.values()].flatMap((group) => orderIn(group, before))
}

type Before = Map<Address, Set<Address>>

function followers(links: readonly Link[]): Before {
  const before: Before = new Map()
  for (const { from, to, type } of links) if (type === 'after') add(before, from.address, to.address)
  return before
}

function add(before: Before, from: Address, to: Address): void {
  before.set(from, (before.get(from) ?? new Set()).add(to))
}

function orderIn(group: readonly Rendered[], before: Before): readonly Link[] {
  const byPlace = new Map(group.flatMap((one) => placesOf(one).map((place) => [place, one.entry])))
  if (byPlace.size === 0) return []
  return group.flatMap(({ entry: from, normalized: { spec } }) => {
    const { paths = [], accounts = [] } = from.kind.footing?.(spec) ?? {}
    const places = [
      ...paths.flatMap(withFolders).map((path) => `path ${path}`),
      ...accounts.flatMap((name) => [`User ${name}`, `Group ${name}`]),
    ]
    const under = new Set(places.flatMap((place) => byPlace.get(place) ?? []))
    return [...under].flatMap((to): readonly Link[] => {
      if (to === from || leadsTo(to.address, from.address, before)) return []
      add(before, from.address, to.address)
      return [{ from, to, type: 'after', pointer: '' }]
    })
  })
}

function placesOf({ entry: { kind }, normalized: { name } }: Rendered): readonly string[] {
  const isPlace = kind.names === 'path' || kind.name === 'User' || kind.name === 'Group'
  return name !== undefined && isPlace ? [`${kind.names ?? kind.name} ${name}`] : []
}

/** `/opt/web/bin` -> `/opt`, `/opt/web`, itself */
function withFolders(path: string): readonly string[] {
  const parts = path.split('/').slice(1)
  return parts.map((_, at) => `/${parts.slice(0, at + 1).join('/')}`)
}

function leadsTo(from: Address, to: Address, before: Before): boolean {
  const seen = new Set([from])
  const todo = [from]
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    if (next === to) return true
    for (const address of before.get(next) ?? []) {
      if (seen.has(address)) continue
      seen.add(address)
      todo.push(address)
    }
  }
  return false
}
