/** Code points that HFS+ ignores in names: `.g\u200cit` is `.git` there (CVE-2014-9390). */
const HFS_IGNORED = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g

/** Longest path of one file, in characters. */
const LONGEST_PATH = 1024

const hasControls = (text: string) => [...text].some((char) => char < ' ' || char === '\u007f')

/**
 * Why a path of a git tree is not read, or undefined. A tree can be crafted to hold any name (SEC-1, SEC-2, SEC-3), and
 * what is harmless here may be a trap for the machine that the file is sent to.
 */
export function pathRefusal(path: string): string | undefined {
  if (path.length > LONGEST_PATH) return `its path is longer than ${LONGEST_PATH} characters`
  if (path.includes('\ufffd')) return 'its path is not UTF-8'
  if (hasControls(path)) return 'its path holds control characters'
  if (path.includes('\\')) return 'its path holds a backslash'
  if (path.startsWith('/')) return 'its path is absolute'
  return path
    .split('/')
    .map(segmentRefusal)
    .find((why) => why !== undefined)
}

function segmentRefusal(segment: string): string | undefined {
  if (segment === '') return 'its path has an empty part'
  if (segment === '.' || segment === '..') return `its path holds '${segment}'`
  if (isGitFolder(segment)) return "its path names git's own folder"
  return undefined
}

/** `.git` as any file system would read it: case, HFS ignorables, NTFS short names, streams, trailing dots and spaces. */
function isGitFolder(segment: string): boolean {
  const name = segment.replace(HFS_IGNORED, '').toLowerCase()
  const [plain = ''] = name.split(':')
  return /^(\.git|git~\d+)[. ]*$/.test(plain)
}

/** A path as it may be printed: no line breaks, no terminal control, no bidirectional tricks. */
export function printablePath(path: string): string {
  const shown = path.length > LONGEST_PATH ? `${path.slice(0, LONGEST_PATH)}…` : path
  return shown.replace(/[\p{Cc}\p{Cf}]/gu, (char) => `\\u{${char.codePointAt(0)?.toString(16) ?? ''}}`)
}
