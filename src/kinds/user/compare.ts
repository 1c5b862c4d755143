import type { FieldDiff } from '../../model/live.ts'
import { diffValues } from '../field-diff.ts'
import type { UserLive, UserSpec } from './spec.ts'

const FIELDS = ['group', 'home', 'shell', 'comment'] as const

/** Only what is declared. Another number leaves every file of the old one behind: it is another user. */
export function compareUser(spec: UserSpec, live: UserLive): readonly FieldDiff[] {
  const changed = FIELDS.flatMap((field) =>
    spec[field] === undefined ? [] : diffValues(`/${field}`, live[field], spec[field]),
  )
  const uid = spec.uid === undefined ? [] : diffValues('/uid', live.uid, spec.uid)
  return [
    ...uid.map((diff) => ({ ...diff, effect: 'replace' as const })),
    ...[...changed, ...diffValues('/groups', live.groups, groupsWanted(spec, live))].map((diff) => ({
      ...diff,
      effect: 'none' as const,
    })),
  ]
}

/** Those that it is in and that are not ours, and those that are declared; sorted. */
export function groupsWanted(spec: UserSpec, live: Pick<UserLive, 'groups' | 'owns'>): readonly string[] {
  const theirs = live.groups.filter((group) => !(live.owns ?? []).includes(group))
  return [...new Set([...theirs, ...spec.groups])].sort()
}
