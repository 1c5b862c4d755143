/** The part of a commit in memory that a merge looks at. */
interface Mergeable {
  readonly parents: readonly string[]
  readonly blobs: ReadonlyMap<string, Buffer>
  readonly files: ReadonlyMap<string, { readonly oid: string }>
}

type Commits<C> = ReadonlyMap<string, C>

export function historyOf(commits: Commits<Pick<Mergeable, 'parents'>>, commit: string): ReadonlySet<string> {
  const history = new Set<string>()
  for (const waiting = [commit]; waiting.length > 0; ) {
    const id = waiting.pop() ?? ''
    if (history.has(id)) continue
    history.add(id)
    waiting.push(...(commits.get(id)?.parents ?? []))
  }
  return history
}

/** Whole files only: two that changed the same one are in conflict. */
export function mergeFiles<C extends Mergeable>(
  commits: Commits<C>,
  { into, head }: { readonly into: string; readonly head: string },
): { readonly files: Readonly<Record<string, Buffer>> } | { readonly conflicts: readonly string[] } {
  const ours = commits.get(into)
  const theirs = commits.get(head)
  const known = historyOf(commits, into)
  const base = commits.get([...historyOf(commits, head)].find((id) => known.has(id)) ?? '')
  if (!ours || !theirs || !base) return { conflicts: [] }
  const paths = [...new Set([...ours.files.keys(), ...theirs.files.keys()])]
  const oid = (commit: C, path: string): string | undefined => commit.files.get(path)?.oid
  const changed = (commit: C, path: string): boolean => oid(commit, path) !== oid(base, path)
  const conflicts = paths.filter(
    (path) => changed(ours, path) && changed(theirs, path) && oid(ours, path) !== oid(theirs, path),
  )
  if (conflicts.length > 0) return { conflicts }
  const files = paths.flatMap((path) => {
    const side = changed(theirs, path) ? theirs : ours
    const content = side.blobs.get(oid(side, path) ?? '')
    return content ? [[path, content] as const] : []
  })
  return { files: Object.fromEntries(files) }
}

/** Without `after` itself, newest first. */
export function firstParentsOf(
  commits: Commits<Pick<Mergeable, 'parents'>>,
  { before, after }: { readonly before: string; readonly after: string },
): readonly string[] {
  const found: string[] = []
  let id = after === before ? undefined : commits.get(after)?.parents[0]
  while (id !== undefined && id !== before) {
    found.push(id)
    id = commits.get(id)?.parents[0]
  }
  return found
}
