import { sortFileRefs } from './sort.ts'
import type { FileRef, ServiceSpec } from './spec.ts'

/** The same service with other live names of its secrets and configs. */
export function referring(spec: ServiceSpec, nameOf: (kind: string, name: string) => string): ServiceSpec {
  const files = (kind: string, refs: readonly FileRef[]): readonly FileRef[] =>
    sortFileRefs(refs.map((ref) => ({ ...ref, name: nameOf(kind, ref.name) })))
  const { credentialSpec } = spec
  return {
    ...spec,
    secrets: files('Secret', spec.secrets),
    configs: files('Config', spec.configs),
    ...(credentialSpec?.config === undefined
      ? {}
      : { credentialSpec: { ...credentialSpec, config: nameOf('Config', credentialSpec.config) } }),
  }
}
