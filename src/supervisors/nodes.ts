import { lastToldOf, type SupervisedNode, type SupervisorState } from '../model/supervisor.ts'

export interface Remembering {
  /** Of the look before this one. */
  readonly before: SupervisorState | undefined
  /** `nodes` of its document. */
  readonly declared: readonly string[]
  /** ISO time of this look. */
  readonly at: string
}

/** A node that was taken away is not expected for ever; one that is declared is. */
const FORGET_MS = 24 * 3_600_000

/**
 * The nodes that it lists, and those that it should: declared ones, and those that it listed before. Its list is in memory
 * and empty after a restart, until agents reconnect: who is missing in it is unknown, and neither online nor gone.
 *
 *   listed --not listed--> unknown, with what was told last --listed--> listed
 *                          unknown --24 h, not declared--> (forgotten)
 */
export function expectedNodes(
  listed: readonly SupervisedNode[] | undefined,
  { before, declared, at }: Remembering,
): readonly SupervisedNode[] | undefined {
  const known = new Map((before?.nodes ?? []).map((node) => [node.id, node]))
  const nodes = new Map((listed ?? []).map((node) => [node.id, node]))
  for (const id of [...declared, ...known.keys()]) {
    if (!nodes.has(id)) nodes.set(id, { id, status: 'unknown', credentials: 'unknown' })
  }
  const all = [...nodes.values()].flatMap((node) => {
    const last = lastOf(known.get(node.id), before?.at ?? at)
    const unlisted = node.status === 'unknown' && !declared.includes(node.id)
    if (unlisted && isOld(last?.at ?? at, at)) return []
    return [isTold(node) || last === undefined ? node : { ...node, last }]
  })
  return all.length > 0 ? all.sort((a, b) => (a.id < b.id ? -1 : 1)) : undefined
}

const isOld = (then: string, now: string): boolean => Date.parse(now) - Date.parse(then) > FORGET_MS

const isTold = ({ status, logins, credentials }: SupervisedNode): boolean =>
  status !== 'unknown' && logins !== undefined && credentials !== 'unknown'

function lastOf(node: SupervisedNode | undefined, at: string): SupervisedNode['last'] {
  if (node === undefined) return undefined
  if (node.status === 'unknown' && node.last === undefined) return undefined
  return { ...lastToldOf(node), at: node.status === 'unknown' ? (node.last?.at ?? at) : at }
}
