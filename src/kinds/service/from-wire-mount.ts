import { compact, octal, whole } from './go-values.ts'
import type { Mount, MountType, Texts } from './spec.ts'
import type { Maybe, WireMount } from './wire.ts'

const TYPES: readonly string[] = ['bind', 'volume', 'tmpfs', 'npipe', 'cluster'] satisfies MountType[]

const isType = (text: string): text is MountType => TYPES.includes(text)

const flag = (value: Maybe<boolean>): true | undefined => (value ? true : undefined)

export const someTexts = (texts: Maybe<Texts>): Texts | undefined =>
  texts && Object.keys(texts).length > 0 ? texts : undefined

/** `/data/` is `/data`: whoever wrote it by hand, and the engine, keep the slash. */
export const withoutEnd = (path: Maybe<string>): string | undefined =>
  path && path.length > 1 ? path.replace(/\/+$/, '') || '/' : (path ?? undefined)

export function mountFromWire(wire: WireMount): Mount {
  const type = isType(wire.Type ?? '') ? (wire.Type as MountType) : 'volume'
  return compact<Mount>({
    type,
    source: withoutEnd(wire.Source) || undefined,
    target: withoutEnd(wire.Target) ?? '',
    readOnly: wire.ReadOnly ?? false,
    ...optionsFromWire(wire),
  })
}

type Options = {
  readonly [K in Exclude<keyof Mount, 'type' | 'source' | 'target' | 'readOnly'>]?: Mount[K] | undefined
}

/** Propagation `rprivate` is what the engine takes without being told. */
function optionsFromWire(wire: WireMount): Options {
  const { BindOptions: bind, VolumeOptions: volume, TmpfsOptions: tmpfs } = wire
  return {
    consistency: wire.Consistency && wire.Consistency !== 'default' ? wire.Consistency : undefined,
    propagation: bind?.Propagation && bind.Propagation !== 'rprivate' ? bind.Propagation : undefined,
    nonRecursive: flag(bind?.NonRecursive),
    createMountpoint: flag(bind?.CreateMountpoint),
    readOnlyNonRecursive: flag(bind?.ReadOnlyNonRecursive),
    readOnlyForceRecursive: flag(bind?.ReadOnlyForceRecursive),
    noCopy: flag(volume?.NoCopy),
    labels: someTexts(volume?.Labels),
    driver: volume?.DriverConfig?.Name || undefined,
    driverOptions: someTexts(volume?.DriverConfig?.Options),
    subpath: volume?.Subpath || undefined,
    size: whole(tmpfs?.SizeBytes),
    mode: tmpfs?.Mode ? octal(tmpfs.Mode) : undefined,
    options: tmpfs?.Options && tmpfs.Options.length > 0 ? tmpfs.Options : undefined,
  }
}
