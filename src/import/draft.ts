import { posix } from 'node:path'
import type { ConfigLive } from '../kinds/config/spec.ts'
import type { NetworkLive } from '../kinds/network/spec.ts'
import type { ServiceLive } from '../kinds/service/spec.ts'
import { segmentsOf } from '../lib/json-pointer.ts'
import type { ImportFile } from '../model/import.ts'
import { appName, createFolders, type Folders } from './apps.ts'
import { composeFile } from './compose-file.ts'
import { type Found, ownerOf, stackOf } from './found.ts'
import { declaredNetwork, networkDocument } from './network-document.ts'
import { contentPath } from './sections.ts'
import { serviceDocument } from './service-document.ts'
import { someMap, type Written, yamlText } from './written.ts'

/** What is not written in the first form that comes to mind, with why. */
export interface Decisions {
  /** Live names of services of a stack that stand in a document of their own. */
  readonly apart: ReadonlyMap<string, string>
  /** Live names of networks that no compose file declares as its own. */
  readonly networksApart: ReadonlyMap<string, string>
  /** Live names of configs that are only referred to, since their content cannot stand in a file. */
  readonly configsApart: ReadonlyMap<string, string>
  /** `Service/web`, `Network/front`: what is not written at all. */
  readonly leftOut: ReadonlyMap<string, string>
}

export type Piece = { readonly kind: 'Service' | 'Network' | 'Config' | 'Stack'; readonly name: string }

export interface Draft {
  readonly files: readonly ImportFile[]
  /** Documents of what is ours already and has its place in the repository: a proof needs them, nobody writes them. */
  readonly borrowed: readonly Written[]
  readonly stacks: readonly string[]
  readonly services: readonly string[]
  readonly networks: readonly string[]
  readonly secrets: readonly string[]
  readonly configs: readonly string[]
  /** What a problem at this place is about. */
  pieceAt(path: string, pointer: string): Piece | undefined
  /** The stack whose compose file declares this service or network. */
  stackWith(piece: Piece): string | undefined
}

const HEADER = 'What was live when it was imported.'

/** Documents of everything that was found, but for what is left out. */
export function draftOf(found: Found, decisions: Decisions): Draft {
  const services = found.services.map((one) => one.live).filter(({ name }) => !decisions.leftOut.has(`Service/${name}`))
  const networks = new Map([...found.networks].filter(([name]) => !decisions.leftOut.has(`Network/${name}`)))
  const together = services.filter((service) => stackOf(service) !== undefined && !decisions.apart.has(service.name))
  const configs = configsOf(found, decisions, services)
  const pieces = new Map<string, Piece>()
  const within = new Map<string, string>()
  const folders = createFolders()
  const stacks = [...new Set(together.flatMap((service) => stackOf(service) ?? []))].sort()
  for (const stack of stacks) {
    const own = [...networks.values()].filter((one) => stackOf(one) === stack && !decisions.networksApart.has(one.name))
    const members = byName(together.filter((service) => stackOf(service) === stack))
    const contents = [...configs.values()].filter((one) => stackOf(one) === stack)
    addStack({ stack, members, own, contents, found, folders, pieces, within })
  }
  const alone = byName(services.filter((service) => !together.includes(service)))
  const references: References = { found, networks, configs, borrowed: new Map() }
  for (const service of alone) addService(service, { found, folders, pieces, references })
  for (const config of byName([...configs.values()])) {
    if (within.has(`Config/${config.name}`)) continue
    const app = appOfUsers('configs', config, { services, folders })
    addConfig(config, app, { found, folders, pieces })
  }
  for (const network of byName([...networks.values()])) {
    if (within.has(`Network/${network.name}`)) continue
    const app = appOfUsers('networks', network, { services, folders })
    const path = folders.add(app, `${network.name}.network`, {
      about: `network ${network.name}`,
      content: yamlText([networkDocument(declaredNetwork(network), found.target)], HEADER),
    })
    pieces.set(path, { kind: 'Network', name: network.name })
  }
  return {
    files: folders.files(),
    borrowed: [...references.borrowed.values()],
    stacks,
    services: services.map(({ name }) => name),
    networks: [...networks.keys()],
    secrets: namesIn(services, 'secrets'),
    configs: namesIn(services, 'configs'),
    pieceAt: (path, pointer) => pieces.get(`${path}#${servicePointer(pointer)}`) ?? pieces.get(path),
    stackWith: ({ kind, name }) => within.get(`${kind}/${name}`),
  }
}

const byName = <T extends { readonly name: string }>(items: readonly T[]): readonly T[] =>
  [...items].sort((a, b) => (a.name < b.name ? -1 : 1))

const namesIn = (services: readonly ServiceLive[], field: 'secrets' | 'configs'): readonly string[] => [
  ...new Set(services.flatMap((service) => service[field].map(({ name }) => name))),
]

const servicePointer = (pointer: string): string => segmentsOf(pointer).slice(0, 2).join('/')

interface StackInput {
  readonly stack: string
  readonly members: readonly ServiceLive[]
  readonly own: readonly NetworkLive[]
  readonly contents: readonly ConfigLive[]
  readonly found: Found
  readonly folders: Folders
  readonly pieces: Map<string, Piece>
  readonly within: Map<string, string>
}

