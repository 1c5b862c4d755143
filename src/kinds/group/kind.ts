import type { Kind } from '../../model/kind.ts'
import type { Group } from '../../model/written/group.ts'
import { compareGroup } from './compare.ts'
import { normalizeGroup } from './normalize.ts'
import type { GroupLive, GroupSpec } from './spec.ts'

export const groupKind: Kind<Group, GroupSpec, GroupLive> = {
  name: 'Group',
  rank: 6,
  normalize: normalizeGroup,
  compare: compareGroup,
  asApplied: ({ name, gid = 0 }) => ({ name, gid }),
  suspend: () => undefined,
  stampless: true,
  inert: true,
  inOrder: true,
  keptByDefault: true,
}
