import { groupBy } from '../../lib/group-by.ts'
import { didYouMean } from '../../lib/nearest.ts'
import type { Address, Kind, Kinds } from '../../model/kind.ts'
import type { Document } from '../document.ts'
import { byOrigin, type Findings, whereIs } from './findings.ts'
import { chooseTarget, type Targets } from './targets.ts'

/** A document that declares a resource, and where it stands. */
export interface Entry {
  readonly document: Document
  readonly address: Address
  readonly target: string
  readonly kind: Kind
  readonly name: string
  readonly app: string
}

/** All resource documents of the fleet, by the names that people use for them. */
export interface Catalogue {
  readonly entries: ReadonlyMap<Address, Entry>
  /** `Kind/name` on any target. */
  readonly byShortName: ReadonlyMap<string, readonly Entry[]>
}

export const addressOf = (target: string, kind: string, name: string): Address => `${target}/${kind}/${name}` as Address

export function catalogueOf(input: {
  readonly documents: readonly Document[]
  readonly kinds: Kinds
  readonly targets: Targets
  readonly findings: Findings
  /** Address -> the app that it has belonged to so far. */
  readonly owners: ReadonlyMap<string, string>
}): Catalogue {
  const placed = [...input.documents].sort(byOrigin).flatMap((document) => placeDocument(document, input))
  const entries = new Map<Address, Entry>()
  for (const [address, found] of groupBy(placed, (entry) => entry.address)) {
    // Whose it is already has come first, whatever its file is called.
    const first = found.find((entry) => entry.app === input.owners.get(address)) ?? found[0]
    if (first) entries.set(address, first)
    for (const other of found) if (first && other !== first) refuseTwice(first, other, input.findings)
  }
  const sorted = new Map([...entries].sort(([a], [b]) => (a < b ? -1 : 1)))
  return { entries: sorted, byShortName: groupBy([...sorted.values()], shortName) }
}

const shortName = (entry: Entry): string => `${entry.kind.name}/${entry.name}`

function placeDocument(
  document: Document,
  { kinds, targets, findings }: { readonly kinds: Kinds; readonly targets: Targets; readonly findings: Findings },
): readonly Entry[] {
  const { app, name } = document
  if (app === undefined || name === undefined || document.kind === 'Check') return []
  const kind = kinds.get(document.kind)
  if (!kind) {
    findings.error(
      document,
      '/kind',
      `'${document.kind}' is no kind of an app${didYouMean(document.kind, kinds.keys())}`,
    )
    return []
  }
  const chosen = chooseTarget(document.value.target, targets)
  if ('problem' in chosen) {
    findings.error(document, 'target' in document.value ? '/target' : '', chosen.problem)
    return []
  }
  return [{ document, address: addressOf(chosen.target, kind.name, name), target: chosen.target, kind, name, app }]
}

/** What is not ours may be named by every app that needs it; what is ours has one place. */
function refuseTwice(first: Entry, other: Entry, findings: Findings): void {
  if (isExternal(first) && isExternal(other)) return
  const where = whereIs(first.document.position(''))
  findings.error(other.document, '/name', `${other.address} is already declared at ${where}`)
}

const isExternal = (entry: Entry): boolean => entry.document.value.external === true

/** `Kind/name` or `target/Kind/name`, as written in a document of this target. */
export function resolveReference(
  written: string,
  from: { readonly target: string },
  catalogue: Catalogue,
): { readonly entry: Entry } | { readonly problem: string } {
  const parts = written.split('/')
  if (parts.length < 2 || parts.length > 3 || parts.includes('')) {
    return { problem: `'${written}' is no reference; write Kind/name or target/Kind/name` }
  }
  const exact = catalogue.entries.get((parts.length === 3 ? written : `${from.target}/${written}`) as Address)
  if (exact) return { entry: exact }
  const candidates = parts.length === 2 ? (catalogue.byShortName.get(written) ?? []) : []
  const [only, ...others] = candidates
  if (only && others.length === 0) return { entry: only }
  if (only) return { problem: `'${written}' is on several targets; write one of ${addresses(candidates)}` }
  const known = parts.length === 3 ? catalogue.entries.keys() : catalogue.byShortName.keys()
  return { problem: `no document declares '${written}'${didYouMean(written, known)}` }
}

const addresses = (entries: readonly Entry[]): string => entries.map((entry) => entry.address).join(', ')
