import type { ServiceVolume } from '../model.ts'
import { isNull, type Read, refuse } from './cursor.ts'
import { type Fields, flag, nonZero, pointerTo, text, whole } from './readers.ts'

const LONG: Fields<ServiceVolume> = {
  type: text,
  source: text,
  target: text,
  read_only: flag,
  consistency: text,
  bind: pointerTo<NonNullable<ServiceVolume['bind']>>({ propagation: text }),
  volume: pointerTo<NonNullable<ServiceVolume['volume']>>({ nocopy: flag, subpath: text }),
  tmpfs: pointerTo<NonNullable<ServiceVolume['tmpfs']>>({ size: nonZero(whole) }),
  cluster: pointerTo<NonNullable<ServiceVolume['cluster']>>({}),
}

export const readVolume: Read<ServiceVolume> = (cursor) => {
  const { node } = cursor
  if (isNull(cursor)) return {}
  if (node.type !== 'scalar' || typeof node.value !== 'string') return pointerTo(LONG)(cursor)
  const read = shortVolume(node.value)
  return typeof read === 'string' ? refuse(cursor, `'${node.value}' is not a volume: ${read}`) : read
}

const PROPAGATIONS: readonly string[] = ['rprivate', 'private', 'rshared', 'shared', 'rslave', 'slave']

/**
 * `[source:]target[:options]`, where a single letter before a colon is a drive (docker/cli cli/compose/loader
 * volume.go); what is wrong with it, where it is none. Options that Docker does not know are left out, as there.
 */
function shortVolume(text: string): ServiceVolume | string {
  if (text === '') return 'it is empty'
  if (Buffer.byteLength(text) <= 2) return { type: 'volume', target: text }
  const [first = '', second, options, ...rest] = sections(text)
  if ([first, second, options, ...rest].includes('')) return 'there is nothing between two colons, or at an end'
  if (rest.length > 0) return 'it has too many colons'
  if (second === undefined) return { type: 'volume', target: first }
  const type = isPath(first) ? 'bind' : 'volume'
  return { type, source: first, target: second, ...(options === undefined ? {} : readOptions(options)) }
}

/** Between colons; one behind a single letter belongs to a drive. */
function sections(text: string): readonly string[] {
  const found: string[] = []
  let section = ''
  for (const char of text) {
    if (char !== ':' || /^\p{L}$/u.test(section)) section += char
    else {
      found.push(section)
      section = ''
    }
  }
  return [...found, section]
}

function readOptions(options: string): ServiceVolume {
  let volume: ServiceVolume = {}
  for (const option of options.split(',')) {
    if (option === 'ro') volume = { ...volume, read_only: true }
    else if (option === 'rw') volume = withoutReadOnly(volume)
    else if (option === 'nocopy') volume = { ...volume, volume: { nocopy: true } }
    else if (PROPAGATIONS.includes(option)) volume = { ...volume, bind: { propagation: option } }
  }
  return volume
}

function withoutReadOnly({ read_only: _, ...volume }: ServiceVolume): ServiceVolume {
  return volume
}

const isPath = (source: string): boolean => /^[./~]/.test(source) || /^\\\\/.test(source) || /^\p{L}:/u.test(source)
