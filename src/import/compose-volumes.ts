import type { Mount } from '../kinds/service/spec.ts'
import type { Sections } from './sections.ts'
import { someMap, type Written, yes } from './written.ts'

/** A mount of a service in a compose file: short where that says it all. */
export function volumeWritten(mount: Mount, sections: Sections): Written | string {
  const source = sourceWritten(mount, sections)
  const { type, target, readOnly, propagation, noCopy, subpath, consistency, size } = mount
  const isPlain = [propagation, noCopy, subpath, consistency].every((option) => option === undefined)
  if (isPlain && isShort(type, source, target)) return `${source}:${target}${readOnly ? ':ro' : ''}`
  return {
    type,
    source,
    target,
    read_only: yes(readOnly),
    consistency,
    bind: propagation === undefined ? undefined : { propagation },
    volume: someMap({ nocopy: noCopy && true, subpath }),
    tmpfs: size === undefined ? undefined : { size },
  }
}

/** Volumes are named by their keys; a group of cluster volumes is none. */
function sourceWritten(mount: Mount, sections: Sections): string | undefined {
  const { type, source } = mount
  const isVolume = type === 'volume' || (type === 'cluster' && !source?.startsWith('group:'))
  return isVolume && source !== undefined ? sections.volume(source, mount) : source
}

/** Colons separate, a drive letter has one of its own, and what begins with neither dot nor slash is a volume. */
function isShort(type: Mount['type'], source: string | undefined, target: string): source is string {
  if (source === undefined || `${source}${target}`.includes(':') || source.length < 2) return false
  return type === 'bind' ? source.startsWith('/') : type === 'volume' && /^[a-zA-Z0-9][\w.-]*$/.test(source)
}
