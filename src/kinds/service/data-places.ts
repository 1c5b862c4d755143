import type { DataPlace } from '../../model/kind.ts'
import { tryParseImage } from '../image-reference.ts'
import { holdsData } from './moved-data.ts'
import type { Mount, ServiceFields } from './spec.ts'

/** By this label the `docker stack` commands know what belongs to a stack. */
const NAMESPACE = 'com.docker.stack.namespace'

type Keeps = Pick<ServiceFields, 'name' | 'labels' | 'mounts'> & { readonly image: string }

/** Every place where a service keeps data: the same program with the same path inside is likely meant to have the same. */
export function dataPlaces({ name, labels, image, mounts }: Keeps): readonly DataPlace[] {
  const stack = labels[NAMESPACE]
  const scoped = stack !== undefined && name.startsWith(`${stack}_`)
  const who = scoped ? name.slice(stack.length + 1) : name
  const program = tryParseImage(image)?.name ?? image
  return mounts.filter(holdsData).map((mount) => ({
    who,
    ...(scoped ? { stack } : {}),
    role: `${program} ${mount.target}`,
    place: placeOf(mount),
    local: mount.type === 'bind' || ((mount.driver ?? 'local') === 'local' && mount.type === 'volume'),
  }))
}

function placeOf(mount: Mount): string {
  const place = mount.type === 'bind' ? `the host path ${mount.source}` : `${mount.source}`
  return mount.subpath === undefined ? place : `${place}, folder ${mount.subpath}`
}
