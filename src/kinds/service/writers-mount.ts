import { over, someList, someMap, yes } from './draft.ts'
import { fromOctal } from './go-values.ts'
import type { Mount } from './spec.ts'
import type { WireMount } from './wire.ts'

/** A mount that stays at its target keeps what we do not model, as long as its type stays. */
export function mountsToWire(mounts: readonly Mount[], live: readonly WireMount[]): WireMount[] | undefined {
  return someList(
    mounts.map((mount) =>
      mountToWire(
        mount,
        live.find((one) => one.Target === mount.target && one.Type === mount.type),
      ),
    ),
  )
}

function mountToWire(mount: Mount, live: WireMount | undefined): WireMount {
  return over<WireMount>(live, {
    Type: mount.type,
    Source: mount.source,
    Target: mount.target,
    ReadOnly: yes(mount.readOnly),
    Consistency: mount.consistency,
    BindOptions: mount.type === 'bind' ? some(bindOptions(mount, live)) : undefined,
    VolumeOptions: mount.type === 'volume' ? some(volumeOptions(mount, live)) : undefined,
    TmpfsOptions: mount.type === 'tmpfs' ? some(tmpfsOptions(mount, live)) : undefined,
  })
}

const some = <T extends object>(value: T): T | undefined => (Object.keys(value).length > 0 ? value : undefined)

function bindOptions(mount: Mount, live: WireMount | undefined): NonNullable<WireMount['BindOptions']> {
  return over(live?.BindOptions, {
    Propagation: mount.propagation,
    NonRecursive: yes(mount.nonRecursive),
    CreateMountpoint: yes(mount.createMountpoint),
    ReadOnlyNonRecursive: yes(mount.readOnlyNonRecursive),
    ReadOnlyForceRecursive: yes(mount.readOnlyForceRecursive),
  })
}

function volumeOptions(mount: Mount, live: WireMount | undefined): NonNullable<WireMount['VolumeOptions']> {
  const driver = over(live?.VolumeOptions?.DriverConfig, { Name: mount.driver, Options: someMap(mount.driverOptions) })
  return over(live?.VolumeOptions, {
    NoCopy: yes(mount.noCopy),
    Labels: someMap(mount.labels),
    DriverConfig: some(driver),
    Subpath: mount.subpath,
  })
}

function tmpfsOptions(mount: Mount, live: WireMount | undefined): NonNullable<WireMount['TmpfsOptions']> {
  return over(live?.TmpfsOptions, {
    SizeBytes: mount.size,
    Mode: mount.mode === undefined ? undefined : fromOctal(mount.mode),
    Options: mount.options?.map((words) => [...words]),
  })
}
