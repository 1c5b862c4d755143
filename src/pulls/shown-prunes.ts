import type { ResourceId } from '../model/id.ts'
import type { Store } from '../model/store.ts'
import type { KeptPull } from './kept-pull.ts'

/** What the plan of the pull request that a commit came from had shown to go (rule 13); undefined where there is none. */
export function shownPrunes(
  commit: string,
  { pulls, store }: { readonly pulls: readonly KeptPull[]; readonly store: Pick<Store, 'fleet'> },
): ReadonlySet<ResourceId> | undefined {
  const { lastResolved } = store.fleet()
  const tree = lastResolved?.commit === commit ? lastResolved.tree : undefined
  const from = pulls.filter((pull) => isFrom(pull, { commit, tree }))
  if (from.length === 0) return undefined
  // What a merge before it had shown may still be on its way.
  const merged = pulls.filter(({ state }) => state === 'merged')
  return new Set([...from, ...merged].flatMap(({ planned }) => planned?.prunes ?? []))
}

/** By the commit that GitHub names, or, where it was not asked yet, by the tree that its merge was to have. */
function isFrom(
  { state, planned, head, mergedAs }: KeptPull,
  { commit, tree }: { readonly commit: string; readonly tree: string | undefined },
): boolean {
  if (planned === undefined || planned.head !== head) return false
  return state === 'merged' ? mergedAs === commit : state === 'open' && tree !== undefined && planned.tree === tree
}
