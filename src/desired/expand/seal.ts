import { groupBy } from '../../lib/group-by.ts'
import { type Digest, digestOf } from '../../model/digest.ts'
import type { Address } from '../../model/kind.ts'
import type { Findings } from './findings.ts'
import type { Link } from './links.ts'
import type { Rendered } from './render.ts'

/** A spec that is complete: with the digests of what it reacts to (architecture, rule 4), and its own. */
export interface Sealed {
  readonly spec: unknown
  readonly digest: Digest
}

/** What a trigger names is sealed first; what cannot be sealed was reported. */
export function sealAll(
  rendered: ReadonlyMap<Address, Rendered>,
  links: readonly Link[],
  findings: Findings,
): ReadonlyMap<Address, Sealed> {
  const triggers = groupBy(
    links.filter((link) => link.type === 'trigger'),
    (link) => link.from.address,
  )
  const outcomes = new Map<Address, Sealed | undefined>()
  for (const address of rendered.keys()) seal(address)
  return new Map([...outcomes].flatMap(([address, sealed]) => (sealed ? [[address, sealed] as const] : [])))

  function seal(address: Address): Sealed | undefined {
    if (outcomes.has(address)) return outcomes.get(address)
    outcomes.set(address, undefined) // a cycle ends here; refuseCycles says so
    const subject = rendered.get(address)
    const spec = subject && complete(subject)
    const sealed = spec === undefined ? undefined : { spec, digest: digestOf(spec) }
    outcomes.set(address, sealed)
    return sealed
  }

  function complete({ entry, normalized }: Rendered): unknown {
    const own = triggers.get(entry.address) ?? []
    if (own.length === 0) return normalized.spec
    const digests = own.map((link) => [link.to.address, triggerDigest(link)] as const)
    if (digests.some(([, digest]) => digest === undefined)) return undefined
    return { ...(normalized.spec as object), triggers: Object.fromEntries(digests) }
  }

  function triggerDigest(link: Link): Digest | undefined {
    const { from, to, pointer } = link
    const subject = rendered.get(to.address)
    if (subject && subject.id === undefined) {
      findings.error(from.document, pointer, `${to.address} is external: its changes are not seen`)
      return undefined
    }
    const digest = subject && seal(to.address)?.digest
    if (!subject && to.app !== from.app) {
      findings.error(from.document, pointer, `${to.address} of the app '${to.app}' has errors`)
    }
    return digest
  }
}
