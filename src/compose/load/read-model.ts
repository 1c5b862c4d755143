import type { ByName, ComposeModel, ComposeService, ServiceVolume } from '../model.ts'
import type { Finding } from '../source.ts'
import type { Node } from '../yaml/node.ts'
import { at, type Cursor, items, refuse } from './cursor.ts'
import { type ReadFile, resolveEnvironment } from './environment.ts'
import type { Variables } from './interpolate.ts'
import { absolutePath, isAbsolute } from './paths.ts'
import { readExtras, readFile, readNetwork, readVolumeObject } from './read-objects.ts'
import { readService } from './read-service.ts'
import { mapOf } from './readers.ts'

export interface ModelInput {
  readonly root: Node
  readonly version: string
  readonly findings: Finding[]
  readonly variables: Variables
  readonly readFile: ReadFile
  readonly folder: string
  /** Items of lists that a merge puts in another order -> where they stand in this file. */
  readonly places: Map<object, number>
}

/** A file that its schema has let through. What is wrong with it still is added to the findings. */
export function readModel(input: ModelInput): ComposeModel {
  const root: Cursor = { node: input.root, pointer: '', findings: input.findings }
  const absolute = (path: string): string => absolutePath(input.folder, path)
  return {
    version: input.version,
    services: section(root, 'services', (cursor) => serviceOf(cursor, input)),
    networks: section(root, 'networks', readNetwork),
    volumes: section(root, 'volumes', readVolumeObject),
    secrets: section(root, 'secrets', (cursor, name) => readFile(cursor, name, { kind: 'secret', absolute })),
    configs: section(root, 'configs', (cursor, name) => readFile(cursor, name, { kind: 'config', absolute })),
    extras: readExtras(input.root) ?? {},
  }
}

function section<T>(root: Cursor, key: string, read: (cursor: Cursor, name: string) => T | undefined): ByName<T> {
  const below = at(root, key)
  return (below && mapOf(read)(below)) ?? {}
}

function serviceOf(cursor: Cursor, input: ModelInput): ComposeService | undefined {
  const written = readService(cursor)
  if (!written) return undefined
  const { environment: _, volumes: mounted, ...rest } = written
  const environment = resolveEnvironment(cursor, written, { values: input.variables.values, readFile: input.readFile })
  const volumes = mounted?.map((volume, index) => resolved(volume, volumeAt(cursor, index), input))
  notePlaces(
    cursor,
    { volumes, secrets: written.secrets, configs: written.configs, ports: written.ports },
    input.places,
  )
  const extras = readExtras(cursor.node)
  return {
    ...rest,
    ...(environment ? { environment } : {}),
    ...(volumes ? { volumes } : {}),
    ...(extras ? { extras } : {}),
  }
}

type Lists = Readonly<Record<string, readonly object[] | undefined>>

function notePlaces(service: Cursor, lists: Lists, places: ModelInput['places']): void {
  for (const [key, values = []] of Object.entries(lists)) {
    const written = at(service, key)
    const cursors = written ? items(written) : []
    if (cursors.length !== values.length) continue
    values.forEach((value, index) => {
      places.set(value, cursors[index]?.node.start ?? service.node.start)
    })
  }
}

function volumeAt(service: Cursor, index: number): Cursor {
  const volumes = at(service, 'volumes')
  return (volumes && items(volumes)[index]) ?? service
}

/** A path of the machine from which Docker was run: `~` is its home, and a relative one is below the compose file. */
function resolved(volume: ServiceVolume, cursor: Cursor, { variables, folder }: ModelInput): ServiceVolume {
  if (volume.type !== 'bind') return volume
  if (volume.source === undefined) {
    refuse(cursor, 'a bind mount needs a source')
    return volume
  }
  const home = variables.values.get('HOME')
  const source = home === undefined ? volume.source : volume.source.replace(/^~/, () => home)
  return { ...volume, source: isAbsolute(source) ? source : absolutePath(folder, source) }
}
