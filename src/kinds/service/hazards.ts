import type { NormalizeContext } from '../../model/kind.ts'
import { holdsData } from './moved-data.ts'
import type { Mount, ServiceSpec } from './spec.ts'

/** Things that work until the day they lose data: warnings in validate, plan and pull request. */
export function warnOfHazards(
  spec: HazardFields,
  at: {
    readonly pointer: string
    readonly context: Pick<NormalizeContext, 'warn'>
    readonly buildContext: boolean
    /** The data stays where it is: there is nowhere else for the task to go. */
    readonly oneNode?: boolean
  },
): void {
  const warn = (field: string, message: string): void => at.context.warn(`${at.pointer}/${field}`, message)
  if (at.buildContext)
    warn('build_context', 'swarmkeeper does not build images: build and push it before, this line is not used')
  if (spec.mounts.some((mount) => mount.type === 'volume' && mount.source === undefined)) {
    warn('mounts', 'a volume without a name is another, empty one with every new task')
  }
  const volumes = writableVolumes(spec)
  if (volumes.length === 0) return
  const names = volumes.map((mount) => mount.source).join(', ')
  if (spec.update.order === 'start-first') {
    warn('update/order', `with start-first, the old and the new task write ${names} at the same time during an update`)
  }
  if (spec.replicas === 'unmanaged' || (spec.replicas ?? 0) > 1) {
    warn('replicas', `several tasks write ${names} at the same time, or each node has a volume of its own`)
  }
  for (const volume of at.oneNode ? [] : floatingVolumes(spec)) {
    warn(
      'mounts',
      `${volume} is a volume of one node, and nothing keeps the task on that node: on another one it starts empty`,
    )
  }
}

/** What a spec and a live service have in common here. */
type HazardFields = Pick<ServiceSpec, 'mode' | 'replicas' | 'mounts' | 'update' | 'constraints'>

const writableVolumes = (spec: HazardFields): readonly Mount[] =>
  spec.mounts.filter((mount) => mount.type === 'volume' && holdsData(mount))

/** Named writable volumes on a local driver of a service that no constraint keeps on its node. */
export function floatingVolumes(spec: HazardFields): readonly string[] {
  const held = spec.constraints.some((text) => /^node\.(hostname|id|labels\.[^ ]+|ip|role) == /.test(text))
  if (held || spec.mode === 'global') return []
  // A local driver with options mounts something that every node can reach, NFS for instance.
  const local = writableVolumes(spec).filter((mount) => (mount.driver ?? 'local') === 'local' && !mount.driverOptions)
  return local.flatMap((mount) => mount.source ?? [])
}
