import { NormalizeProblem } from '../../model/kind.ts'
import type { Document, RepositoryFiles } from '../document.ts'
import { type Catalogue, resolveReference } from './catalogue.ts'
import type { Findings } from './findings.ts'
import { readRepositoryFile } from './repository-file.ts'
import { chooseTarget, type Targets } from './targets.ts'

interface Context {
  readonly catalogue: Catalogue
  readonly targets: Targets
  readonly files: RepositoryFiles
  readonly findings: Findings
}

interface Reference {
  readonly pointer: string
  /** `Kind/name`, as references are written. */
  readonly written: string
}

/** What documents with errors refer to is looked up all the same: all mistakes at once, and not one after the other. */
export function checkUnusable(documents: readonly Document[], context: Context): void {
  for (const document of documents) {
    if (document.app === undefined) continue
    for (const reference of referencesIn(document)) checkReference(document, reference, context)
    for (const [pointer, path] of pathsIn(document)) checkFile(document, { pointer, path }, context)
  }
}

function checkReference(document: Document, { pointer, written }: Reference, context: Context): void {
  const { catalogue, findings, targets } = context
  const chosen = chooseTarget(document.value.target, targets)
  const target = 'target' in chosen ? chosen.target : undefined
  const found = resolveReference(written, { target }, catalogue)
  if ('problem' in found) findings.error(document, pointer, found.problem)
}

function checkFile(
  document: Document,
  { pointer, path }: { readonly pointer: string; readonly path: string },
  { files, findings }: Context,
): void {
  try {
    readRepositoryFile(path, pointer, { document, files })
  } catch (error) {
    if (!(error instanceof NormalizeProblem)) throw error
    findings.error(document, error.pointer, error.message)
  }
}

type Value = Readonly<Record<string, unknown>>

const asMap = (value: unknown): Value =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Value) : {}
const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** Where a kind keeps what a service is: of these no type is certain here. */
const SERVICE_IN: ReadonlyMap<string, string> = new Map([
  ['Service', ''],
  ['Job', '/service'],
])

function serviceIn(document: Document): { readonly base: string; readonly service: Value } | undefined {
  const base = SERVICE_IN.get(document.kind)
  if (base === undefined) return undefined
  return { base, service: base === '' ? document.value : asMap(document.value.service) }
}

function referencesIn(document: Document): readonly Reference[] {
  const own = serviceIn(document)
  const listed = [
    ...texts(asMap(document.value.keeper).dependsOn, '/keeper/dependsOn'),
    ...texts(document.value.triggers, '/triggers'),
  ].map(([pointer, written]) => ({ pointer, written }))
  if (!own) return listed
  const { base, service } = own
  return [
    ...listed,
    ...named('Secret', service.secrets, `${base}/secrets`),
    ...named('Config', service.configs, `${base}/configs`),
    ...named('Network', service.networks, `${base}/networks`).filter(({ written }) => !PREDEFINED.includes(written)),
  ]
}

const PREDEFINED: readonly string[] = ['Network/host', 'Network/bridge']

function texts(value: unknown, pointer: string): readonly (readonly [string, string])[] {
  return asList(value).flatMap((item, index) =>
    typeof item === 'string' ? [[`${pointer}/${index}`, item] as const] : [],
  )
}

/** A list of names, or of maps with the name in `source` or `name`. */
function named(kind: string, value: unknown, pointer: string): readonly Reference[] {
  return asList(value).flatMap((item, index) => {
    const name = typeof item === 'string' ? item : (asMap(item).source ?? asMap(item).name)
    return typeof name === 'string' && name !== '' && !name.includes('/')
      ? [{ pointer: `${pointer}/${index}`, written: `${kind}/${name}` }]
      : []
  })
}

function pathsIn(document: Document): readonly (readonly [string, string])[] {
  const own = serviceIn(document)
  const holder = own
    ? own.service.envFile
    : ['Secret', 'Config'].includes(document.kind)
      ? document.value.file
      : undefined
  const pointer = own ? `${own.base}/envFile` : '/file'
  return typeof holder === 'string' && holder !== '' ? [[pointer, holder]] : texts(holder, pointer)
}
