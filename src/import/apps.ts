import { isAppName } from '../desired/places.ts'
import type { ImportFile } from '../model/import.ts'

/** Folders of apps that are filled. */
export interface Folders {
  /** A YAML file; of two of one name, the second gets a number. Gives its path. */
  add(app: string, name: string, file: Omit<ImportFile, 'path'>): string
  addFile(app: string, name: string, file: Omit<ImportFile, 'path'>): void
  has(app: string): boolean
  files(): readonly ImportFile[]
}

export function createFolders(): Folders {
  const files = new Map<string, ImportFile>()
  return {
    add: (app, name, file) => {
      for (let number = 1; ; number++) {
        const path = `apps/${app}/${name}${number === 1 ? '' : `-${number}`}.yaml`
        if (files.has(path)) continue
        files.set(path, { path, ...file })
        return path
      }
    },
    addFile: (app, name, file) => {
      const path = `apps/${app}/${name}`
      files.set(path, { path, ...file })
    },
    has: (app) => [...files.keys()].some((path) => path.startsWith(`apps/${app}/`)),
    files: () => [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1)),
  }
}

/** Names on a Swarm may end with a dot or a dash; names of apps may not. */
export function appName(name: string): string {
  if (isAppName(name)) return name
  const trimmed = name.replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '')
  return isAppName(trimmed) ? trimmed : 'imported'
}
