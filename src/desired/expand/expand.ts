import { groupBy } from '../../lib/group-by.ts'
import { type Desired, type DesiredApp, type Fleet, UNREAD_TARGETS } from '../../model/desired.ts'
import { digestOf } from '../../model/digest.ts'
import type { ResourceId } from '../../model/id.ts'
import { type Address, type Kinds, NormalizeProblem } from '../../model/kind.ts'
import type { Problem } from '../../model/problem.ts'
import type { Handling, Wanted } from '../../model/resource.ts'
import type { Host } from '../../model/written/host.ts'
import type { Document, Documents } from '../document.ts'
import { readAgents } from './agents.ts'
import { readBudgets } from './budgets.ts'
import { type Catalogue, catalogueOf, claimantsOf, type Entry } from './catalogue.ts'
import { checkUnusable } from './check-unusable.ts'
import { type Checks, type NormalizeCheck, readChecks } from './checks.ts'
import { claimIds, refuseSharedHolds, refuseSharedPorts } from './claims.ts'
import { type Composite, expandComposites } from './composite.ts'
import { compareText, createFindings, type Findings } from './findings.ts'
import { readFleet } from './fleet.ts'
import { footingOrder } from './footing-order.ts'
import { handlingOf } from './handling.ts'
import { warnOfIgnored } from './ignored.ts'
import { jobOrder } from './job-order.ts'
import { type Link, linksOf } from './links.ts'
import { refuseCycles } from './order.ts'
import { projectLimits } from './projections.ts'
import { checkPromotions } from './promotions.ts'
import { type Rendered, type RenderSources, renderAll } from './render.ts'
import { type Sealed, sealAll } from './seal.ts'
import { readTargets } from './targets.ts'
import { createUnusable } from './unusable.ts'

export interface ExpandInput extends RenderSources {
  readonly documents: Documents
  readonly kinds: Kinds
  readonly normalizeCheck: NormalizeCheck
  /** Mistakes in a `Host` are `NormalizeProblem`. */
  readonly normalizeHost?: (written: Host) => unknown
  readonly composites?: readonly Composite[]
  /** `target/Kind/name` as people write it -> the app that it has belonged to so far: of two namesakes, that came first. */
  readonly owners?: ReadonlyMap<string, string>
}

/**
 * What a revision declares, from its documents: targets chosen, references followed, every default filled, every
 * resource with its digest. The order of the documents does not matter, but for who of two namesakes came first.
 * An error breaks the app that it is in; of a broken app, `wanted` holds what could be rendered.
 */
export function expandDesired(input: ExpandInput): Desired {
  const { problems } = input.documents
  const findings = createFindings(problems)
  const documents = projectLimits(input.documents.documents, findings)
  const names = appNames(input.documents)
  const fleetDocument = documents.find((document) => document.kind === 'Fleet')
  const fleet = readFleet(fleetDocument, names, findings)
  const targets = readTargets(input.documents, findings, input.normalizeHost)
  const { kinds, files, composites = [], owners = new Map() } = input
  const members = expandComposites({ documents, composites, files, targets, findings })
  const { unusable: broken = [], unread = new Set() } = input.documents
  const unusable = createUnusable({ documents: broken, unread, targets })
  const catalogue = catalogueOf({ members, kinds, targets, findings, owners, unusable })
  const drafts = renderAll(catalogue, input, findings)
  const rendered = claimIds(drafts, findings, { owners, unusable: claimantsOf(broken, { kinds, targets }) })
  refuseSharedPorts({ ...drafts, rendered }, findings, owners)
  refuseSharedHolds({ ...drafts, rendered }, findings, owners)
  const written = linksOf(catalogue, rendered, findings)
  const stated = [...written, ...jobOrder([...catalogue.entries.values()], written)]
  const links = [...stated, ...footingOrder(rendered, stated)]
  refuseCycles(links, findings)
  const sealed = sealAll(rendered, links, findings)
  const budgets = readBudgets(documents, { targets, findings })
  const agents = readAgents(documents, { rendered, budgets, unusable, findings })
  const { normalizeCheck } = input
  const checks = readChecks({ documents, targets, catalogue, normalizeCheck, findings, unusable: broken })
  warnOfIgnored(documents, rendered, findings)
  checkPromotions(documents, names, findings)
  checkUnusable(broken, { catalogue, targets, files, findings })
  const wanted = wantedOf({ catalogue, rendered, sealed, links, checks, fleet, findings })
  const all = findings.all()
  const isBroken = brokenApps(input.documents, all, fleetDocument)
  return {
    fleet,
    targets: targets.declared,
    brokenTargets: targets.unread ? [...targets.broken, UNREAD_TARGETS] : targets.broken,
    apps: appsOf(names, { wanted, links, rendered, checks, isBroken }),
    agents,
    budgets,
    standing: checks.standing,
    policies: policiesOf(documents),
    problems: all,
    addresses: addressesOf(rendered),
    where: whereOf(rendered),
  }
}

