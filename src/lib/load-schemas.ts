import { readdirSync, readFileSync } from 'node:fs'

/** schemas/ stands beside both src/ and dist/, so the way to it is the same from here and from its compiled form. */
const FOLDER = new URL('../../schemas/', import.meta.url)

type Schemas = ReadonlyMap<string, { readonly [key: string]: unknown }>

/** The JSON Schemas that the package ships, by file name. */
export const loadSchemas = (): Schemas => loadFolder(FOLDER)

/** Those of compose files, which are docker/cli's own. */
export const loadComposeSchemas = (): Schemas => loadFolder(new URL('compose/', FOLDER))

function loadFolder(folder: URL): Schemas {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'))
  return new Map(names.map((name) => [name, JSON.parse(readFileSync(new URL(name, folder), 'utf8'))]))
}
