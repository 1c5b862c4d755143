import { groupBy } from '../../lib/group-by.ts'
import type { Address } from '../../model/kind.ts'
import type { Entry } from './catalogue.ts'
import type { Link } from './links.ts'

/**
 * The order that `when` of a job means, as links. A `before` job comes before everything of its app that runs, but for
 * what it needs itself; an `after` job comes after everything, but for what needs it. So what is written always wins,
 * and the links that are added here never close a cycle.
 */
export function jobOrder(entries: readonly Entry[], links: readonly Link[]): readonly Link[] {
  return [...groupBy(entries, (entry) => entry.app).values()].flatMap((app) => {
    const before = beforeLinks(app, links)
    return [...before, ...afterLinks(app, [...links, ...before])]
  })
}

const isJob = (entry: Entry, when: 'before' | 'after'): boolean =>
  entry.kind.job === true && (entry.document.value.when === 'after' ? 'after' : 'before') === when

const runs = (entry: Entry): boolean => entry.kind.inert !== true

function beforeLinks(app: readonly Entry[], links: readonly Link[]): readonly Link[] {
  const jobs = app.filter((entry) => isJob(entry, 'before'))
  const early = reachable(jobs, links, (link) => [link.from, link.to])
  const later = app.filter((entry) => runs(entry) && entry.kind.job !== true && !early.has(entry.address))
  return later.flatMap((from) => jobs.map((to) => orderLink(from, to)))
}

function afterLinks(app: readonly Entry[], links: readonly Link[]): readonly Link[] {
  const jobs = app.filter((entry) => isJob(entry, 'after'))
  const late = reachable(jobs, links, (link) => [link.to, link.from])
  const earlier = app.filter((entry) => runs(entry) && !late.has(entry.address))
  return jobs.flatMap((from) => earlier.map((to) => orderLink(from, to)))
}

const orderLink = (from: Entry, to: Entry): Link => ({ from, to, type: 'after', pointer: '/when' })

/** The entries themselves, and everything that can be reached from them over links that order. */
function reachable(
  from: readonly Entry[],
  links: readonly Link[],
  step: (link: Link) => readonly [Entry, Entry],
): ReadonlySet<Address> {
  const ordering = links.filter((link) => link.type === 'after').map(step)
  const next = groupBy(ordering, ([start]) => start.address)
  const seen = new Set(from.map((entry) => entry.address))
  const todo = [...seen]
  for (let address = todo.pop(); address !== undefined; address = todo.pop()) {
    for (const [, end] of next.get(address) ?? []) {
      if (seen.has(end.address)) continue
      seen.add(end.address)
      todo.push(end.address)
    }
  }
  return seen
}
