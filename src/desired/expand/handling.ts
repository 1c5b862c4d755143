import { parseDuration } from '../../lib/duration.ts'
import type { CheckSpec } from '../../model/check.ts'
import { messageOf } from '../../model/error.ts'
import { NormalizeProblem } from '../../model/kind.ts'
import { type DriftPolicy, defaultHandling, type Handling, type Rollout } from '../../model/resource.ts'

/** The reserved key `keeper`, as people type it. */
export interface WrittenKeeper {
  readonly dependsOn?: readonly string[]
  readonly after?: { readonly app: string; readonly healthyFor?: string }
  readonly adopt?: boolean | 'converge'
  readonly moved?: { readonly from?: string; readonly services?: Readonly<Record<string, string>> }
  readonly prune?: 'allow' | 'keep'
  readonly drift?: DriftPolicy
  readonly ignore?: readonly { readonly field: string; readonly reason: string }[]
  readonly suspend?: boolean
  readonly rollback?: 'app' | 'hold'
  readonly onFirstFailure?: 'stay' | 'remove'
  readonly stableFor?: string
  readonly bake?: string
  readonly timeout?: string
  readonly checks?: readonly unknown[]
}

export const keeperOf = (value: Readonly<Record<string, unknown>>): WrittenKeeper =>
  (value.keeper as WrittenKeeper | undefined) ?? {}

/** Every default filled. @throws NormalizeProblem */
export function handlingOf(
  value: Readonly<Record<string, unknown>>,
  from: { readonly drift: DriftPolicy; readonly checks: readonly CheckSpec[]; readonly prune?: Handling['prune'] },
): Handling {
  const keeper = keeperOf(value)
  return {
    ...defaultHandling,
    adopt: keeper.adopt === true ? 'stamp' : keeper.adopt === 'converge' ? 'converge' : 'no',
    prune: keeper.prune ?? from.prune ?? defaultHandling.prune,
    drift: keeper.drift ?? from.drift,
    ignore: (keeper.ignore ?? []).map(({ field, reason }) => ({ field, reason })),
    suspend: keeper.suspend ?? defaultHandling.suspend,
    rollback: keeper.rollback ?? defaultHandling.rollback,
    onFirstFailure: keeper.onFirstFailure ?? defaultHandling.onFirstFailure,
    stableForMs: duration(keeper, 'stableFor', defaultHandling.stableForMs),
    bakeMs: duration(keeper, 'bake', defaultHandling.bakeMs),
    timeoutMs: duration(keeper, 'timeout', defaultHandling.timeoutMs),
    checks: from.checks,
    keep: typeof value.keep === 'number' ? value.keep : defaultHandling.keep,
    ...(keeper.moved && movedFrom(keeper.moved)),
    ...(keeper.after && { follows: followsOf(keeper.after) }),
    ...(value.rollout === undefined ? {} : { rollout: rolloutOf(value.rollout as WrittenRollout) }),
  }
}

function movedFrom({ from, services }: NonNullable<WrittenKeeper['moved']>): { readonly movedFrom?: string } {
  if (services)
    throw new NormalizeProblem('/keeper/moved/services', 'only a Stack has services; `from` is for the rest')
  return from === undefined ? {} : { movedFrom: from }
}

const followsOf = ({ app, healthyFor }: NonNullable<WrittenKeeper['after']>): NonNullable<Handling['follows']> => ({
  app: appNamed(app),
  healthyForMs: healthyFor === undefined ? 0 : milliseconds(healthyFor, '/keeper/after/healthyFor'),
})

/** People write the folder, `apps/status-page`; the app is called `status-page`. */
export const appNamed = (written: string): string => written.replace(/^apps\//, '').replace(/\/$/, '')

function duration(keeper: WrittenKeeper, key: 'stableFor' | 'bake' | 'timeout', fallback: number): number {
  const written = keeper[key]
  return written === undefined ? fallback : milliseconds(written, `/keeper/${key}`)
}

function milliseconds(written: string, pointer: string): number {
  try {
    return parseDuration(written)
  } catch (error) {
    throw new NormalizeProblem(pointer, messageOf(error))
  }
}

/** `rollout` of what lives on hosts, as people type it. */
interface WrittenRollout {
  readonly canary?: number
  readonly batch?: number
  readonly pause?: string
  readonly unreachable?: 'skip' | 'wait'
}

const rolloutOf = ({ canary = 0, batch, pause, unreachable = 'skip' }: WrittenRollout): Rollout => ({
  canary,
  ...(batch === undefined ? {} : { batch }),
  pauseMs: pause === undefined ? 0 : milliseconds(pause, '/rollout/pause'),
  unreachable,
})
