import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { membersOf } from '../../../src/compose/expand/members.ts'
import { asAbsolute } from '../../../src/compose/expand/repository.ts'
import type { ComposeFile, ComposeModel } from '../../../src/compose/model.ts'
import type { ComposeSource } from '../../../src/compose/source.ts'
import type { Document, RepositoryFiles } from '../../../src/desired/document.ts'
import type { Composite } from '../../../src/desired/expand/composite.ts'
import { expandDesired } from '../../../src/desired/expand/expand.ts'
import { parseSecretReference } from '../../../src/desired/expand/secret-reference.ts'
import { normalizeCheck } from '../../../src/kinds/check/normalize.ts'
import type { ConfigSpec } from '../../../src/kinds/config/spec.ts'
import { configToWire } from '../../../src/kinds/config/to-wire.ts'
import type { NetworkSpec } from '../../../src/kinds/network/spec.ts'
import { networkToWire } from '../../../src/kinds/network/to-wire.ts'
import { KINDS } from '../../../src/kinds/registry.ts'
import type { SecretSpec } from '../../../src/kinds/secret/spec.ts'
import { secretToWire } from '../../../src/kinds/secret/to-wire.ts'
import type { ServiceSpec } from '../../../src/kinds/service/spec.ts'
import { serviceToWire } from '../../../src/kinds/service/to-wire.ts'
import type { Desired } from '../../../src/model/desired.ts'
import { type BodiesInput, idsOf, json, type StackBodies } from './bodies.ts'
import type { Body } from './meaning.ts'

export interface ExpandedInput extends BodiesInput {
  readonly sources: readonly ComposeSource[]
  /** Where the stack was when it was recorded. */
  readonly folder: string
}

/**
 * The bodies of a repository that holds this stack: its resources as the program renders and writes them. Undefined where
 * that has an error: what Docker sends and a Swarm refuses is one, and so is what Docker itself stops at.
 */
export function expandedBodies(input: ExpandedInput): StackBodies | undefined {
  const desired = render(input)
  if (desired.problems.some(({ severity }) => severity === 'error')) return undefined
  const wanted = [...desired.apps.values()].flatMap((app) => app.wanted)
  const bodies = <S>(kind: string, body: (spec: S) => unknown): readonly Body[] =>
    wanted.filter((one) => one.kind === kind).map((one) => json(body(one.spec as S)))
  const content = ({ content: opaque }: SecretSpec): { readonly content?: Uint8Array } => {
    const reference = opaque && parseSecretReference(opaque.secret)
    const read = reference?.type === 'blob' ? input.readFile(`/${reference.oid}`) : undefined
    return read ? { content: read } : {}
  }
  return {
    networks: bodies<NetworkSpec>('Network', (spec) => networkToWire(spec, { stamp: {} })),
    configs: bodies<ConfigSpec>('Config', (spec) => configToWire(spec, { stamp: {} })),
    secrets: bodies<SecretSpec>('Secret', (spec) => secretToWire(spec, { stamp: {}, ...content(spec) })),
    services: bodies<ServiceSpec>('Service', (spec) => {
      const pin = input.pin(spec.name)
      return serviceToWire({ ...spec, ...(pin ? { pin } : {}) }, { ids: idsOf(spec), stamp: {} })
    }),
    refusals: [],
  }
}

function render(input: ExpandedInput): Desired {
  const stack = documentOf('Stack', { name: input.stack, compose: ['compose.yaml'], unset: 'blank' }, 'app')
  const documents = [documentOf('Fleet', {}), documentOf('Swarm', { name: 'swarm', endpoints: [] }), stack]
  return expandDesired({
    documents: { documents, problems: [], broken: new Set() },
    kinds: KINDS,
    composites: [compositeOf(input)],
    normalizeCheck,
    files: filesOf(input),
    mac: (parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex'),
    settingsSecret: () => undefined,
  })
}

/** Reading compose files is judged apart: what was read goes on from here, as if it lay in a repository. */
function compositeOf(input: ExpandedInput): Composite {
  return {
    name: 'Stack',
    expand: (document, context) =>
      membersOf({
        document,
        written: document.value as never,
        context,
        model: inRepository(input.model),
        places: new Map(),
        sources: input.sources.map((source) => ({
          ...source,
          path: `${input.folder.slice(1)}/${basename(source.path)}`,
        })),
      }),
  }
}

/** Binds stay where they are: their paths are those of the machine that was recorded. */
function inRepository(model: ComposeModel): ComposeModel {
  const moved = (files: ComposeModel['secrets']): ComposeModel['secrets'] =>
    Object.fromEntries(
      Object.entries(files).map(([key, file]): [string, ComposeFile] => [
        key,
        file.file === undefined ? file : { ...file, file: asAbsolute(file.file) },
      ]),
    )
  return { ...model, secrets: moved(model.secrets), configs: moved(model.configs) }
}

const filesOf = ({ readFile }: ExpandedInput): RepositoryFiles => ({
  paths: [],
  read: (path) => {
    const content = readFile(`/${path}`)
    return content && { oid: path, content: Buffer.from(content) }
  },
})

function documentOf(kind: string, value: Readonly<Record<string, unknown>>, app?: string): Document {
  const name = typeof value.name === 'string' ? value.name : undefined
  const position = (): { path: string; line: number; column: number } => ({ path: `${kind}.yaml`, line: 1, column: 1 })
  return { kind, name, value: { kind, ...value }, app, path: `${kind}.yaml`, position }
}
