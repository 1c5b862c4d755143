import type { Config } from '../../model/written/config.ts'
import type { Network } from '../../model/written/network.ts'
import type { Secret } from '../../model/written/secret.ts'
import type { ComposeFile, ComposeNetwork } from '../model.ts'
import { type ObjectKind, type Stack, scoped, withNamespace } from './stack.ts'

/** What a stack declares beside its services, as the documents that people would write for it. */
export interface StackObject {
  /** Key in the section of its kind. */
  readonly key: string
  readonly pointer: string
  readonly document: Network | Secret | Config
}

/** Networks that services use, and every secret and config, as `docker stack deploy` has it. */
export function stackObjects(stack: Stack): readonly StackObject[] {
  const { networks, secrets, configs } = stack.model
  return [
    ...usedNetworks(stack).map((key) => ({
      key,
      pointer: `/networks/${key}`,
      document: networkDocument(key, networks[key] ?? {}, stack),
    })),
    ...files('Secret', secrets, stack),
    ...files('Config', configs, stack),
  ]
}

export const DEFAULT_NETWORK = 'default'

/** Also what is not declared: the service that names it says so. */
function usedNetworks({ model }: Stack): readonly string[] {
  const used = Object.values(model.services).flatMap((service) =>
    Object.keys(service.networks ?? { [DEFAULT_NETWORK]: 0 }),
  )
  return [...new Set(used)].sort()
}

/** Live name of a network of the file, or of the stack's own one. */
export const networkName = (key: string, stack: Stack): string => stack.model.networks[key]?.name ?? scoped(stack, key)

function networkDocument(key: string, network: ComposeNetwork, stack: Stack): Network {
  const name = networkName(key, stack)
  if (network.external) return { kind: 'Network', name, external: true }
  const { driver, driver_opts: options, internal, attachable, ipam } = network
  return {
    kind: 'Network',
    name,
    driver: driver ?? 'overlay',
    ...(options ? { options } : {}),
    ...(internal ? { internal } : {}),
    ...(attachable ? { attachable } : {}),
    ...(ipam ? { ipam } : {}),
    labels: withNamespace(stack, network.labels),
  }
}

/** Name of the document of a secret or config, before generations. */
export const fileName = (key: string, file: ComposeFile | undefined, stack: Stack): string =>
  file?.name ?? scoped(stack, key)

function files(
  kind: Exclude<ObjectKind, 'Network'>,
  section: Readonly<Record<string, ComposeFile>>,
  stack: Stack,
): readonly StackObject[] {
  return Object.entries(section).map(([key, file]) => {
    const pointer = `/${kind === 'Secret' ? 'secrets' : 'configs'}/${key}`
    const template = file.template_driver !== undefined
    if (template && file.template_driver !== 'golang') {
      stack.doubt(`${pointer}/template_driver`, `'${file.template_driver}' is no template driver of Swarm: golang`)
    }
    return { key, pointer, document: fileDocument(kind, fileName(key, file, stack), { file, stack, template }) }
  })
}

interface FileInput {
  readonly file: ComposeFile
  readonly stack: Stack
  readonly template: boolean
}

function fileDocument(
  kind: Exclude<ObjectKind, 'Network'>,
  name: string,
  { file, stack, template }: FileInput,
): Secret | Config {
  if (file.external) return { kind, name, external: true }
  const rest = { name, labels: withNamespace(stack, file.labels), ...(template ? { template } : {}) }
  if (kind === 'Secret' && file.driver !== undefined) {
    return { kind, ...rest, driver: { name: file.driver, options: file.driver_opts ?? {} } }
  }
  return { kind, ...rest, file: file.file ?? '' }
}
