import type { SurveyedFile } from '../../kinds/host/survey.ts'
import type { ImportFile } from '../../model/import.ts'
import { type Written, yamlText } from '../written.ts'
import { type DocumentContext, documentOf, placeWritten } from './documents.ts'
import { type FoundThing, type HostFound, keyOf } from './found.ts'
import { appsOf } from './groups.ts'

export interface HostDraft {
  readonly files: readonly ImportFile[]
  readonly things: readonly FoundThing[]
  /** `Kind/name` of what the document at this line is of. */
  thingAt(path: string, line: number): string | undefined
  /** Files whose secret is proposed: path -> name in the settings. */
  readonly proposed: ReadonlyMap<string, string>
}

const HEADER = 'What was installed there when it was imported.'
const ORDER = ['User', 'File', 'Program', 'Unit']

/** Documents of everything that was found, but for what is left out. A host has one file in each app. */
export function draftOfHost(found: HostFound, leftOut: ReadonlyMap<string, string>): HostDraft {
  const things = found.things.filter((thing) => !leftOut.has(keyOf(thing)))
  const secrets = [...found.secretFiles.keys()]
  const names = namesFor([...things.flatMap(({ kind, name }) => (kind === 'File' ? [name] : [])), ...secrets])
  const context: DocumentContext = {
    host: found.target,
    things,
    fileNames: new Map(
      things.flatMap(({ kind, name }) => (kind === 'File' ? [[`File/${name}`, names.get(name) ?? name]] : [])),
    ),
  }
  const apps = appsOf({ things })
  const places: Place[] = []
  const proposed = new Map(secrets.map((path) => [path, names.get(path) ?? path]))
  const files = [...new Set(apps.values())].sort().flatMap((app) => {
    const members = things.filter((thing) => apps.get(keyOf(thing)) === app)
    return appFiles(app, members, { found, context, proposed, places })
  })
  return {
    files,
    things,
    proposed,
    thingAt: (path, line) => places.findLast((place) => place.path === path && place.line <= line)?.key,
  }
}

interface Place {
  readonly path: string
  readonly line: number
  readonly key: string
}

interface AppInput {
  readonly found: HostFound
  readonly context: DocumentContext
  readonly proposed: ReadonlyMap<string, string>
  readonly places: Place[]
}

function appFiles(app: string, members: readonly FoundThing[], input: AppInput): readonly ImportFile[] {
  const { found, context, proposed, places } = input
  const sorted = [...members].sort(
    (a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || (a.name < b.name ? -1 : 1),
  )
  const path = `apps/${app}/${found.target}.yaml`
  const documents = sorted.map((thing) => ({ thing, ...documentOf(thing, context) }))
  let text = `# ${HEADER}\n`
  for (const [at, { thing, written }] of documents.entries()) {
    if (at > 0) text += '---\n'
    places.push({ path, line: text.split('\n').length, key: keyOf(thing) })
    text += yamlText([written])
  }
  for (const [secret, file] of secretsOf(members, found)) text += proposal(secret, file, { proposed, found })
  const contents = documents.flatMap(({ thing, contents }) =>
    contents.map((content) => ({ path: `apps/${app}/${content.path}`, content: content.text, about: aboutOf(thing) })),
  )
  return [{ path, content: text, about: sorted.map(({ name }) => name).join(', ') }, ...contents]
}

const aboutOf = ({ kind, name }: FoundThing): string => (kind === 'File' ? name : `of ${name}`)

/** That these things read, each with the first app that does. */
function secretsOf(
  members: readonly FoundThing[],
  { secretFiles }: HostFound,
): readonly (readonly [string, SurveyedFile])[] {
  const read = new Set(
    members.flatMap((thing) =>
      'references' in thing ? [...thing.references.environmentFiles, ...thing.references.commands] : [],
    ),
  )
  return [...secretFiles].filter(([path]) => read.has(path))
}

/**
 * No document yet: it needs a value of the settings, and its content is known again only by the key of the operator. So
 * the first plan has nothing of it.
 */
function proposal(path: string, file: SurveyedFile, { proposed, found }: Pick<AppInput, 'proposed' | 'found'>): string {
  const name = proposed.get(path) ?? path
  const written: Written = {
    kind: 'File',
    name,
    hosts: [found.target],
    path,
    secret: { from: `settings:${name}` },
    ...placeWritten(file, '0600'),
    keeper: { adopt: 'converge' },
  }
  const text = `---\n${yamlText([written])}`
  const words = `Once the settings hold its content as the secret ${name}, this declares ${path}. Nothing restarts.`
  return `# ${words}\n${text.replaceAll(/^(?=.)/gm, '# ')}`
}

/** A word for each path: its last parts, as many as it needs to be the only one. */
function namesFor(paths: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set<string>()
  return new Map(
    [...paths].sort().map((path) => {
      const word = path.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-|-$/g, '')
      let name = /^[A-Za-z]/.test(word) ? word : `file-${word}`
      for (let number = 2; taken.has(name); number++) name = `${name}-${number}`
      taken.add(name)
      return [path, name]
    }),
  )
}
