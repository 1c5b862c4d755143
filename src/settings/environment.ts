import { didYouMean } from '../lib/nearest.ts'
import { type Schema, SETTINGS_SCHEMA } from './schema.ts'
import type { Fault } from './validate.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export const CONFIG_VARIABLE = 'SWARMKEEPER_CONFIG'
const PREFIX = 'SWARMKEEPER_'

/** One value of the settings that a variable gives. */
interface Given {
  readonly variable: string
  readonly path: readonly string[]
  readonly value: unknown
}

type VariableFault = Fault & { readonly variable: string }

export interface Overlaid {
  /** The written settings, with what the environment says in place of what the file says. */
  readonly written: unknown
  /** JSON pointer -> variable. */
  readonly origins: ReadonlyMap<string, string>
  readonly errors: readonly VariableFault[]
  readonly warnings: readonly VariableFault[]
}

/**
 * Puts `SWARMKEEPER_…` variables over the settings of the file. The name is the path in capitals:
 * `repository.url` is SWARMKEEPER_REPOSITORY_URL. Lists are separated by commas. A secret is the content of its variable,
 * or of the file that the variable with _FILE behind its name names.
 */
export function overlay(written: unknown, env: Environment): Overlaid {
  const errors: VariableFault[] = []
  const warnings: VariableFault[] = []
  const given = new Map<string, Given>()
  for (const [variable, text = ''] of settingsIn(env)) {
    const found = readVariable(variable, text, written)
    const pointer = found ? pointerOf(found) : ''
    const twice = given.get(pointer)
    if (!found)
      warnings.push({ variable, pointer, message: `no setting has this name; it is not read${meant(variable)}` })
    else if (text.trim() === '') errors.push({ variable, pointer, message: 'is set, but empty' })
    else if (twice) errors.push({ variable, pointer, message: `is given by ${twice.variable} as well` })
    else given.set(pointer, found)
  }
  const overlaid = [...given.values()].reduce((whole, { path, value }) => put(whole, path, value), written)
  const origins = new Map([...given].map(([pointer, { variable }]) => [pointer, variable]))
  return { written: overlaid, origins, errors, warnings }
}

const settingsIn = (env: Environment) =>
  Object.entries(env)
    .filter(([variable, text]) => variable.startsWith(PREFIX) && variable !== CONFIG_VARIABLE && text !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))

const meant = (variable: string): string => didYouMean(variable, NAMES)

const pointerOf = ({ path }: Given): string => path.map((key) => `/${key}`).join('')

const upper = (key: string): string => key.replace(/[A-Z]/g, '_$&').toUpperCase()

/** Names that people chose may hold dashes and dots. */
const upperName = (name: string): string => name.replace(/[^A-Za-z0-9]/g, '_').toUpperCase()

/** Settings whose names are known: name without prefix -> path. */
interface Known {
  readonly path: readonly string[]
  readonly schema: Schema
}

const FIXED = new Map(knownIn(SETTINGS_SCHEMA, []).map((known) => [known.path.map(upper).join('_'), known]))
const FIELDS = new Map<string, Known>(
  (itemOf('credentials').oneOf ?? []).flatMap((branch) =>
    Object.entries(branch.properties ?? {}).map(([key, schema]) => [upper(key), { path: [key], schema }]),
  ),
)
const NAMES = [...FIXED.keys()].map((name) => PREFIX + name)

function knownIn(schema: Schema, path: readonly string[]): readonly Known[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, property]) => {
    const here = [...path, key]
    if (typeof property.additionalProperties === 'object') return []
    return property.properties && !property.writeOnly ? knownIn(property, here) : [{ path: here, schema: property }]
  })
}

/** What stands under each name of a map. */
function itemOf(map: 'credentials' | 'secrets'): Schema {
  const item = SETTINGS_SCHEMA.properties?.[map]?.additionalProperties
  return typeof item === 'object' ? item : {}
}

function readVariable(variable: string, text: string, written: unknown): Given | undefined {
  const name = variable.slice(PREFIX.length)
  const known = knownFor(name, written)
  if (known) return { variable, path: known.path, value: valueFor(variable, text, known.schema) }
  const ofFile = name.endsWith('_FILE') ? knownFor(name.slice(0, -'_FILE'.length), written) : undefined
  return ofFile?.schema.writeOnly ? { variable, path: ofFile.path, value: { file: text } } : undefined
}

function knownFor(name: string, written: unknown): Known | undefined {
  const secret = /^SECRETS_(.+?)$/.exec(name)?.[1]
  if (secret !== undefined && !secret.endsWith('_FILE')) {
    return { path: ['secrets', existing(written, 'secrets', secret) ?? secret], schema: itemOf('secrets') }
  }
  const credential = /^CREDENTIALS_(.+)_([A-Z]+)$/.exec(name)
  const field = FIELDS.get(credential?.[2] ?? '')
  const of = credential?.[1] ?? ''
  if (!field) return FIXED.get(name)
  const called = existing(written, 'credentials', of) ?? of.toLowerCase().replaceAll('_', '-')
  return { path: ['credentials', called, ...field.path], schema: field.schema }
}

/** A name that the file uses already and that reads the same in capitals. */
function existing(written: unknown, map: string, name: string): string | undefined {
  const names = (written as Record<string, unknown> | undefined)?.[map]
  return Object.keys(names instanceof Object ? names : {}).find((key) => upperName(key) === name)
}

const BOOLEANS = new Map([
  ['true', true],
  ['false', false],
])

/** A secret stays where it is until it is needed: only the name of its variable is passed on. */
function valueFor(variable: string, text: string, schema: Schema): unknown {
  if (schema.writeOnly) return { env: variable }
  const { type, const: constant } = schema
  if (type === 'array') return text.split(',').map((item) => item.trim())
  if (type === 'integer' && /^\d+$/.test(text.trim())) return Number(text)
  if (constant === true) return text.trim() === 'true' ? true : text
  if (type === 'boolean') return BOOLEANS.get(text.trim()) ?? text
  return text
}

function put(whole: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value
  const object = whole instanceof Object && !Array.isArray(whole) ? whole : {}
  return { ...object, [key]: put((object as Record<string, unknown>)[key], rest, value) }
}
