import { NormalizeProblem } from '../model/kind.ts'

const LONGEST = 4095
/** Of a name in a folder, on every file system that hosts boot from. */
const LONGEST_NAME = 255

const REFUSALS: readonly (readonly [RegExp, string])[] = [
  [/^[^/]/, 'is not absolute'],
  [/[\p{Cc}]/u, 'has a control character'],
  [/(^|\/)\.\.?(\/|$)/, "has '.' or '..' in it"],
  [/\/\//, 'has an empty part between two slashes'],
  [/^\/$/, 'is the root of the host'],
  [/.\/$/, 'ends with a slash'],
]

/** Not files of a disk: what is written there is no content. */
const KERNEL = /^\/(proc|sys|dev)(\/|$)/

/**
 * A path of a host, written in one way only, for it is the name of what stands there (SEC-1, SEC-5). Whether it crosses a
 * symlink is seen on the host.
 * @throws NormalizeProblem
 */
export function hostPath(path: string, pointer = '/path'): string {
  const why = REFUSALS.find(([pattern]) => pattern.test(path))?.[1]
  if (why) throw new NormalizeProblem(pointer, `the path '${printable(path)}' ${why}`)
  if (path.split('/').some((part) => Buffer.byteLength(part) > LONGEST_NAME)) {
    throw new NormalizeProblem(pointer, `a part of the path has more than ${LONGEST_NAME} bytes`)
  }
  if (Buffer.byteLength(path) > LONGEST) throw new NormalizeProblem(pointer, `the path has more than ${LONGEST} bytes`)
  if (KERNEL.test(path))
    throw new NormalizeProblem(pointer, `the path '${path}' is the kernel's: nothing there is a file that stays`)
  return path
}

const printable = (text: string): string => JSON.stringify(text).slice(1, -1)

/** Kinds that stand at a path share those names: there is one thing at each. */
export const PATH_NAMES = 'path'

/** A file that one document of a host alone can write, as people say it. */
export const fileHeld = (path: string): string => `the file ${path}`
