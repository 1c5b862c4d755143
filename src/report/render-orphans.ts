import type { FleetPlan } from '../model/outcome.ts'
import { headsOf } from './on-hosts.ts'
import type { Paint } from './paint.ts'
import { printable } from './printable.ts'

/** What is ours where nobody can reach it any more, and what a person can do about it. */
export function renderOrphans(
  { orphans, orphanedTargets }: Pick<FleetPlan, 'orphans' | 'orphanedTargets'>,
  paint: Paint,
): readonly string[] {
  if (orphans.length === 0) return []
  return [
    paint.careful('orphans: ours, but their target is not declared any more'),
    ...headsOf(orphans).map((head) => `  ${head}`),
    ...orphanedTargets.flatMap(({ target, cleanUp, isNow }) =>
      isNow === undefined
        ? [
            `  ${paint.accent('=>')} declare ${target} again, and what should go is pruned; or let go of it: swarmkeeper forget ${target}`,
            `     by hand, as root on ${target}:`,
            ...cleanUp.map((line) => `       ${printable(line)}`),
          ]
        : [`  ${paint.accent('=>')} ${target} is ${isNow} now, and what is there is its: swarmkeeper forget ${target}`],
    ),
    '',
  ]
}
