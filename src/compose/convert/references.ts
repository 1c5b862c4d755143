import { SWARM_DEFAULTS } from '../../kinds/service/defaults.ts'
import { octal } from '../../kinds/service/go-values.ts'
import { sortFileRefs } from '../../kinds/service/sort.ts'
import type { FileRef, ServiceSpec } from '../../kinds/service/spec.ts'
import type { ComposeService, FileReference } from '../model.ts'
import { fileName } from './objects.ts'
import type { ServicePlace } from './service.ts'

type CredentialSpec = NonNullable<ServiceSpec['credentialSpec']>

type Files = Pick<ServiceSpec, 'secrets' | 'configs'> & { readonly credentialSpec: CredentialSpec | undefined }

/** Secrets and configs of a service; a credential spec in a config is a config of the runtime, with no path. */
export function filesOf(service: ComposeService, place: ServicePlace): Files {
  const secrets = mounted('Secret', service.secrets ?? [], place)
  const configs = mounted('Config', service.configs ?? [], place)
  const { uid, gid, fileMode: mode } = SWARM_DEFAULTS
  const credentialSpec = credentialSpecOf(service, place)
  const runtime: readonly FileRef[] =
    credentialSpec?.config === undefined ? [] : [{ name: credentialSpec.config, uid, gid, mode }]
  return { secrets: sortFileRefs(secrets), configs: sortFileRefs([...configs, ...runtime]), credentialSpec }
}

const SECTION = { Secret: 'secrets', Config: 'configs' } as const

function mounted(
  kind: 'Secret' | 'Config',
  references: readonly FileReference[],
  place: ServicePlace,
): readonly FileRef[] {
  const targets = new Set<string | undefined>()
  return references.map((reference, index) => {
    const pointer = `${place.pointer}/${SECTION[kind]}/${index}`
    const file = fileOf(kind, reference, { ...place, pointer })
    if (targets.has(file.target)) place.stack.refuse(pointer, `two files at ${file.target}`)
    targets.add(file.target)
    return file
  })
}

/** @param place whose pointer is that of the reference */
function fileOf(kind: 'Secret' | 'Config', reference: FileReference, place: ServicePlace): FileRef {
  const { source = '', target = source, uid, gid, mode } = reference
  return {
    name: liveName(kind, source, place),
    target,
    uid: uid ?? SWARM_DEFAULTS.uid,
    gid: gid ?? SWARM_DEFAULTS.gid,
    mode: mode === undefined ? SWARM_DEFAULTS.fileMode : octal(mode),
  }
}

function liveName(kind: 'Secret' | 'Config', key: string, { stack, pointer }: ServicePlace): string {
  const section = SECTION[kind]
  const file = stack.model[section][key]
  if (!file) {
    stack.refuse(pointer, `no ${kind.toLowerCase()} '${key}' is declared under the top-level '${section}'`)
  }
  return stack.refer(kind, fileName(key, file, stack))
}

function credentialSpecOf(
  { credential_spec: written }: ComposeService,
  place: ServicePlace,
): CredentialSpec | undefined {
  if (!written) return undefined
  const given = Object.keys(written)
  if (given.length > 1) {
    place.stack.refuse(`${place.pointer}/credential_spec`, `${given.join(' and ')} together: only one of them`)
  }
  if (written.config === undefined) return written
  return {
    config: liveName('Config', written.config, { ...place, pointer: `${place.pointer}/credential_spec/config` }),
  }
}
