import { getPointer, withPointer } from '../../lib/json-pointer.ts'
import type { Desired } from '../../model/desired.ts'
import { makeId, partsOf } from '../../model/id.ts'
import type { Kinds } from '../../model/kind.ts'
import type { Wanted } from '../../model/resource.ts'
import type { HostDraft } from './draft.ts'
import { type HostFound, keyOf } from './found.ts'

/**
 * `Kind/name` -> why its document does not mean what is there: read back as the engine reads documents, every resource
 * must be there, be nobody's, and not differ. So a plan over it only adopts.
 */
export function proveHostDraft(
  draft: HostDraft,
  desired: Desired,
  context: { readonly found: HostFound; readonly kinds: Kinds },
): ReadonlyMap<string, string> {
  const failures = new Map<string, string>()
  for (const { severity, position, message } of desired.problems) {
    const key = severity === 'error' ? draft.thingAt(position.path, position.line) : undefined
    if (key !== undefined) failures.set(key, message)
  }
  const wanted = [...desired.apps.values()].flatMap((app) => app.wanted)
  for (const one of wanted) {
    const why = differenceOf(one, context)
    if (why !== undefined) failures.set(keyOf({ kind: one.kind, name: partsOf(one.id).name }), why)
  }
  if (failures.size > 0) return failures
  const there = new Set<string>(wanted.map(({ id }) => id))
  const missing = draft.things.filter((thing) => !there.has(makeId({ ...thing, target: context.found.target })))
  return new Map(missing.map((thing) => [keyOf(thing), 'its document was not read']))
}

function differenceOf(
  wanted: Wanted,
  { found, kinds }: { readonly found: HostFound; readonly kinds: Kinds },
): string | undefined {
  const kind = kinds.get(wanted.kind)
  const observed = found.live.of.get(wanted.id)
  if (!kind || observed === undefined || observed.state === 'absent') return 'it would be made anew'
  if (observed.state === 'unknown') return observed.reason
  if (observed.owner.who !== 'nobody') return 'it is somebody’s already'
  let spec: unknown = wanted.spec
  for (const { field } of wanted.handling.ignore) spec = withPointer(spec, field, getPointer(observed.live, field))
  const diffs = kind.compare(spec, observed.live)
  return diffs.length === 0 ? undefined : wordsFor(diffs.map(({ path }) => path))
}

/** What was started before its files were changed is not known: systemd keeps no copy. */
function wordsFor(paths: readonly string[]): string {
  if (paths.every((path) => path === '/program')) {
    return 'its files were changed after it was started, or within the same second, so what it runs with is not known: restart it, and import again'
  }
  const added = paths.filter((path) => /^\/groups\/[^/]+$/.test(path))
  if (added.length === paths.length)
    return 'supervisord runs it in another way than its file says, or not yet; say `supervisorctl update`, and import again'
  return `it would change ${paths.join(', ')}`
}
