import type { Mount, ServiceSpec } from './spec.ts'

/** A field that engines before this API version drop without a word: it would differ for ever. */
export interface ApiNeed {
  /** JSON pointer into the spec. */
  readonly path: string
  /** Engine API version: `1.44`. */
  readonly version: string
}

/** What is newer than API 1.41 in this spec (moby docs/api/version-history.md; what 20.10 drops was tried). */
export function apiNeeds(spec: ServiceSpec): readonly ApiNeed[] {
  const needs: ApiNeed[] = []
  const need = (used: unknown, path: string, version: string): void => {
    if (used) needs.push({ path, version })
  }
  need(spec.seccomp, '/seccomp', '1.44')
  need(spec.apparmor !== 'default', '/apparmor', '1.44')
  need(spec.noNewPrivileges, '/noNewPrivileges', '1.44')
  need(spec.healthcheck?.startInterval, '/healthcheck/startInterval', '1.44')
  need(spec.oomScoreAdj !== 0, '/oomScoreAdj', '1.46')
  for (const [index, mount] of spec.mounts.entries()) {
    const newest = mountNeed(mount)
    need(newest, `/mounts/${index}/${newest?.field}`, newest?.version ?? '')
  }
  return needs
}

function mountNeed(mount: Mount): { readonly field: keyof Mount; readonly version: string } | undefined {
  if (mount.options) return { field: 'options', version: '1.46' }
  if (mount.subpath !== undefined) return { field: 'subpath', version: '1.45' }
  if (mount.readOnlyForceRecursive) return { field: 'readOnlyForceRecursive', version: '1.44' }
  if (mount.readOnlyNonRecursive) return { field: 'readOnlyNonRecursive', version: '1.44' }
  if (mount.createMountpoint) return { field: 'createMountpoint', version: '1.42' }
  return mount.type === 'cluster' ? { field: 'type', version: '1.42' } : undefined
}
