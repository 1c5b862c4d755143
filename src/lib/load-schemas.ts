import { readdirSync, readFileSync } from 'node:fs'

/** schemas/ stands beside both src/ and dist/, so the way to it is the same from here and from its compiled form. */
const FOLDER = new URL('../../schemas/', import.meta.url)

/** The JSON Schemas that the package ships, by file name. */
export function loadSchemas(): ReadonlyMap<string, { readonly [key: string]: unknown }> {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.json'))
  return new Map(names.map((name) => [name, JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'))]))
}
