import { compareText } from './findings.ts'

/** A directed graph by names; edges to names outside it are ignored. */
export type Graph<N extends string> = ReadonlyMap<N, ReadonlySet<N>>

/** Cycles that share no node, each from its smallest name on. Empty means: the graph can be put in order. */
export function findCycles<N extends string>(graph: Graph<N>): readonly (readonly N[])[] {
  const cycles: (readonly N[])[] = []
  let rest = peel(graph)
  while (rest.size > 0) {
    const cycle = walkToCycle(rest)
    cycles.push(cycle)
    rest = peel(without(rest, new Set(cycle)))
  }
  return cycles
}

/** Leaves only what lies on a cycle or between two: everything in it leads somewhere. */
function peel<N extends string>(graph: Graph<N>): Graph<N> {
  const ends = [...graph].filter(([, next]) => ![...next].some((node) => graph.has(node))).map(([node]) => node)
  const missing = new Map(
    [...graph].map(([node, next]) => [node, [...next].filter((other) => graph.has(other)).length]),
  )
  const users = reverse(graph)
  const gone = new Set<N>(ends)
  for (let node = ends.pop(); node !== undefined; node = ends.pop()) {
    for (const user of users.get(node) ?? []) {
      const left = (missing.get(user) ?? 0) - 1
      missing.set(user, left)
      if (left > 0 || gone.has(user)) continue
      gone.add(user)
      ends.push(user)
    }
  }
  return without(graph, gone)
}

function reverse<N extends string>(graph: Graph<N>): ReadonlyMap<N, readonly N[]> {
  const users = new Map<N, N[]>()
  for (const [node, next] of graph) for (const other of next) users.set(other, [...(users.get(other) ?? []), node])
  return users
}

const without = <N extends string>(graph: Graph<N>, gone: ReadonlySet<N>): Graph<N> =>
  new Map([...graph].filter(([node]) => !gone.has(node)))

/** Follows the smallest name from the smallest name until a name comes again. */
function walkToCycle<N extends string>(graph: Graph<N>): readonly N[] {
  const path: N[] = []
  let node = smallest(graph.keys())
  while (node !== undefined && !path.includes(node)) {
    path.push(node)
    node = smallest([...(graph.get(node) ?? [])].filter((next) => graph.has(next)))
  }
  const cycle = path.slice(node === undefined ? 0 : path.indexOf(node))
  const first = cycle.indexOf(smallest(cycle) as N)
  return [...cycle.slice(first), ...cycle.slice(0, first)]
}

const smallest = <N extends string>(nodes: Iterable<N>): N | undefined => [...nodes].sort(compareText)[0]
