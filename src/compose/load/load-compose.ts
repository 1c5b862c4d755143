import type { Position, Problem } from '../../model/problem.ts'
import type { ComposeModel } from '../model.ts'
import { type ComposeSource, type Finding, positionAt, toProblem } from '../source.ts'
import { type Node, printed } from '../yaml/node.ts'
import { readYaml } from '../yaml/read-yaml.ts'
import type { ReadFile } from './environment.ts'
import { interpolate, type Variables } from './interpolate.ts'
import { mergeModels } from './merge.ts'
import { notJson } from './plain.ts'
import { checkProperties } from './properties.ts'
import { readModel } from './read-model.ts'
import { type ComposeSchemas, LATEST } from './schema.ts'

export interface ComposeInput {
  /** In their order: later ones are merged over earlier ones. */
  readonly files: readonly { readonly path: string; readonly content: Uint8Array }[]
  readonly variables: Variables
  /** Files beside the first compose file, by a path relative to it or from the root. */
  readonly readFile: ReadFile
  /** The folder of the first compose file, from the root: what relative paths are put behind, as Docker does. */
  readonly folder: string
  readonly schemas: ComposeSchemas
}

export interface LoadedCompose {
  /** Undefined where something is wrong with a file. */
  readonly model: ComposeModel | undefined
  readonly sources: readonly ComposeSource[]
  /** Items of the model's lists whose index is that of no file once files are merged -> where they stand. */
  readonly places: ReadonlyMap<object, Position>
  readonly problems: readonly Problem[]
}

/** Compose files as `docker stack deploy` reads them (docker/cli 28.2.2), with everything that is wrong, not the first only. */
export function loadCompose(input: ComposeInput): LoadedCompose {
  const loaded = input.files.map((file) => loadFile(file, input))
  const problems = loaded.flatMap((file) => file.problems)
  const sources = loaded.flatMap((file) => file.source ?? [])
  const models = loaded.flatMap((file) => file.model ?? [])
  const places = new Map(loaded.flatMap((file) => [...(file.places ?? [])]))
  const [first] = models
  if (!first || models.length < loaded.length) return { model: undefined, sources, places, problems }
  const other = models.findIndex((model) => model.version !== first.version)
  const source = sources[other]
  if (!source) return { model: mergeModels(models), sources, places, problems }
  const message = `the files have different versions: ${first.version} and ${models[other]?.version}`
  const finding: Finding = { severity: 'error', offset: source.root.start, pointer: '/version', message }
  return { model: undefined, sources, places, problems: [...problems, toProblem(source, finding)] }
}

interface LoadedFile {
  readonly model?: ComposeModel
  readonly source?: ComposeSource
  readonly places?: ReadonlyMap<object, Position>
  readonly problems: readonly Problem[]
}

function loadFile({ path, content }: ComposeInput['files'][number], input: ComposeInput): LoadedFile {
  const { lines, text, root, flaws, rest } = readYaml(content)
  const place = { path, lines }
  const problems = (findings: readonly Finding[]): readonly Problem[] => findings.map((one) => toProblem(place, one))
  if (flaws.length > 0 || root?.type !== 'map') {
    const found = flaws.length > 0 ? flaws : [{ offset: 0, message: 'a compose file is a map of keys and values' }]
    return { problems: problems(found.map((flaw) => ({ severity: 'error', pointer: '', ...flaw }))) }
  }
  const offsets = new Map<object, number>()
  const { model, findings } = modelOf(root, text, { ...input, places: offsets })
  const unread = rest === undefined ? [] : [unreadFrom(rest)]
  const source = { path, lines, root }
  const places = new Map([...offsets].map(([item, offset]) => [item, positionAt(source, offset)] as const))
  return { ...(model ? { model } : {}), source, places, problems: problems([...unread, ...findings]) }
}

const unreadFrom = (offset: number): Finding => ({
  severity: 'warning',
  offset,
  pointer: '',
  message: 'Docker reads nothing from here on: a file is one document, and all its keys stand at the same column',
})

interface Modelled {
  readonly model?: ComposeModel
  readonly findings: readonly Finding[]
}

function modelOf(
  written: Node,
  text: string,
  input: ComposeInput & { readonly places: Map<object, number> },
): Modelled {
  const properties = checkProperties(written)
  const version = versionOf(written)
  const { root, findings: unset } = interpolate(written, text, input.variables)
  const before = [...properties, ...unset, ...checkVersion(written, version, input.schemas), ...checkNumbers(root)]
  if (before.some(isError)) return { findings: before }
  const wrong = input.schemas.check(root, version)
  if (wrong.length > 0) return { findings: [...before, ...wrong] }
  const findings = [...before]
  const model = readModel({ root, version, findings, ...input })
  return findings.some(isError) ? { findings } : { model, findings }
}

const isError = (finding: Finding): boolean => finding.severity === 'error'

/** No version, and `3`, are the latest. */
function versionOf(root: Node): string {
  const entry = root.type === 'map' ? root.entries.get('version') : undefined
  if (!entry) return LATEST
  const version = entry.value.type === 'scalar' ? printed(entry.value.value) : 'a list or a map'
  return version === '' || version === '3' ? LATEST : version
}

function checkVersion(root: Node, version: string, schemas: ComposeSchemas): readonly Finding[] {
  const entry = root.type === 'map' ? root.entries.get('version') : undefined
  if (!entry || schemas.has(version)) return []
  const message = `the version ${version} is not one that stacks know: 3.0 to ${LATEST}, or none`
  return [{ severity: 'error', offset: entry.value.start, pointer: '/version', message }]
}

function checkNumbers(root: Node): readonly Finding[] {
  const node = notJson(root)
  return node
    ? [{ severity: 'error', offset: node.start, pointer: '', message: 'this number is none that Docker takes' }]
    : []
}
