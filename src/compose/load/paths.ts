import { posix } from 'node:path'

/** Of Linux, or of Windows: `C:\data`, `\\server\share\data`. */
export function isAbsolute(path: string): boolean {
  return (
    path.startsWith('/') || /^[a-zA-Z]:[\\/]/.test(path) || /^[\\/]{2}[^\\/.][^\\/]*[\\/][^\\/.][^\\/]*[\\/]/.test(path)
  )
}

/** Behind the folder, without `.` and `..`; as it is where it is absolute on Linux. */
export function absolutePath(folder: string, path: string): string {
  if (path.startsWith('/')) return path
  const joined = posix.join(folder, path)
  return joined.length > 1 ? joined.replace(/\/$/, '') : joined
}
