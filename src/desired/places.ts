import type { Place } from './schemas.ts'

export const FLEET_FILE = 'swarmkeeper.yaml'

export interface WhereFrom {
  readonly place: Place
  /** Folder under `apps/`. */
  readonly app: string | undefined
}

/** A path as seen from the root; undefined for what does not stand under it. */
export function fromRoot(path: string, root = ''): string | undefined {
  if (root === '') return path
  return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : undefined
}

/** What a file is by its path; undefined for what is no YAML, hidden (a dot in front of a name), or elsewhere. */
export function whereFrom(fullPath: string, root?: string): WhereFrom | undefined {
  const path = fromRoot(fullPath, root)
  if (path === undefined) return undefined
  if (path === FLEET_FILE) return { place: 'fleet', app: undefined }
  if (!/\.ya?ml$/.test(path) || /(^|\/)\./.test(path)) return undefined
  const [top, app, ...rest] = path.split('/')
  if (top === 'apps' && app !== undefined && rest.length > 0) return { place: 'apps', app }
  if ((top === 'targets' || top === 'policies') && app !== undefined) return { place: top, app: undefined }
  return undefined
}

/** What would stand in a folder that is none: a symlink or a submodule in its place. */
export function whereFromFolder(fullPath: string, root?: string): WhereFrom | undefined {
  const path = fromRoot(fullPath, root)
  if (path === undefined) return undefined
  const [top, app, ...rest] = path.split('/')
  if (top === 'apps' && rest.length === 0 && !app?.startsWith('.')) return { place: 'apps', app }
  return path === 'targets' || path === 'policies' ? { place: path, app: undefined } : undefined
}

/** A YAML file right under apps/: nobody can say which app it belongs to. */
export const isStray = (path: string, root?: string): boolean =>
  /^apps\/[^./][^/]*\.ya?ml$/.test(fromRoot(path, root) ?? '')

/** Names that can stand in labels and ids as they are. */
export const isAppName = (name: string): boolean => /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/.test(name)

export const FOLDER_OF: Readonly<Record<Place, string>> = {
  fleet: FLEET_FILE,
  targets: 'targets/',
  apps: 'a folder of apps/',
  policies: 'policies/',
}