const policiesOf = (documents: readonly Document[]): Desired['policies'] =>
  documents.flatMap(({ kind, name, path, value }) =>
    kind === 'Policy' ? [{ name: name ?? path, digest: digestOf(value) }] : [],
  )

const appNames = ({ documents, broken }: Documents): ReadonlySet<string> =>
  new Set([...documents.flatMap((document) => document.app ?? []), ...broken])

/** Without a readable `Fleet` nobody knows its windows and its drift policy: everything waits. */
function brokenApps(
  read: Documents,
  problems: readonly Problem[],
  fleet: Document | undefined,
): (app: string) => boolean {
  const errors = problems.filter((problem) => problem.severity === 'error')
  const apps = new Set([...read.broken, ...errors.flatMap((problem) => problem.app ?? [])])
  return (app) => fleet === undefined || apps.has(app)
}

interface World {
  readonly catalogue: Catalogue
  readonly rendered: ReadonlyMap<Address, Rendered>
  readonly sealed: ReadonlyMap<Address, Sealed>
  readonly links: readonly Link[]
  readonly checks: Checks
  readonly fleet: Fleet
  readonly findings: Findings
}

function wantedOf(world: World): readonly Wanted[] {
  const after = afterOf(world)
  // Of what could not be rendered, for its mistakes alone.
  for (const [address, entry] of world.catalogue.entries) {
    if (!world.rendered.has(address)) readHandling(entry, world)
  }
  const wanted = [...world.rendered].flatMap(([address, { entry, id }]) => {
    const sealed = world.sealed.get(address)
    const handling = readHandling(entry, world)
    if (id === undefined || !sealed || !handling) return []
    const { app, document, kind } = entry
    const origin = document.position('')
    return [{ id, kind: kind.name, ...sealed, app, after: after.get(address) ?? [], handling, origin }]
  })
  return wanted.sort((a, b) => compareText(a.id, b.id))
}

function readHandling({ document, target, kind }: Entry, world: World): Handling | undefined {
  try {
    const checks = world.checks.ofDocument(document, target)
    const kept = kind.keptByDefault ? ({ prune: 'keep' } as const) : {}
    return handlingOf(document.value, { drift: world.fleet.drift, checks, ...kept })
  } catch (error) {
    if (!(error instanceof NormalizeProblem)) throw error
    world.findings.error(document, error.pointer, error.message)
    return undefined
  }
}

function afterOf({ links, rendered }: World): ReadonlyMap<Address, readonly ResourceId[]> {
  const ids = new Map<Address, Set<ResourceId>>()
  for (const { from, to, type } of links) {
    const id = rendered.get(to.address)?.id
    if (type !== 'after' || id === undefined) continue
    ids.set(from.address, (ids.get(from.address) ?? new Set()).add(id))
  }
  return new Map([...ids].map(([address, set]) => [address, [...set].sort(compareText)]))
}

function appsOf(
  names: ReadonlySet<string>,
  world: Pick<World, 'links' | 'rendered' | 'checks'> & {
    readonly wanted: readonly Wanted[]
    readonly isBroken: (app: string) => boolean
  },
): ReadonlyMap<string, DesiredApp> {
  const wantedBy = groupBy(world.wanted, (resource) => resource.app)
  const before = appsBefore(world)
  const appOf = (app: string): DesiredApp => {
    const wanted = wantedBy.get(app) ?? []
    return {
      app,
      wanted,
      gates: world.checks.gatesOf(app),
      broken: world.isBroken(app),
      dependsOnApps: [...(before.get(app) ?? [])].sort(),
      digest: digestOf(wanted.map(({ id, digest }) => [id, digest])),
    }
  }
  return new Map([...names].sort().map((app) => [app, appOf(app)]))
}

/** External things belong to nobody: they order nothing. */
function appsBefore({ links, rendered }: Pick<World, 'links' | 'rendered'>): ReadonlyMap<string, ReadonlySet<string>> {
  const before = new Map<string, Set<string>>()
  for (const { from, to } of links) {
    const found = rendered.get(to.address)
    if (from.app === to.app || (found && found.id === undefined)) continue
    before.set(from.app, (before.get(from.app) ?? new Set()).add(to.app))
  }
  return before
}

/** Only what expanded tells more than its document does. */
function whereOf(rendered: ReadonlyMap<Address, Rendered>): NonNullable<Desired['where']> {
  const members = new Map(
    [...rendered.values()].flatMap(({ id, entry }) => (id && entry.member?.where ? [[id, entry.member] as const] : [])),
  )
  return (id, field) => members.get(id)?.where?.(field)
}

const addressesOf = (rendered: ReadonlyMap<Address, Rendered>): ReadonlyMap<string, readonly ResourceId[]> =>
  new Map([...rendered].flatMap(([address, { id }]) => (id === undefined ? [] : [[address, [id]] as const])))
