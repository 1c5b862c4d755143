import { createHash } from 'node:crypto'
import { type StackObject, stackObjects } from '../../../src/compose/convert/objects.ts'
import { serviceSpecOf } from '../../../src/compose/convert/service.ts'
import type { Stack } from '../../../src/compose/convert/stack.ts'
import type { ComposeModel } from '../../../src/compose/model.ts'
import { normalizeConfig } from '../../../src/kinds/config/normalize.ts'
import { configToWire } from '../../../src/kinds/config/to-wire.ts'
import type { SwarmIds } from '../../../src/kinds/ids.ts'
import { normalizeNetwork } from '../../../src/kinds/network/normalize.ts'
import { networkToWire } from '../../../src/kinds/network/to-wire.ts'
import { normalizeSecret } from '../../../src/kinds/secret/normalize.ts'
import { secretToWire } from '../../../src/kinds/secret/to-wire.ts'
import { serviceToWire } from '../../../src/kinds/service/to-wire.ts'
import type { Address, ImagePin, NormalizeContext } from '../../../src/model/kind.ts'
import type { Config } from '../../../src/model/written/config.ts'
import type { Network } from '../../../src/model/written/network.ts'
import type { Secret } from '../../../src/model/written/secret.ts'
import type { Body } from './meaning.ts'

export interface StackBodies {
  readonly services: readonly Body[]
  readonly networks: readonly Body[]
  readonly secrets: readonly Body[]
  readonly configs: readonly Body[]
  /** What the docker CLI would stop at; then it creates no service. */
  readonly refusals: readonly string[]
}

export interface BodiesInput {
  readonly stack: string
  readonly model: ComposeModel
  /** Undefined where there is no such file. */
  readFile(path: string): Uint8Array | undefined
  /** What the registry says of the image of a service, by the service's name on the Swarm. */
  pin(service: string): ImagePin | undefined
}

/** The bodies of the create requests of a stack, as the kinds of its resources write them. */
export function bodiesOf(input: BodiesInput): StackBodies {
  const refusals: string[] = []
  const stack = stackOf(input, refusals)
  const objects = stackObjects(stack)
  const specs = Object.entries(input.model.services).map(([key, service]) =>
    serviceSpecOf(service, { stack, key, pointer: `/services/${key}` }),
  )
  // Images are looked at before anything is sent, files of secrets and configs before the first of them is.
  const nothing = refusals.some((refusal) => /^\/services\/[^/]+(\/image)?: /.test(refusal))
  const filesOf = (kind: 'Secret' | 'Config'): readonly Body[] => {
    const before = refusals.length
    const bodies = objects
      .filter(({ document }) => document.kind === kind)
      .flatMap((one) => fileBody(one, input, refusals))
    return nothing || refusals.length > before ? [] : bodies
  }
  const secrets = filesOf('Secret')
  const configs = refusals.some((refusal) => refusal.startsWith('/secrets/')) ? [] : filesOf('Config')
  const services = specs.map((spec) => {
    const pin = input.pin(spec.name)
    return json(serviceToWire({ ...spec, ...(pin ? { pin } : {}) }, { ids: idsOf(spec), stamp: {} }))
  })
  return {
    networks: nothing ? [] : objects.flatMap(networkBody),
    secrets,
    configs,
    services: refusals.length > 0 ? [] : services,
    refusals,
  }
}

export const json = (value: unknown): Body => JSON.parse(JSON.stringify(value)) as Body

/** Names of generations end in the same twelve digits for all: they are taken off again. */
function stackOf({ stack: name, model }: BodiesInput, refusals: string[]): Stack {
  const external = (section: ComposeModel['secrets'], file: string): boolean =>
    Object.values(section).some((one) => one.external && one.name === file)
  return {
    name,
    model,
    refer: (kind, file) => {
      if (kind === 'Network' || external(kind === 'Secret' ? model.secrets : model.configs, file)) return file
      return `${file}_${GENERATION}`
    },
    refuse: (pointer, message) => refusals.push(`${pointer}: ${message}`),
    doubt: () => undefined,
  }
}

const GENERATION = '0123456789ab'

export function idsOf(spec: {
  readonly secrets: readonly { name: string }[]
  readonly configs: readonly { name: string }[]
}): SwarmIds {
  const ids = (refs: readonly { name: string }[]): ReadonlyMap<string, string> =>
    new Map(refs.map(({ name }) => [name, `id-${name}`]))
  return { networks: new Map(), secrets: ids(spec.secrets), configs: ids(spec.configs) }
}

function networkBody({ document }: StackObject): readonly Body[] {
  if (document.kind !== 'Network' || document.external) return []
  return [
    json(
      networkToWire(
        normalizeNetwork(
          document as Network,
          contextOf(() => undefined),
        ).spec,
        { stamp: {} },
      ),
    ),
  ]
}

function fileBody({ document, pointer }: StackObject, input: BodiesInput, refusals: string[]): readonly Body[] {
  if (document.kind === 'Network' || ('external' in document && document.external)) return []
  try {
    const context = contextOf(input.readFile)
    if (document.kind === 'Config') {
      return [json(configToWire(named(normalizeConfig(document as Config, context)), { stamp: {} }))]
    }
    const spec = named(normalizeSecret(document as Secret, context))
    const file = 'file' in document ? document.file : undefined
    const content = file === undefined ? undefined : input.readFile(file)
    return [json(secretToWire(spec, { stamp: {}, ...(content ? { content } : {}) }))]
  } catch (error) {
    refusals.push(`${pointer}: ${error instanceof Error ? error.message : String(error)}`)
    return []
  }
}

const named = <S extends { readonly name: string }>(normalized: {
  readonly name: string | undefined
  readonly spec: S
}): S => ({
  ...normalized.spec,
  name: normalized.name ?? normalized.spec.name,
})

function contextOf(readFile: BodiesInput['readFile']): NormalizeContext {
  const file = (path: string): Buffer => {
    const content = readFile(path)
    if (!content) throw new Error(`there is no file ${path}`)
    return Buffer.from(content)
  }
  const mac: NormalizeContext['mac'] = (parts) => {
    const hash = createHash('sha256')
    for (const part of parts) hash.update(part).update('\0')
    return hash.digest('hex')
  }
  return {
    app: 'conformance',
    target: 'swarm',
    address: 'swarm/Stack/conformance' as Address,
    file,
    mac,
    opaque: ({ file: path = '' }) => ({ secret: path, mac: mac([file(path)]) }),
    refer: () => undefined,
    warn: () => undefined,
  }
}
