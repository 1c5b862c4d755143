import { digestOf } from '../../src/model/digest.ts'
import type { ResourceId } from '../../src/model/id.ts'
import type { Kinds } from '../../src/model/kind.ts'
import type { Health, Observed, Owner } from '../../src/model/live.ts'
import type { Change, HeldChange, Plan } from '../../src/model/plan.ts'
import type { Wanted } from '../../src/model/resource.ts'
import type { Written } from '../support/fleet.ts'
import { testKinds } from '../support/kinds.ts'
import { wantedIn } from '../support/plan-input.ts'

/** Never made by us, like a node of a Swarm. */
const host = {
  name: 'Host',
  normalize: () => ({ name: undefined, spec: {}, uses: [] }),
  rank: 0,
  inert: true,
  found: true,
  compare: (spec: unknown, live: unknown) =>
    digestOf(spec) === digestOf(live) ? [] : [{ path: '/labels', effect: 'none' as const }],
  suspend: () => undefined,
}

export const kinds: Kinds = new Map([...testKinds, ['Host', host]])

export const want = (written: Written, app = 'web'): Wanted => wantedIn(app, written)

export const wantAll = (written: readonly Written[], app = 'web'): readonly Wanted[] =>
  written.map((one) => want(one, app))

interface Seen {
  /** Fields that live has in place of the written ones. */
  readonly patch?: object
  readonly owner?: Owner
  readonly health?: Health
}

export const usFor = ({ app, digest }: Pick<Wanted, 'app' | 'digest'>): Owner => ({ who: 'us', app, digest })

/** As it was written, ours and healthy, but for what is said. */
export const seen = (wanted: Wanted, { patch = {}, owner, health }: Seen = {}): Observed => ({
  state: 'present',
  live: { ...(wanted.spec as object), ...patch },
  owner: owner ?? usFor(wanted),
  health: health ?? { status: 'healthy', instance: '1' },
  version: '1',
})

const short = (id: ResourceId): string => id.slice(id.indexOf('/') + 1)

/** `update by drift: Thing/a /label` */
export function wordsOf(change: Change): string {
  const paths = change.diffs.map(({ path }) => ` ${path}`).join('')
  const frees =
    change.action === 'replace' && change.frees.length > 0 ? ` for ${change.frees.map(short).join(', ')}` : ''
  const from = change.action === 'move' ? ` from ${change.fromApp}` : ''
  return `${change.action} by ${change.cause}: ${short(change.id)}${from}${paths}${frees}`
}

/** `data: Thing/a` */
export const heldWords = ({ id, why }: HeldChange): string => `${why}: ${short(id)}`

/** Stage by stage, `update Thing/a`. */
export const stageWords = (plan: Pick<Plan, 'stages'>): readonly (readonly string[])[] =>
  plan.stages.map(({ changes }) => changes.map(({ action, id }) => `${action} ${short(id)}`))
