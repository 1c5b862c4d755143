import type { FieldDiff } from '../../model/live.ts'
import { diffValues } from '../field-diff.ts'
import type { GroupLive, GroupSpec } from './spec.ts'

/** Another number leaves every file of the old one behind: it is another group. */
export const compareGroup = (spec: GroupSpec, live: GroupLive): readonly FieldDiff[] =>
  spec.gid === undefined ? [] : diffValues('/gid', live.gid, spec.gid).map((diff) => ({ ...diff, effect: 'replace' }))
