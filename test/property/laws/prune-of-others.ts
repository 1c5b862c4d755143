import fc from 'fast-check'
import { createLab, settle } from './lab.ts'
import { check, type Law, parameters } from './law.ts'
import { fleetOf, manyRevisions } from './revisions.ts'

/** Rule 11: no app removes what another app desires; and only a rollback removes what its own app desires. */
export const nobodyPrunesOfOthers: Law = (options) =>
  fc.assert(
    fc.asyncProperty(manyRevisions, async (revisions) => {
      const lab = createLab(options.makeStore)
      for (const revision of revisions) {
        lab.commit(fleetOf(revision))
        await settle(lab)
        const desired = lab.desired()
        for (const { id, by, rollingBack } of lab.removals.splice(0)) {
          const owner = desired.get(id)
          check(owner === undefined || owner === by, () => `${by} removed ${id}, which ${owner} desires`)
          check(owner === undefined || rollingBack, () => `${by} removed ${id}, which it desires itself`)
        }
      }
    }),
    parameters(options),
  )
