import { tryParseImage } from '../../kinds/image-reference.ts'
import { ReconcileError } from '../../model/error.ts'
import type { ImagePin } from '../../model/kind.ts'
import type { RegistryCredential, SwarmCredentials, SwarmTargetConfig } from './config.ts'
import type { Connection } from './connection.ts'
import { EngineError } from './engine-error.ts'

const HUB = 'docker.io'
/** What Docker Hub is called in credentials since its first version. */
const HUB_SERVER = 'https://index.docker.io/v1/'

/** `registry.example:5000` of `registry.example:5000/a/b:1`; names without a host are Docker Hub's. */
export function registryOf(reference: string): string | undefined {
  const name = tryParseImage(reference)?.name
  if (name === undefined) return undefined
  const [first = '', ...rest] = name.split('/')
  return rest.length > 0 && (/[.:]/.test(first) || first === 'localhost') ? first : HUB
}

/**
 * `X-Registry-Auth` for an image: the first of the target's registry credentials that is for its registry, and no
 * other registry ever sees it. Undefined: no header, and an update keeps what the service has (swarm.md 17).
 */
export function registryAuth(
  reference: string,
  { config, credentials }: { readonly config: SwarmTargetConfig; readonly credentials: SwarmCredentials },
): string | undefined {
  const address = registryOf(reference)
  if (address === undefined) return undefined
  const found = config.registries
    .map((name) => credentials.registry(name))
    .find((credential) => credential.addresses.some((served) => sameRegistry(served, address)))
  return found && encodeAuth(found, address)
}

const sameRegistry = (served: string, address: string): boolean =>
  served === address || (address === HUB && ['index.docker.io', 'registry-1.docker.io', HUB_SERVER].includes(served))

function encodeAuth({ username, password }: RegistryCredential, address: string): string {
  const serveraddress = address === HUB ? HUB_SERVER : address
  const json = JSON.stringify({ username, password: password.revealText(), serveraddress })
  // Go's URLEncoding: with padding. Node's `base64url` has none, and engines then take it silently for no login.
  return Buffer.from(json).toString('base64').replaceAll('+', '-').replaceAll('/', '_')
}

interface Distribution {
  readonly Descriptor?: { readonly digest?: string }
  readonly Platforms?: readonly { readonly architecture?: string; readonly os?: string }[] | null
}

/**
 * What a tag means now, asked of the registry by the engine, as the Docker CLI does; the engine itself does it for
 * nobody who speaks its API (swarm.md 1). Platforms are as the image has them, but for attestations.
 */
export async function resolveImage(
  reference: string,
  options: { readonly connection: Connection; readonly auth: string | undefined; readonly signal: AbortSignal },
): Promise<ImagePin> {
  if (registryOf(reference) === undefined) throw unresolved(reference, new Error('it is not an image reference'))
  const call = { method: 'GET', path: `/distribution/${reference}/json` } as const
  try {
    const auth = options.auth === undefined ? {} : { registryAuth: options.auth }
    const answer = await options.connection.read({ ...call, ...auth }, options.signal)
    return pinOf(reference, JSON.parse(answer.body.toString('utf8')) as Distribution)
  } catch (error) {
    if (!(error instanceof EngineError) || error.status === 0) throw error
    throw unresolved(reference, error)
  }
}

function pinOf(reference: string, { Descriptor, Platforms }: Distribution): ImagePin {
  const digest = Descriptor?.digest
  if (!digest) throw unresolved(reference, new Error('the registry named no digest'))
  const platforms = (Platforms ?? [])
    .map(({ architecture = '', os = '' }) => ({ architecture, os }))
    .filter(({ architecture, os }) => architecture !== 'unknown' && os !== 'unknown')
  return { digest, platforms }
}

function unresolved(reference: string, cause: Error): ReconcileError {
  return new ReconcileError('ImageUnresolved', {
    message: `the image ${reference} could not be looked up: ${cause.message}`,
    todo:
      'check name and tag, that a manager reaches the registry, and, where it asks for a login, that `registries` of ' +
      'the Swarm names a credential for it; `resolve: never` is for images that only the nodes have',
    retryable: !(cause instanceof EngineError) || ![400, 401, 403].includes(cause.status),
    cause,
  })
}
