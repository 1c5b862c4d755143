import { groupBy } from '../../lib/group-by.ts'
import type { Address } from '../../model/kind.ts'
import { findCycles } from './cycles.ts'
import { type Findings, whereIs } from './findings.ts'
import type { Link } from './links.ts'

/** Reports what waits for itself: documents first, then apps whose documents are in order but cross each other. */
export function refuseCycles(links: readonly Link[], findings: Findings): void {
  const inCycle = new Set<string>()
  for (const type of ['after', 'trigger'] as const) {
    const graph = graphOf(
      links.filter((link) => link.type === type),
      addressesOf,
    )
    for (const cycle of findCycles(graph)) for (const app of refuseDocuments(cycle, links, findings)) inCycle.add(app)
  }
  const crossing = links.filter(
    (link) => link.from.app !== link.to.app && !(inCycle.has(link.from.app) && inCycle.has(link.to.app)),
  )
  for (const cycle of findCycles(graphOf(crossing, appsOf))) refuseApps(cycle, crossing, findings)
}

const addressesOf = (link: Link): readonly [Address, Address] => [link.from.address, link.to.address]
const appsOf = (link: Link): readonly [string, string] => [link.from.app, link.to.app]

function graphOf<N extends string>(links: readonly Link[], ends: (link: Link) => readonly [N, N]) {
  const graph = new Map<N, Set<N>>()
  for (const link of links) {
    const [from, to] = ends(link)
    graph.set(from, (graph.get(from) ?? new Set()).add(to))
    if (!graph.has(to)) graph.set(to, new Set())
  }
  return graph
}

/** Says the whole cycle, with positions, in every app that it goes through. */
function refuseDocuments(cycle: readonly Address[], links: readonly Link[], findings: Findings): readonly string[] {
  const steps = stepsOf(cycle, links, addressesOf)
  const [first] = steps
  if (!first) return []
  const names = steps.map((link) => `${link.from.address} (${placeOf(link)})`)
  const message = `these wait for each other: ${[...names, first.from.address].join(' -> ')}`
  const byApp = groupBy(steps, (link) => link.from.app)
  for (const [app, [own]] of byApp) if (own) findings.errorFor(app, own.from.document.position(own.pointer), message)
  return [...byApp.keys()]
}

function refuseApps(cycle: readonly string[], links: readonly Link[], findings: Findings): void {
  const steps = stepsOf(cycle, links, appsOf)
  const names = steps.map(
    (link) => `${link.from.app} (${link.from.address} needs ${link.to.address}, ${placeOf(link)})`,
  )
  const message = `these apps wait for each other: ${[...names, steps[0]?.from.app].join(' -> ')}`
  for (const link of steps) findings.errorFor(link.from.app, link.from.document.position(link.pointer), message)
}

function stepsOf<N extends string>(
  cycle: readonly N[],
  links: readonly Link[],
  ends: (link: Link) => readonly [N, N],
): readonly Link[] {
  return cycle.flatMap((node, index) => {
    const next = cycle[(index + 1) % cycle.length]
    const step = links.find((link) => ends(link)[0] === node && ends(link)[1] === next)
    return step ? [step] : []
  })
}

const placeOf = (link: Link): string => whereIs(link.from.document.position(link.pointer))
