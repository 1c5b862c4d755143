import type { GroupLive } from './spec.ts'

/** From a line of `getent group`; undefined where it is none. */
export function groupFromWire(line: string): GroupLive | undefined {
  const [name = '', , gid = ''] = line.split(':')
  return name !== '' && /^[0-9]+$/.test(gid) ? { name, gid: Number(gid) } : undefined
}
