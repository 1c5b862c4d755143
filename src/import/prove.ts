import { generationOf } from '../kinds/generation.ts'
import type { Desired } from '../model/desired.ts'
import { makeId, partsOf, type ResourceId } from '../model/id.ts'
import type { Kinds } from '../model/kind.ts'
import type { Resource, Wanted } from '../model/resource.ts'
import { appName } from './apps.ts'
import type { Decisions, Draft, Piece } from './draft.ts'
import { type Found, stackOf } from './found.ts'

export interface Failure {
  readonly piece: Piece
  readonly why: string
}

/**
 * What a draft means, read back as the engine reads documents, against what is live: every resource must be there, must
 * be nobody's, and must not differ. So a plan over it only adopts.
 */
export function proveDraft(
  draft: Draft,
  desired: Desired,
  context: { readonly found: Found; readonly kinds: Kinds },
): readonly Failure[] {
  const errors = desired.problems
    .filter(({ severity }) => severity === 'error')
    .flatMap(({ position, pointer, message }) => {
      const piece = draft.pieceAt(position.path, pointer)
      return piece ? [{ piece, why: message }] : []
    })
  const wanted = [...desired.apps.values()].flatMap((app) => app.wanted)
  const differing = wanted.flatMap((one) => {
    const why = differenceOf(one, context)
    return why === undefined ? [] : [{ piece: pieceOf(one, draft), why }]
  })
  const failures = [...errors, ...differing]
  return [...failures, ...missing(draft, wanted, { ...context, failures })]
}

function differenceOf(
  wanted: Wanted,
  { found, kinds }: { readonly found: Found; readonly kinds: Kinds },
): string | undefined {
  const kind = kinds.get(wanted.kind)
  const observed = found.live.of.get(wanted.id)
  if (!kind || observed === undefined || observed.state === 'absent') return `${wanted.id} would be made anew`
  if (observed.state === 'unknown') return observed.reason
  if (observed.owner.who === 'other') return `it belongs to the install '${observed.owner.install}'`
  const diffs = kind.compare(wanted.spec, observed.live)
  if (diffs.length > 0) return `it would change ${diffs.map(({ path }) => path).join(', ')}`
  const asked = kind.image?.written(wanted.spec)
  const isPinned = asked === undefined || kind.image?.ofLive(wanted.spec, observed.live) !== undefined
  return isPinned ? undefined : 'its image runs without a digest, and would get one'
}

/** A config is called by its document, not by its generation. */
function pieceOf({ id, kind, app }: Wanted, draft: Draft): Piece {
  const { name } = partsOf(id)
  if (kind === 'Config') return { kind, name: draft.configs.includes(name) ? name : generationOf(name) }
  return kind === 'Service' || kind === 'Network' ? { kind, name } : { kind: 'Stack', name: stackOfApp(app, draft) }
}

const stackOfApp = (app: string, { stacks }: Draft): string => stacks.find((stack) => appName(stack) === app) ?? app

/** What was written and is not there, without a word why. */
function missing(
  draft: Draft,
  wanted: readonly Resource[],
  { found, failures }: { readonly found: Found; readonly failures: readonly Failure[] },
): readonly Failure[] {
  const there = new Set<ResourceId>(wanted.map(({ id }) => id))
  // Of a file with a mistake in it nothing is read: the next form of what is mistaken shows what the rest is.
  const failing = new Set(
    failures.flatMap(({ piece }) => (piece.kind === 'Stack' ? piece.name : draft.stackWith(piece))),
  )
  const isTold = (piece: Piece): boolean =>
    failures.some((one) => isSame(one.piece, piece)) || failing.has(draft.stackWith(piece) ?? '')
  return draft.services
    .map((name): Piece => ({ kind: 'Service', name }))
    .filter(({ kind, name }) => !there.has(makeId({ target: found.target, kind, name })))
    .filter((piece) => !isTold(piece))
    .map((piece) => ({ piece, why: 'its document was not read' }))
}

const isSame = (a: Piece, b: Piece): boolean => a.kind === b.kind && a.name === b.name

/** The next form for each piece that failed: out of its compose file, and after that out of the import. */
export function decideAgain(before: Decisions, failures: readonly Failure[], draft: Draft, found: Found): Decisions {
  const apart = new Map(before.apart)
  const networksApart = new Map(before.networksApart)
  const configsApart = new Map(before.configsApart)
  const leftOut = new Map(before.leftOut)
  for (const { piece, why } of failures) {
    const { kind, name } = piece
    const inStack = draft.stackWith(piece) !== undefined
    if (kind === 'Stack') for (const service of membersOf(name, draft, found)) apart.set(service, why)
    else if (kind === 'Config') configsApart.set(name, why)
    else if (!inStack) leftOut.set(`${kind}/${name}`, why)
    else if (kind === 'Service') apart.set(name, why)
    else networksApart.set(name, why)
  }
  return { apart, networksApart, configsApart, leftOut }
}

function membersOf(stack: string, draft: Draft, found: Found): readonly string[] {
  const names = found.services.map((one) => one.live).filter((service) => stackOf(service) === stack)
  return names.map(({ name }) => name).filter((name) => draft.stackWith({ kind: 'Service', name }) !== undefined)
}
