import type { ResourceId } from '../../src/model/id.ts'
import type { FieldDiff } from '../../src/model/live.ts'
import type { Change } from '../../src/model/plan.ts'
import { type Recorded, SPEC_FORMAT, type Wanted } from '../../src/model/resource.ts'

type Of<A extends Change['action']> = Extract<Change, { readonly action: A }>
const common = { cause: 'revision', diffs: [] } as const

export const create = (to: Wanted): Of<'create'> => ({ ...common, action: 'create', id: to.id, to })
export const update = (to: Wanted, diffs: readonly FieldDiff[] = []): Of<'update'> => ({
  ...common,
  action: 'update',
  id: to.id,
  diffs,
  from: undefined,
  to,
})
export const adopt = (to: Wanted): Of<'adopt'> => ({ ...common, action: 'adopt', id: to.id, to })
export const move = (to: Wanted, fromApp: string): Of<'move'> => ({
  ...common,
  action: 'move',
  id: to.id,
  fromApp,
  toApp: to.app,
  to,
})
export const replace = (to: Wanted, ...frees: readonly ResourceId[]): Of<'replace'> => ({
  ...common,
  action: 'replace',
  id: to.id,
  from: undefined,
  to,
  frees,
})
export const prune = (wanted: Wanted): Of<'prune'> => ({
  ...common,
  action: 'prune',
  id: wanted.id,
  from: recordedOf(wanted),
})

/** What the record holds of a resource once it was applied. */
export function recordedOf(wanted: Wanted, state: Recorded['state'] = 'owned'): Recorded {
  const { id, kind, spec, digest, app, handling } = wanted
  return { id, kind, spec, digest, app, handling, format: SPEC_FORMAT, state }
}
