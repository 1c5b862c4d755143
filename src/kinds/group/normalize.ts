import type { NormalizeContext, Normalized } from '../../model/kind.ts'
import type { Group } from '../../model/written/group.ts'
import { notRoot } from '../account-name.ts'
import type { GroupSpec } from './spec.ts'

/** @throws NormalizeProblem */
export function normalizeGroup(written: Group, _context: NormalizeContext): Normalized<GroupSpec> {
  const { gid, system = false } = written
  const name = notRoot(written.name, 'group')
  return { name, spec: { name, ...(gid === undefined ? {} : { gid }), system }, uses: [] }
}
