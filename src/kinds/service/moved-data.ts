import type { Mount } from './spec.ts'

/** Paths that hold no data of a service: sockets, and what a node makes anew at boot. */
const NOT_DATA = /\.sock$|^\/(proc|sys|dev|run|var\/run|tmp)(\/|$)/

/** Something that outlives the task is written there. An anonymous volume ends with its task. */
export function holdsData(mount: Mount): boolean {
  if (mount.readOnly || mount.source === undefined) return false
  if (mount.type === 'bind') return !NOT_DATA.test(mount.source)
  return mount.type === 'volume' || mount.type === 'cluster'
}

/** Says where the data stays when an existing mount would get another volume (architecture, rule 12). */
export function movedData(wanted: readonly Mount[], live: readonly Mount[]): { readonly data?: string } {
  const texts = live.filter(holdsData).flatMap((old) => {
    const next = wanted.find((mount) => mount.target === old.target)
    const same = next?.type === old.type && next.source === old.source && next.subpath === old.subpath
    return next === undefined || same ? [] : [`the data of ${old.target} stays in ${placeOf(old)}`]
  })
  return texts.length > 0 ? { data: texts.join('; ') } : {}
}

function placeOf(mount: Mount): string {
  const place = mount.type === 'bind' ? `the host path ${mount.source}` : `volume ${mount.source}`
  return mount.subpath === undefined ? place : `${place}, folder ${mount.subpath}`
}
