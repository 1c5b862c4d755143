import type { UserLive, WireUser } from './spec.ts'

/** Undefined where the line is none of `getent passwd`. */
export function userFromWire({ passwd, group, groups, record }: WireUser): UserLive | undefined {
  const [name = '', , uid = '', , comment = '', home = '', shell = ''] = passwd.split(':')
  if (name === '' || !/^[0-9]+$/.test(uid)) return undefined
  const others = groups.split(' ').filter((other) => other !== '' && other !== group)
  return {
    name,
    uid: Number(uid),
    group,
    groups: [...new Set(others)].sort(),
    home,
    shell,
    comment,
    ...(record?.groups ? { owns: record.groups } : {}),
  }
}
