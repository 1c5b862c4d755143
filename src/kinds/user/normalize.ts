import { type NormalizeContext, type Normalized, NormalizeProblem } from '../../model/kind.ts'
import type { User } from '../../model/written/user.ts'
import { notRoot } from '../account-name.ts'
import { hostPath } from '../host-path.ts'
import type { UserSpec } from './spec.ts'

/** @throws NormalizeProblem */
export function normalizeUser(written: User, context: NormalizeContext): Normalized<UserSpec> {
  const { uid, system = false, group, groups = [], home, shell, comment } = written
  const name = notRoot(written.name, 'user')
  if (/\p{Cc}/u.test(comment ?? '')) {
    throw new NormalizeProblem('/comment', 'it has a control character, which useradd refuses')
  }
  const spec: UserSpec = {
    name,
    ...(uid === undefined ? {} : { uid }),
    system,
    ...(group === undefined ? {} : { group }),
    groups: [...new Set(groups)].sort(),
    ...(home === undefined ? {} : { home: hostPath(home, '/home') }),
    ...(shell === undefined ? {} : { shell: hostPath(shell, '/shell') }),
    ...(comment === undefined ? {} : { comment }),
  }
  const named = [...(group === undefined ? [] : [group]), ...spec.groups]
  const uses = [...new Set(named)]
    .map((other) => ({ kind: 'Group', name: other }))
    .filter((other) => context.refer(other.kind, other.name) !== undefined)
  return { name, spec, uses }
}
