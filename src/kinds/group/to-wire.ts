import type { GroupSpec } from './spec.ts'

/** The words of `groupadd`. A change of its number is refused, so there is no `groupmod`. */
export const groupToWire = ({ name, gid, system }: GroupSpec): readonly string[] => [
  'groupadd',
  ...(system ? ['--system'] : []),
  ...(gid === undefined ? [] : ['--gid', String(gid)]),
  '--',
  name,
]
