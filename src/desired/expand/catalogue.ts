import { groupBy } from '../../lib/group-by.ts'
import { didYouMean } from '../../lib/nearest.ts'
import type { Address, Kind, Kinds } from '../../model/kind.ts'
import type { Document } from '../document.ts'
import type { Member } from './composite.ts'
import { byOrigin, type Findings, whereIs } from './findings.ts'
import { chooseTarget, type Targets } from './targets.ts'
import type { Unusable } from './unusable.ts'

/** A document that declares a resource, and where it stands. */
export interface Entry {
  readonly document: Document
  readonly address: Address
  readonly target: string
  readonly kind: Kind
  readonly name: string
  readonly app: string
  /** It came out of another document, which knows more of where it was written. */
  readonly member?: Member
}

/** All resource documents of the fleet, by the names that people use for them. */
export interface Catalogue {
  readonly entries: ReadonlyMap<Address, Entry>
  /** `Kind/name` on any target. */
  readonly byShortName: ReadonlyMap<string, readonly Entry[]>
  /** `Stack/platform` on a target -> what runs of it. */
  readonly groups: ReadonlyMap<string, readonly Entry[]>
  /** Declared, and not to be had; see `Unusable`. */
  readonly unusable: Unusable
}

export const addressOf = (target: string, kind: string, name: string): Address => `${target}/${kind}/${name}` as Address

export function catalogueOf(input: {
  readonly members: readonly Member[]
  readonly kinds: Kinds
  readonly targets: Targets
  readonly findings: Findings
  readonly unusable: Unusable
  /** Address -> the app that it has belonged to so far. */
  readonly owners: ReadonlyMap<string, string>
}): Catalogue {
  const { unusable } = input
  const noTarget = noTargetReporter(input)
  const placed = [...input.members]
    .sort((a, b) => byOrigin(a.document, b.document))
    .flatMap((member) => placeMember(member, { ...input, noTarget }))
  const entries = new Map<Address, Entry>()
  for (const [address, all] of groupBy(placed, (entry) => entry.address)) {
    const found = withoutWeak(all)
    // Whose it is already has come first, whatever its file is called.
    const first = found.find((entry) => entry.app === input.owners.get(address)) ?? found[0]
    if (first && isFirst(first, unusable.at(address), input)) entries.set(address, first)
    for (const other of found) {
      if (first && other !== first) refuseTwice(address, first.document, other.document, input.findings)
    }
  }
  const sorted = new Map([...entries].sort(([a], [b]) => (a < b ? -1 : 1)))
  return { entries: sorted, byShortName: groupBy([...sorted.values()], shortName), groups: groupsOf(placed), unusable }
}

/** A name that a document with errors has is taken: once it is mended, it would be a newcomer to its own name otherwise. */
function isFirst(
  { address, document, member }: Entry,
  other: Document | undefined,
  { owners, findings }: { readonly owners: ReadonlyMap<string, string>; readonly findings: Findings },
): boolean {
  if (!other || member?.weak || (isExternal(document) && isExternal(other))) return true
  const owner = owners.get(address)
  const owned = document.app === other.app ? undefined : [document, other].find(({ app }) => app === owner)
  const first = owned ?? (byOrigin(document, other) <= 0 ? document : other)
  refuseTwice(address, first, first === document ? other : document, findings)
  return first === document
}

/** What others only refer to is whoever's that declares it. */
function withoutWeak(entries: readonly Entry[]): readonly Entry[] {
  const declared = entries.filter((entry) => entry.member?.weak !== true)
  return declared.length > 0 ? declared : entries.slice(0, 1)
}

const groupsOf = (entries: readonly Entry[]): ReadonlyMap<string, readonly Entry[]> =>
  groupBy(
    entries.filter((entry) => entry.member?.of !== undefined && entry.kind.inert !== true),
    (entry) => `${entry.target}/${entry.member?.of}`,
  )

const shortName = (entry: Entry): string => `${entry.kind.name}/${entry.name}`

