import type { Member } from './composite.ts'
import type { Findings } from './findings.ts'

/** A config of another document, mounted into a service of the same app as if the service's document said so. */
export interface Mount {
  readonly service: string
  /** Name of the Config. */
  readonly source: string
  /** Path in its containers. */
  readonly target: string
}

export function withMounts(members: readonly Member[], findings: Findings): readonly Member[] {
  const mounting = members.filter(({ mount }) => mount !== undefined)
  if (mounting.length === 0) return members
  return members.map((member) => {
    const { document } = member
    const own = mounting.filter(
      ({ mount, document: { app } }) => app === document.app && mount?.service === document.name,
    )
    if (document.kind !== 'Service' || own.length === 0) return member
    const written = (document.value.configs ?? []) as readonly unknown[]
    const added = own.flatMap(({ mount }) => (mount ? [{ source: mount.source, target: mount.target }] : []))
    refuseTwice(written, own, findings)
    return { ...member, document: { ...document, value: { ...document.value, configs: [...written, ...added] } } }
  })
}

function refuseTwice(written: readonly unknown[], own: readonly Member[], findings: Findings): void {
  const taken = new Set(written.map((config) => (config as { readonly target?: string }).target))
  for (const { mount, document } of own) {
    if (mount && taken.has(mount.target))
      findings.error(document, '', `Service/${mount.service} mounts something at ${mount.target} already`)
  }
}
