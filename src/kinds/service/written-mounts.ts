import { NormalizeProblem } from '../../model/kind.ts'
import type { Service } from '../../model/written/service.ts'
import { bytes, texts } from '../written-values.ts'
import { someTexts, withoutEnd } from './from-wire-mount.ts'
import { compact, fromOctal, octal } from './go-values.ts'
import { sortMounts } from './sort.ts'
import type { Mount, MountType } from './spec.ts'

type WrittenMount = NonNullable<Service['mounts']>[number]
type LongMount = Exclude<WrittenMount, string>

/** Options that belong to one or two types only. */
const OPTIONS: Readonly<Partial<Record<keyof LongMount, readonly MountType[]>>> = {
  propagation: ['bind'],
  nonRecursive: ['bind'],
  createMountpoint: ['bind'],
  readOnlyNonRecursive: ['bind'],
  readOnlyForceRecursive: ['bind'],
  noCopy: ['volume'],
  labels: ['volume'],
  driver: ['volume'],
  driverOptions: ['volume'],
  subpath: ['volume'],
  size: ['tmpfs'],
  mode: ['tmpfs'],
  options: ['tmpfs'],
}

const PROPAGATIONS: readonly string[] = ['rprivate', 'private', 'rshared', 'shared', 'rslave', 'slave']

export function readMounts(written: Service['mounts'], pointer: string): readonly Mount[] {
  const targets = new Set<string>()
  const mounts = (written ?? []).map((mount, index) => {
    const at = `${pointer}/${index}`
    const read = readMount(typeof mount === 'string' ? shortMount(mount, at) : mount, at)
    if (targets.has(read.target)) throw new NormalizeProblem(at, `two mounts at ${read.target}`)
    targets.add(read.target)
    return read
  })
  return sortMounts(mounts)
}

function readMount(written: LongMount, pointer: string): Mount {
  const type = written.type ?? typeOfSource(written.source)
  checkMount(written, type, pointer)
  return compact<Mount>({
    type,
    source: withoutEnd(written.source) || undefined,
    target: withoutEnd(written.target) ?? '',
    readOnly: written.readOnly ?? false,
    propagation: written.propagation === 'rprivate' ? undefined : written.propagation,
    nonRecursive: written.nonRecursive || undefined,
    createMountpoint: written.createMountpoint || undefined,
    readOnlyNonRecursive: written.readOnlyNonRecursive || undefined,
    readOnlyForceRecursive: written.readOnlyForceRecursive || undefined,
    noCopy: written.noCopy || undefined,
    labels: someTexts(texts(written.labels)),
    driver: written.driver || undefined,
    driverOptions: someTexts(texts(written.driverOptions)),
    subpath: written.subpath || undefined,
    size: bytes(written.size, `${pointer}/size`) || undefined,
    mode: written.mode === undefined ? undefined : octal(fromOctal(written.mode)),
    options: written.options?.length ? written.options.map((option) => option.split('=')) : undefined,
  })
}

function typeOfSource(source: string | undefined): MountType {
  if (source === undefined) return 'volume'
  if (source.startsWith('\\\\')) return 'npipe'
  return isHostPath(source) ? 'bind' : 'volume'
}

const isHostPath = (source: string): boolean => source.startsWith('/') || /^[a-zA-Z]:[\\/]/.test(source)

function checkMount(written: LongMount, type: MountType, pointer: string): void {
  const wrong = Object.entries(OPTIONS).find(([key, types]) => key in written && !types.includes(type))
  if (wrong)
    throw new NormalizeProblem(
      `${pointer}/${wrong[0]}`,
      `'${wrong[0]}' is for mounts of type ${wrong[1].join(' or ')}, not ${type}`,
    )
  const { source, target } = written
  if (!isHostPath(target)) throw new NormalizeProblem(`${pointer}/target`, `'${target}' is not an absolute path`)
  if (type === 'bind' && !isHostPath(source ?? '')) {
    throw new NormalizeProblem(pointer, `a bind mount needs an absolute host path, not '${source ?? ''}'`)
  }
  if (type === 'tmpfs' && source) throw new NormalizeProblem(`${pointer}/source`, 'a tmpfs has no source')
  if (type === 'volume' && source?.startsWith('.')) {
    throw new NormalizeProblem(
      pointer,
      `'${source}': a path of the node must be absolute, and files of the repository go into a Config`,
    )
  }
  if ((type === 'npipe' || type === 'cluster') && !source) {
    throw new NormalizeProblem(pointer, `a mount of type ${type} needs a source`)
  }
}

/** `source:target[:options]`, or a target alone; a drive letter keeps its colon. */
function shortMount(text: string, pointer: string): LongMount {
  const [first = '', second, options, ...rest] = text.match(/(?:^[a-zA-Z]:[\\/]|(?<=:)[a-zA-Z]:[\\/])?[^:]+/g) ?? []
  if (rest.length > 0 || text.endsWith(':')) {
    throw new NormalizeProblem(pointer, `'${text}' is not a mount like source:target[:options]`)
  }
  if (second === undefined) return { target: first }
  const mount: LongMount = { source: first, target: second, type: typeOfSource(first) }
  return Object.assign(mount, ...(options?.split(',') ?? []).map((option) => shortOption(option, pointer)))
}

function shortOption(option: string, pointer: string): Partial<LongMount> {
  if (option === 'ro') return { readOnly: true }
  if (option === 'rw') return { readOnly: false }
  if (option === 'nocopy') return { noCopy: true }
  if (PROPAGATIONS.includes(option)) return { propagation: option as NonNullable<LongMount['propagation']> }
  const why = option.toLowerCase() === 'z' ? ': Swarm does not relabel' : '; ro, rw, nocopy or a propagation'
  throw new NormalizeProblem(pointer, `'${option}' is not a mount option of Swarm${why}`)
}