/** Documents of an app that declare no resource. */
const INERT_DOCUMENTS: ReadonlySet<string> = new Set(['Check', 'Budget'])

function placeMember(
  member: Member,
  {
    kinds,
    targets,
    findings,
    unusable,
    noTarget,
  }: {
    readonly kinds: Kinds
    readonly targets: Targets
    readonly findings: Findings
    readonly unusable: Unusable
    readonly noTarget: ReturnType<typeof noTargetReporter>
  },
): readonly Entry[] {
  const { document } = member
  const { app, name } = document
  if (app === undefined || name === undefined || INERT_DOCUMENTS.has(document.kind)) return []
  const kind = member.kind ?? kinds.get(document.kind)
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
    noTarget(document, chosen.problem)
    unusable.add(document)
    return []
  }
  const { target } = chosen
  return [{ document, address: addressOf(target, kind.name, name), target, kind, name, app, member }]
}

/** What follows from a target that was not read rightly, and was told, is told once for each app that has to wait for it. */
function noTargetReporter({ targets, findings }: { readonly targets: Targets; readonly findings: Findings }) {
  const told = new Set<string>()
  return (document: Document, problem: string): void => {
    const own = 'target' in document.value
    const follows = !own && (targets.unread || targets.broken.length > 0)
    if (follows && told.has(document.app ?? '')) return
    if (follows) told.add(document.app ?? '')
    findings.error(document, own ? '/target' : '', problem)
  }
}

/** Documents with errors that would be something of ours, where their target is known. */
export function claimantsOf(
  documents: readonly Document[],
  { kinds, targets }: { readonly kinds: Kinds; readonly targets: Targets },
): readonly Entry[] {
  return documents.flatMap((document): readonly Entry[] => {
    const { app, name } = document
    const kind = kinds.get(document.kind)
    const chosen = chooseTarget(document.value.target, targets)
    if (app === undefined || name === undefined || !kind || 'problem' in chosen || isExternal(document)) return []
    return [{ document, address: addressOf(chosen.target, kind.name, name), target: chosen.target, kind, name, app }]
  })
}

/** What is not ours may be named by every app that needs it; what is ours has one place. */
function refuseTwice(address: Address, first: Document, other: Document, findings: Findings): void {
  if (isExternal(first) && isExternal(other)) return
  findings.error(other, '/name', `${address} is already declared at ${whereIs(first.position(''))}`)
}

const isExternal = (document: Document): boolean => document.value.external === true

/** `Kind/name` or `target/Kind/name`, as written in a document of this target. */
export function resolveReference(
  written: string,
  from: { readonly target: string | undefined },
  catalogue: Catalogue,
): { readonly entry: Entry } | { readonly broken: Document } | { readonly problem: string } {
  const parts = written.split('/')
  if (parts.length < 2 || parts.length > 3 || parts.includes('')) {
    return { problem: `'${written}' is no reference; write Kind/name or target/Kind/name` }
  }
  const [name = '', kind = '', target = from.target] = [...parts].reverse()
  const exact = catalogue.entries.get(`${target}/${kind}/${name}` as Address)
  if (exact) return { entry: exact }
  const candidates = parts.length === 2 ? (catalogue.byShortName.get(written) ?? []) : []
  const [only, ...others] = candidates
  if (only && others.length === 0) return { entry: only }
  if (only) return { problem: `'${written}' is on several targets; write one of ${addresses(candidates)}` }
  const broken = catalogue.unusable.find({ kind, name, ...(parts.length === 3 && target ? { target } : {}) })
  if (broken) return { broken }
  const groups = [...catalogue.groups.keys()]
  const known =
    parts.length === 3
      ? [...catalogue.entries.keys(), ...groups]
      : [...catalogue.byShortName.keys(), ...groups.map((group) => group.slice(group.indexOf('/') + 1))]
  return { problem: `no document declares '${written}'${catalogue.unusable.note || didYouMean(written, known)}` }
}

const addresses = (entries: readonly Entry[]): string => entries.map((entry) => entry.address).join(', ')
