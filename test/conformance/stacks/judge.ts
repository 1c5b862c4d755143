import { existsSync, readFileSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { configView } from '../../../src/compose/config-view.ts'
import { type LoadedCompose, loadCompose } from '../../../src/compose/load/load-compose.ts'
import type { ComposeSchemas } from '../../../src/compose/load/schema.ts'
import type { ComposeModel } from '../../../src/compose/model.ts'
import { isTime, type Node } from '../../../src/compose/yaml/node.ts'
import { readYaml } from '../../../src/compose/yaml/read-yaml.ts'
import type { ImagePin } from '../../../src/model/kind.ts'
import { formatProblem } from '../../../src/model/problem.ts'
import { bodiesOf } from './bodies.ts'
import { STACK, type StackFiles } from './docker-cli.ts'
import type { RecordedRequest } from './engine-stand-in.ts'
import { expandedBodies } from './expanded.ts'
import type { StackCase, StackRecord } from './folder.ts'
import { guessFolder } from './guess-folder.ts'
import { type Body, differences, fileMeaning, networkMeaning, serviceMeaning } from './meaning.ts'

/** What we and the docker CLI make of a stack differently; empty lists: nothing. */
export interface Verdict {
  readonly accept: readonly string[]
  readonly model: readonly string[]
  /** Secrets and configs among them. */
  readonly services: readonly string[]
  readonly networks: readonly string[]
  /** Its bodies are those of a whole repository with this stack; where an error of ours stops that, of its parts. */
  readonly expanded?: boolean
}

export interface JudgeOptions {
  readonly schemas: ComposeSchemas
  /** Where the stacks are. */
  readonly folder: string
  /** Where they were when they were recorded; found out where it is not given. */
  readonly recordedFolder?: string
}

export function judge(stack: StackCase, record: StackRecord, options: JudgeOptions): Verdict {
  const loaded = load(stack.files, options)
  const { model, problems } = loaded
  const errors = problems.filter((problem) => problem.severity === 'error').map(formatProblem)
  if ((model !== undefined) !== record.accepted) {
    const accept = [`docker ${record.accepted ? 'accepts' : 'refuses'} it`, ...errors]
    return { accept, model: accept, services: accept, networks: accept }
  }
  if (!model) return { accept: [], model: [], services: [], networks: [] }
  const docker = readConfig(record.config ?? '')
  const recordedFolder = guessFolder(configView(model), docker, folderOf(options))
  if (recordedFolder !== undefined && recordedFolder !== folderOf(options)) {
    return judge(stack, record, { ...options, recordedFolder })
  }
  return {
    accept: [],
    model: modelDifferences(model, docker),
    ...compareRequests({ ...loaded, model }, record.requests, options),
  }
}

const readConfig = (text: string): unknown => plain(readYaml(Buffer.from(text)).root)

const modelDifferences = (model: ComposeModel, docker: unknown): readonly string[] =>
  differences(asPrinted(configView(model), docker), docker)

/** What differs between a model and what `docker stack config` printed. */
export const compareModel = (model: ComposeModel, config: string): readonly string[] =>
  modelDifferences(model, readConfig(config))

/** go-yaml prints a text that begins with a line break without it. */
function asPrinted(ours: unknown, docker: unknown): unknown {
  if (typeof ours === 'string') return ours.startsWith('\n') && docker === ours.slice(1) ? docker : ours
  if (Array.isArray(ours)) return ours.map((item, index) => asPrinted(item, Object(docker)[index]))
  if (typeof ours !== 'object' || ours === null) return ours
  return Object.fromEntries(Object.entries(ours).map(([key, value]) => [key, asPrinted(value, Object(docker)[key])]))
}

const folderOf = ({ folder, recordedFolder }: JudgeOptions): string => recordedFolder ?? resolve(folder)

/** As the Stack kind reads files, with `unset: blank`. */
function load(files: StackFiles, options: JudgeOptions): LoadedCompose {
  return loadCompose({
    files: files.paths.map((path) => ({ path, content: readFileSync(path) })),
    variables: { values: new Map(Object.entries({ HOME: '/root', ...files.variables })), unset: 'blank' },
    readFile: (path) => readStackFile(path, options),
    folder: folderOf(options),
    schemas: options.schemas,
  })
}

/** A path as it is written, or below the folder that was recorded. */
function readStackFile(path: string, options: JudgeOptions): Uint8Array | undefined {
  const recorded = folderOf(options)
  const above = dirname(recorded)
  const near = above !== '/' && path.startsWith(`${above}/`) ? relative(recorded, path) : path
  const place = isAbsolute(near) ? near : join(options.folder, near)
  try {
    return existsSync(place) ? readFileSync(place) : undefined
  } catch {
    return undefined // a folder
  }
}

function plain(node: Node | undefined): unknown {
  if (!node) return undefined
  if (node.type === 'list') return node.items.map(plain)
  if (node.type === 'map') return Object.fromEntries([...node.entries].map(([key, entry]) => [key, plain(entry.value)]))
  const { value } = node
  if (typeof value !== 'object' || value === null) return value
  return isTime(value) ? value.text : value.number
}

function compareRequests(
  loaded: LoadedCompose & { readonly model: ComposeModel },
  requests: readonly RecordedRequest[],
  options: JudgeOptions,
): Pick<Verdict, 'services' | 'networks' | 'expanded'> {
  const created = (what: string): readonly Body[] =>
    requests.filter(({ path }) => path === `/${what}/create`).map(({ body }) => body as Body)
  const docker = {
    services: created('services'),
    networks: created('networks'),
    secrets: created('secrets'),
    configs: created('configs'),
  }
  const input = {
    stack: STACK,
    model: loaded.model,
    readFile: (path: string) => readStackFile(path, options),
    pin: (service: string) => pinOf(docker.services.find((body) => body.Name === service)),
  }
  const expanded = expandedBodies({ ...input, sources: loaded.sources, folder: folderOf(options) })
  const ours = expanded ?? bodiesOf(input)
  const refusals = docker.services.length > 0 ? ours.refusals : []
  return {
    expanded: expanded !== undefined,
    networks: compareAll(ours.networks, docker.networks, networkMeaning),
    services: [
      ...refusals,
      ...compareAll(ours.services, docker.services, serviceMeaning),
      ...compareAll(ours.secrets, docker.secrets, fileMeaning),
      ...compareAll(ours.configs, docker.configs, fileMeaning),
    ],
  }
}

/** What the registry answered does not stand in the record: it is taken out of what was sent after it. */
function pinOf(body: Body | undefined): ImagePin | undefined {
  const task = Object(body?.TaskTemplate)
  const digest = /@(.*)$/.exec(String(Object(task.ContainerSpec).Image))?.[1]
  if (digest === undefined) return undefined
  const platforms = (Object(task.Placement).Platforms ?? []) as readonly { Architecture?: string; OS?: string }[]
  return {
    digest,
    platforms: platforms.map(({ Architecture = '', OS = '' }) => ({ architecture: Architecture, os: OS })),
  }
}

function compareAll(
  ours: readonly Body[],
  docker: readonly Body[],
  meaning: (body: Body) => unknown,
): readonly string[] {
  const byName = (bodies: readonly Body[]): Body =>
    Object.fromEntries(bodies.map(meaning).map((body) => [String(Object(body).Name), body]))
  return differences(byName(ours), byName(docker))
}
