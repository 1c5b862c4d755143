import { matchesName } from './filters.ts'
import type { Reply, Request } from './http.ts'
import { invalid, notFound, outOfSequence, Refusal, swarmRefusal } from './refusal.ts'
import type { ContainerSpec, Content } from './wire.ts'
import { created, find, touch, type World } from './world.ts'

interface ContentKind {
  readonly what: 'config' | 'secret'
  readonly maxBytes: number
  readonly objects: (world: World) => Map<string, Content>
  readonly references: (spec: ContainerSpec) => readonly (string | undefined)[]
}

export const configs: ContentKind = {
  what: 'config',
  maxBytes: 1024000,
  objects: (world) => world.configs,
  references: (spec) => (spec.Configs ?? []).map(({ ConfigID }) => ConfigID),
}

export const secrets: ContentKind = {
  what: 'secret',
  maxBytes: 512000,
  objects: (world) => world.secrets,
  references: (spec) => (spec.Secrets ?? []).map(({ SecretID }) => SecretID),
}

interface Sent {
  readonly Name?: string
  readonly Labels?: Readonly<Record<string, string>>
  readonly Data?: string
}

const NAME = /^[a-zA-Z0-9]+(?:[a-zA-Z0-9-_.]*[a-zA-Z0-9])?$/

export function createContent(kind: ContentKind, world: World, { body }: Request): Reply {
  const { Name: name = '', Labels: labels = {}, Data: text = '' } = body as Sent
  if (name.length > 64 || !NAME.test(name)) {
    const rule = 'only 64 [a-zA-Z0-9-_.] characters allowed, and the start and end character must be [a-zA-Z0-9]'
    throw invalid(`invalid name, ${rule}`)
  }
  const bytes = Buffer.from(text, 'base64').length
  if (bytes === 0 || bytes >= kind.maxBytes) {
    throw invalid(`${kind.what} data must be larger than 0 and less than ${kind.maxBytes} bytes`)
  }
  if ([...kind.objects(world).values()].some((object) => object.Spec.Name === name)) {
    throw swarmRefusal(409, 'AlreadyExists', `${kind.what} ${name} already exists`)
  }
  const object: Content = { ...created(world), Spec: { Name: name, Labels: labels, Data: text } }
  kind.objects(world).set(object.ID, object)
  return { status: 201, value: { ID: object.ID } }
}

/** Only labels may change; data that is left out stays as it was (swarm.md 13). */
export function updateContent(kind: ContentKind, world: World, { body, key, query }: Request): Reply {
  const object = contentOf(kind, world, key)
  const version = query.get('version') ?? ''
  if (!/^\d+$/.test(version)) throw new Refusal(400, `invalid ${kind.what} version`)
  const { Name: name, Labels: labels = {}, Data: text } = body as Sent
  const changed = (name !== undefined && name !== object.Spec.Name) || (text !== undefined && text !== object.Spec.Data)
  if (changed) throw invalid('only updates to Labels are allowed')
  if (Number(version) !== object.Version.Index) throw outOfSequence()
  object.Spec = { ...object.Spec, Labels: labels }
  touch(world, object)
  return { status: 200 }
}

/** Only specs that are in force count, a PreviousSpec does not (swarm.md 13). */
export function removeContent(kind: ContentKind, world: World, { key }: Request): Reply {
  const object = contentOf(kind, world, key)
  const users = [...world.services.values()].filter(({ Spec: { TaskTemplate: template } }) =>
    kind.references(template.ContainerSpec ?? {}).includes(object.ID),
  )
  if (users.length > 0) {
    const names = users.map((service) => service.Spec.Name).join(', ')
    const word = users.length === 1 ? 'service' : 'services'
    throw invalid(`${kind.what} '${object.Spec.Name}' is in use by the following ${word}: ${names}`)
  }
  kind.objects(world).delete(object.ID)
  return { status: 204 }
}

export function inspectContent(kind: ContentKind, world: World, { key }: Request): Reply {
  return { status: 200, value: shown(kind, contentOf(kind, world, key)) }
}

export function listContent(kind: ContentKind, world: World, { filters }: Request): Reply {
  const wanted = filters(['id', 'label', 'name', 'names'])
  const objects = [...kind.objects(world).values()].filter((object) =>
    matchesName(wanted, { id: object.ID, name: object.Spec.Name, labels: object.Spec.Labels }),
  )
  return { status: 200, value: objects.map((object) => shown(kind, object)) }
}

/** The content of a secret is never told. */
function shown(kind: ContentKind, object: Content): Content {
  const { Data: _, ...spec } = object.Spec
  return kind.what === 'secret' ? { ...object, Spec: spec } : object
}

function contentOf(kind: ContentKind, world: World, key: string): Content {
  const object = find(kind.objects(world), key, ({ Spec }) => Spec.Name)
  if (object === undefined) throw notFound(kind.what, key)
  return object
}
