import { compact } from '../../kinds/service/go-values.ts'
import { sortMounts } from '../../kinds/service/sort.ts'
import type { Mount, MountType } from '../../kinds/service/spec.ts'
import type { ComposeService, ServiceVolume } from '../model.ts'
import type { ServicePlace } from './service.ts'
import { type Stack, scoped, withNamespace } from './stack.ts'

/** Options that belong to one type of mount, or two. */
const OPTIONS: Readonly<Record<'bind' | 'volume' | 'tmpfs' | 'cluster', readonly MountType[]>> = {
  bind: ['bind', 'npipe'],
  volume: ['volume'],
  tmpfs: ['tmpfs'],
  cluster: ['cluster'],
}

export function mountsOf({ volumes = [] }: ComposeService, place: ServicePlace): readonly Mount[] {
  return sortMounts(volumes.map((volume, index) => mountOf(volume, `${place.pointer}/volumes/${index}`, place)))
}

function mountOf(volume: ServiceVolume, pointer: string, { stack }: ServicePlace): Mount {
  const type = typeOf(volume)
  checkVolume(volume, type, (message) => stack.refuse(pointer, message))
  const { source, target = '', read_only: readOnly = false, consistency } = volume
  const mount: Mount = compact<Mount>({ ...NOTHING, type: type ?? 'volume', source, target, readOnly, consistency })
  if (type === 'bind') return { ...mount, ...propagation(volume) }
  if (type === 'tmpfs') return { ...mount, ...(volume.tmpfs?.size ? { size: volume.tmpfs.size } : {}) }
  if (type === 'npipe' || source === undefined) return mount
  if (type === 'cluster' && source.startsWith('group:')) return mount
  const named = { ...mount, source: volumeName(source, pointer, stack) }
  return type === 'cluster' ? named : { ...named, ...volumeOptions(volume, source, stack) }
}

const NOTHING = {
  propagation: undefined,
  nonRecursive: undefined,
  createMountpoint: undefined,
  readOnlyNonRecursive: undefined,
  readOnlyForceRecursive: undefined,
  noCopy: undefined,
  labels: undefined,
  driver: undefined,
  driverOptions: undefined,
  subpath: undefined,
  size: undefined,
  mode: undefined,
  options: undefined,
}

const TYPES: readonly string[] = ['bind', 'volume', 'tmpfs', 'npipe', 'cluster'] satisfies MountType[]

const typeOf = ({ type = 'volume' }: ServiceVolume): MountType | undefined =>
  TYPES.includes(type) ? (type as MountType) : undefined

function checkVolume(volume: ServiceVolume, type: MountType | undefined, refuse: (message: string) => void): void {
  if (!type) {
    refuse(`'${volume.type}' is not a type of mount: ${TYPES.join(', ')}`)
    return
  }
  for (const [option, types] of Object.entries(OPTIONS)) {
    if (option in volume && !types.includes(type)) refuse(`options '${option}' are not for a mount of type ${type}`)
  }
  if (type === 'tmpfs' && volume.source !== undefined) refuse('a tmpfs has no source')
  if (['bind', 'npipe', 'cluster'].includes(type) && volume.source === undefined) {
    refuse(`a mount of type ${type} needs a source`)
  }
}

/** `rprivate` is what the engine takes without being told. */
function propagation({ bind }: ServiceVolume): { readonly propagation?: string } {
  const written = bind?.propagation
  return written === undefined || written === 'rprivate' ? {} : { propagation: written }
}

function volumeName(key: string, pointer: string, stack: Stack): string {
  const volume = stack.model.volumes[key]
  if (!volume) stack.refuse(pointer, `no volume '${key}' is declared under the top-level 'volumes'`)
  return volume?.name ?? scoped(stack, key)
}

/** An external volume is as it is: it takes no labels and no driver from here. */
function volumeOptions({ volume: own }: ServiceVolume, key: string, stack: Stack): Partial<Mount> {
  const ours = {
    ...(own?.nocopy ? ({ noCopy: true } as const) : {}),
    ...(own?.subpath === undefined ? {} : { subpath: own.subpath }),
  }
  const volume = stack.model.volumes[key]
  if (!volume || volume.external) return ours
  const { driver, driver_opts: options = {} } = volume
  return {
    ...ours,
    labels: withNamespace(stack, volume.labels),
    ...(driver === undefined ? {} : { driver }),
    ...(Object.keys(options).length > 0 ? { driverOptions: options } : {}),
  }
}
