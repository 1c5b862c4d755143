import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { stackObjects } from '../../../src/compose/convert/objects.ts'
import { serviceSpecOf } from '../../../src/compose/convert/service.ts'
import type { Stack } from '../../../src/compose/convert/stack.ts'
import { loadCompose } from '../../../src/compose/load/load-compose.ts'
import type { ComposeSchemas } from '../../../src/compose/load/schema.ts'
import { configKind } from '../../../src/kinds/config/kind.ts'
import { networkKind } from '../../../src/kinds/network/kind.ts'
import { secretKind } from '../../../src/kinds/secret/kind.ts'
import { digestOf } from '../../../src/model/digest.ts'
import { messageOf } from '../../../src/model/error.ts'
import { makeId } from '../../../src/model/id.ts'
import type { Address, Kind, NormalizeContext } from '../../../src/model/kind.ts'
import { formatProblem } from '../../../src/model/problem.ts'
import { defaultHandling, type Wanted } from '../../../src/model/resource.ts'
import { STACK } from '../stacks/docker-cli.ts'
import type { StackVersion } from './history.ts'
import type { OurReading } from './ours.ts'
import { TREE } from './recorder.ts'

export interface DirectOptions {
  readonly schemas: ComposeSchemas
  readonly variables: Readonly<Record<string, string>>
  readonly blobs: ReadonlyMap<string, Buffer>
}

const KINDS: readonly Kind[] = [configKind as Kind, networkKind as Kind, secretKind as Kind]

/**
 * The loader and the conversion to services, without the checks of a config repository: paths of the machine that the
 * docker CLI runs on, for one, are refused there. With `unset: blank`, as Docker has it.
 */
export function readDirectly(version: StackVersion, options: DirectOptions): OurReading {
  const readFile = (written: string): Buffer | undefined => contentOf(written, version, options)
  const loaded = loadCompose({
    files: [{ path: version.path, content: readFile(posix.join(TREE, version.path)) ?? Buffer.alloc(0) }],
    variables: { values: new Map(Object.entries({ HOME: '/root', ...options.variables })), unset: 'blank' },
    readFile,
    folder: posix.join(TREE, posix.dirname(version.path)),
    schemas: options.schemas,
  })
  if (!loaded.model) return { wanted: [], refused: loaded.problems.map(formatProblem) }
  const refused: string[] = []
  const names = new Map<string, string>()
  const stack: Stack = {
    name: STACK,
    model: loaded.model,
    refer: (kind, name) => names.get(`${kind}/${name}`) ?? name,
    refuse: (pointer, message) => refused.push(`${pointer}: ${message}`),
    doubt: () => undefined,
  }
  const objects = stackObjects(stack).flatMap(({ document }): readonly Wanted[] => {
    const kind = KINDS.find(({ name }) => name === document.kind)
    try {
      const normalized = kind?.normalize(document, contextOf(readFile))
      if (kind && normalized?.name !== undefined) names.set(`${kind.name}/${document.name}`, normalized.name)
      return kind && normalized?.name !== undefined ? [wantedOf(kind.name, normalized.name, normalized.spec)] : []
    } catch (error) {
      refused.push(messageOf(error))
      return []
    }
  })
  const services = Object.entries(loaded.model.services).map(([key, service]) => {
    const spec = serviceSpecOf(service, { stack, key, pointer: `/services/${key}` })
    return wantedOf('Service', spec.name, spec)
  })
  return { wanted: refused.length > 0 ? [] : [...objects, ...services], refused }
}

function contentOf(written: string, { path, files }: StackVersion, { blobs }: DirectOptions): Buffer | undefined {
  const absolute = posix.resolve(TREE, posix.dirname(path), written)
  const oid = files.get(absolute.slice(TREE.length + 1))
  return oid === undefined ? undefined : blobs.get(oid)
}

function wantedOf(kind: string, name: string, spec: unknown): Wanted {
  const id = makeId({ target: 'swarm', kind, name })
  const origin = { path: '', line: 1, column: 1 }
  return { id, kind, spec, digest: digestOf(spec), app: STACK, after: [], handling: defaultHandling, origin }
}

function contextOf(readFile: (path: string) => Buffer | undefined): NormalizeContext {
  const file = (path: string): Buffer => {
    const content = readFile(path)
    if (!content) throw new Error(`there is no file ${path}`)
    return content
  }
  const mac: NormalizeContext['mac'] = (parts) => {
    const hash = createHash('sha256')
    for (const part of parts) hash.update(`${Buffer.from(part).length}:`).update(part)
    return hash.digest('hex')
  }
  return {
    app: STACK,
    target: 'swarm',
    address: `swarm/Stack/${STACK}` as Address,
    file,
    mac,
    opaque: ({ file: path = '' }) => ({ secret: path, mac: mac([file(path)]) }),
    refer: () => undefined,
    warn: () => undefined,
  }
}
