import { didYouMean } from '../lib/nearest.ts'
import type { Desired, DesiredApp } from '../model/desired.ts'
import { ReconcileError } from '../model/error.ts'
import type { ResourceId } from '../model/id.ts'

/**
 * What a person asked to adopt, as people type it: whole, or without its target where only one has it; a generation by
 * its own name, or by its document's. What nothing declares cannot be adopted, and is not passed over in silence.
 */
export function adoptedIds(
  asked: readonly string[],
  of: { readonly apps: ReadonlyMap<string, DesiredApp>; readonly addresses: Desired['addresses'] },
): ReadonlySet<ResourceId> {
  if (asked.length === 0) return new Set()
  const names = new Map<string, readonly ResourceId[]>(of.addresses)
  for (const app of of.apps.values()) for (const { id } of app.wanted) names.set(id, [id])
  return new Set(asked.map((text) => adopted(text, names)))
}

function adopted(text: string, names: ReadonlyMap<string, readonly ResourceId[]>): ResourceId {
  const matching = [...names].filter(([name]) => name === text || name.endsWith(`/${text}`))
  const [only, ...others] = new Set(matching.flatMap(([, ids]) => ids))
  if (only === undefined) {
    const short = [...names.keys()].flatMap((name) => [name, name.slice(name.indexOf('/') + 1)])
    throw new ReconcileError('NotFound', {
      message: `nothing declares '${text}', which was to be adopted${didYouMean(text, short)}`,
      todo: 'declare it first: only what a document describes is adopted. `swarmkeeper plan` lists conflicts by id',
    })
  }
  if (others.length === 0) return only
  throw new ReconcileError('Usage', { message: `'${text}' is one of: ${[only, ...others].join(', ')}` })
}
