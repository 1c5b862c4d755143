import type { Kind } from '../../model/kind.ts'
import type { User } from '../../model/written/user.ts'
import { compareUser } from './compare.ts'
import { normalizeUser } from './normalize.ts'
import type { UserLive, UserSpec } from './spec.ts'

export const userKind: Kind<User, UserSpec, UserLive> = {
  name: 'User',
  rank: 7,
  normalize: normalizeUser,
  compare: compareUser,
  asApplied: ({ uid = 0, group = '', home = '', shell = '', comment = '', ...spec }) => ({
    name: spec.name,
    uid,
    group,
    groups: spec.groups,
    home,
    shell,
    comment,
    owns: spec.groups,
  }),
  suspend: () => undefined,
  stampless: true,
  inert: true,
  inOrder: true,
  keptByDefault: true,
}
