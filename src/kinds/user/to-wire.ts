import { compareUser, groupsWanted } from './compare.ts'
import type { UserLive, UserSpec } from './spec.ts'

/** The words of `useradd`, or of `usermod` for what differs; undefined: nothing does. */
export function userToWire(spec: UserSpec, live: UserLive | undefined): readonly string[] | undefined {
  if (!live) return ['useradd', ...creation(spec), ...options(spec, spec.groups), '--', spec.name]
  const changed = new Set(compareUser(spec, live).map(({ path }) => path.slice(1)))
  if (changed.size === 0) return undefined
  const fields = Object.fromEntries(Object.entries(spec).filter(([field]) => changed.has(field)))
  const groups = changed.has('groups') ? groupsWanted(spec, live) : undefined
  return ['usermod', ...options(fields, groups), '--', spec.name]
}

const creation = ({ system, uid, group }: UserSpec): readonly string[] => [
  ...(system ? ['--system', '--no-create-home'] : ['--create-home']),
  ...(uid === undefined ? [] : ['--uid', String(uid)]),
  ...(group === undefined ? ['--user-group'] : []),
]

function options(spec: Partial<UserSpec>, groups: readonly string[] | undefined): readonly string[] {
  const { group, home, shell, comment } = spec
  return [
    ...(group === undefined ? [] : ['--gid', group]),
    ...(groups === undefined ? [] : ['--groups', groups.join(',')]),
    ...(home === undefined ? [] : ['-d', home]),
    ...(shell === undefined ? [] : ['--shell', shell]),
    ...(comment === undefined ? [] : ['--comment', comment]),
  ]
}