function addStack({ stack, members, own, contents, found, folders, pieces, within }: StackInput): void {
  const file = composeFile(stack, { services: members, networks: own, configs: contents })
  const app = appName(stack)
  const compose = folders.add(app, 'compose', {
    about: `stack ${stack}: ${members.map(({ name }) => name).join(', ')}`,
    content: yamlText([file.written], HEADER),
  })
  const document = { kind: 'Stack', name: stack, target: found.target, compose: [compose.split('/').at(-1)] }
  const path = folders.add(app, 'stack', {
    about: `stack ${stack}`,
    content: yamlText([{ ...document, keeper: { adopt: true } }]),
  })
  for (const place of [compose, path]) pieces.set(place, { kind: 'Stack', name: stack })
  for (const [key, name] of file.services) {
    pieces.set(`${compose}#services/${key}`, { kind: 'Service', name })
    within.set(`Service/${name}`, stack)
  }
  for (const [name, content] of file.configs) {
    const config = found.configs.get(name)
    if (config)
      folders.addFile(app, posix.normalize(content), { about: `content of config ${name}`, content: contentOf(config) })
    const [, key] = /^.*\/(.*)$/.exec(content) ?? []
    pieces.set(`${compose}#configs/${key}`, { kind: 'Config', name })
    within.set(`Config/${name}`, stack)
  }
  for (const name of file.networks) within.set(`Network/${name}`, stack)
}

interface References {
  readonly found: Found
  /** Networks that get a document. */
  readonly networks: ReadonlyMap<string, NetworkLive>
  readonly configs: ReadonlyMap<string, ConfigLive>
  readonly borrowed: Map<string, Written>
}

interface ServiceInput extends Pick<StackInput, 'found' | 'folders' | 'pieces'> {
  readonly references: References
}

/** A service on its own, and documents of what it refers to and nobody declares. */
function addService(live: ServiceLive, { found, folders, pieces, references }: ServiceInput): void {
  const app = appName(stackOf(live) ?? live.name)
  const profile = live.seccomp?.profile
  const seccompFile = profile === undefined ? undefined : `${live.name}.seccomp.json`
  const document = serviceDocument(live, { target: found.target, ...(seccompFile ? { seccompFile } : {}) })
  const externals = externalsOf(live, references)
  const path = folders.add(app, live.name, {
    about: `service ${live.name}`,
    content: yamlText([document, ...externals], HEADER),
  })
  pieces.set(path, { kind: 'Service', name: live.name })
  if (seccompFile)
    folders.addFile(app, seccompFile, { about: `seccomp profile of ${live.name}`, content: profile ?? '' })
}

const PREDEFINED: readonly string[] = ['host', 'bridge']

function externalsOf(live: ServiceLive, { found, networks, configs, borrowed }: References): readonly Written[] {
  const used = [
    ...live.networks
      .filter(({ name }) => !networks.has(name) && !PREDEFINED.includes(name))
      .map(({ name }) => ['Network', name] as const),
    ...live.secrets.map(({ name }) => ['Secret', name] as const),
    ...live.configs.filter(({ name }) => !configs.has(name)).map(({ name }) => ['Config', name] as const),
  ]
  const unique = new Map(used.map(([kind, name]) => [`${kind}/${name}`, { kind, name }]))
  return [...unique].flatMap(([key, { kind, name }]): readonly Written[] => {
    const document = { kind, name, target: found.target, external: true }
    // Of generations of ours, the document has another name than the live object.
    if (kind !== 'Network' || ownerOf(found, kind, name) !== 'us') return [document]
    borrowed.set(key, document)
    return []
  })
}

/** Where its stack is, or the one app that uses it, or a place that several share. */
function appOfUsers(
  field: 'networks' | 'configs',
  used: NetworkLive | ConfigLive,
  { services, folders }: { readonly services: readonly ServiceLive[]; readonly folders: Folders },
): string {
  const stack = stackOf(used)
  if (stack !== undefined && folders.has(appName(stack))) return appName(stack)
  const users = services.filter((service) => service[field].some(({ name }) => name === used.name))
  const [only, ...others] = new Set(users.map((service) => appName(stackOf(service) ?? service.name)))
  return only !== undefined && others.length === 0 ? only : field
}

/** Those that services use, are nobody's, and can be read as text. */
function configsOf(
  found: Found,
  decisions: Decisions,
  services: readonly ServiceLive[],
): ReadonlyMap<string, ConfigLive> {
  const names = namesIn(services, 'configs').filter(
    (name) => ownerOf(found, 'Config', name) === 'nobody' && !decisions.configsApart.has(name),
  )
  return new Map(
    names.flatMap((name) => {
      const config = found.configs.get(name)
      return config ? [[name, config] as const] : []
    }),
  )
}

const contentOf = ({ base64 }: ConfigLive): string => Buffer.from(base64, 'base64').toString('utf8')

function addConfig(
  config: ConfigLive,
  app: string,
  { found, folders, pieces }: Omit<ServiceInput, 'references'>,
): void {
  const { name, labels, template } = config
  const file = contentPath(name)
  folders.addFile(app, file, { about: `content of config ${name}`, content: contentOf(config) })
  const document = {
    kind: 'Config',
    name,
    target: found.target,
    file,
    template: template || undefined,
    labels: someMap(labels),
    keeper: { adopt: true },
  }
  const path = folders.add(app, `${name}.config`, { about: `config ${name}`, content: yamlText([document], HEADER) })
  pieces.set(path, { kind: 'Config', name })
}
