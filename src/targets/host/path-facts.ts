import type { WireStat } from '../../kinds/ownership.ts'
import { sha256Of } from './entry.ts'
import { MOST_BYTES } from './facts-script.ts'

/** What a look says of one thing; `denied`: this user may not see it. */
export type Fact<F> = F | Missing | 'denied'
/** `nowhere`: the folder that it is to stand in is not there either. */
type Missing = 'absent' | 'nowhere'

export interface PathFact {
  readonly stat: WireStat
  /** Seconds since 1970. */
  readonly changed: number
  /** Absent: it is no file. */
  readonly sha256?: string
  readonly base64?: string
}

/** Files that changed while they were read, so that nobody knows where in the answer each begins. */
export class TornError extends Error {}

interface Said {
  readonly path: string
  readonly fact: Fact<PathFact>
  /** A part of the path that is a symlink; also known of what is not there. */
  readonly crosses?: string
}

/** What the script says of one, each part in base64. */
export function readPaths(line: readonly string[]): readonly Said[] {
  const [stats, missing, crossing, sums, sizes, contents] = line.map((part) => Buffer.from(part, 'base64'))
  return factsOf([stats, missing, crossing, sums, sizes].map(answers), contents)
}

/** What `paths` of the script says of many: the parts stand in one, and contents last. @throws TornError */
export function readManyPaths([how, base64 = '']: readonly string[]): readonly Said[] {
  const all = Buffer.from(base64, 'base64')
  const parts: (readonly string[])[] = []
  let at = 0
  while (parts.length < PARTS) {
    const part: string[] = []
    for (let end = all.indexOf(0, at); end > at; end = all.indexOf(0, at)) {
      part.push(all.toString('utf8', at, end))
      at = end + 1
    }
    parts.push(part)
    at += 1
  }
  return factsOf(parts, how === 'content' ? all.subarray(at) : undefined)
}

const PARTS = 5

/** @throws TornError, but not of one file alone */
function factsOf([stats, missing, crossing, sums, sizes]: Parts, contents: Buffer | undefined): readonly Said[] {
  const files = (sizes ?? []).map(sizeOf)
  const sha256 = new Map((sums ?? []).map((sum) => [sum.slice(HEX + 2), sum.slice(0, HEX)]))
  const texts = contents === undefined ? undefined : textsOf(files, { sha256, all: contents })
  const crosses = new Map(pairs(crossing ?? []))
  const isFile = new Set(files.map(({ path }) => path))
  const there = (stats ?? []).map((said) => {
    const { path, changed, stat } = statOf(said)
    if (isFile.has(path) && !sha256.has(path)) return { path, fact: 'denied' as const }
    const sum = sha256.get(path)
    const base64 = sum === EMPTY ? '' : texts?.get(path)?.toString('base64')
    const over = crosses.get(path)
    const fact: PathFact = {
      stat: { ...stat, ...(over === undefined ? {} : { crosses: over }) },
      changed,
      ...(sum === undefined ? {} : { sha256: sum }),
      ...(base64 === undefined ? {} : { base64 }),
    }
    return { path, fact }
  })
  const absent = (missing ?? []).map(missingOf).map(([path, fact]) => {
    const over = crosses.get(path)
    return { path, fact, ...(over === undefined ? {} : { crosses: over }) }
  })
  return [...absent, ...there]
}

const HEX = 64
const EMPTY = sha256Of('')
const EMPTY_PART = Buffer.alloc(0)

type Parts = readonly (readonly string[])[]

/** Each is ended by a NUL. */
function answers(part: Buffer | undefined): readonly string[] {
  return (part ?? EMPTY_PART).toString('utf8').split('\0').slice(0, -1)
}

function pairs(flat: readonly string[]): readonly (readonly [string, string])[] {
  return flat.flatMap((one, at) => (at % 2 === 0 ? [[one, flat[at + 1] ?? ''] as const] : []))
}

function missingOf(said: string): readonly [string, Missing | 'denied'] {
  const [word = ''] = said.split(' ', 1)
  return [said.slice(word.length + 1), word === 'denied' || word === 'nowhere' ? word : 'absent']
}

interface Size {
  readonly path: string
  readonly bytes: number
}

function sizeOf(said: string): Size {
  const at = said.indexOf('|')
  return { path: said.slice(at + 1), bytes: Number(said.slice(0, at)) }
}

function statOf(said: string) {
  const [type = '', owner = '', uid = '', group = '', gid = '', mode = '', changed = '', ...name] = said.split('|')
  return { path: name.join('|'), changed: Number(changed), stat: { type, owner, uid, group, gid, mode } }
}

/** They stand one after the other, each as long as it said it was; the digests tell whether it still was. */
function textsOf(
  files: readonly Size[],
  { sha256, all }: { readonly sha256: ReadonlyMap<string, string>; readonly all: Buffer },
): ReadonlyMap<string, Buffer> {
  const readable = files.filter(({ path }) => sha256.has(path))
  const texts = new Map<string, Buffer>()
  let at = 0
  for (const { path, bytes } of readable) {
    const end = readable.length === 1 ? all.length : at + Math.min(bytes, MOST_BYTES)
    const text = all.subarray(at, end)
    at = end
    if (bytes > MOST_BYTES) continue
    if (readable.length > 1 && sha256Of(text) !== sha256.get(path)) throw new TornError(path)
    texts.set(path, text)
  }
  return texts
}
