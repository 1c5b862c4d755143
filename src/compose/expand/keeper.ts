import type { Keeper, Stack as WrittenStack } from '../../model/written/stack.ts'

/**
 * The stack's `keeper` as each of its resources has it. Checks are those of its services: nothing else answers. They are
 * the stack's, so that one stage asks each of them once.
 */
export function keeperOfMembers(
  { name, keeper }: WrittenStack,
  what: 'runs' | 'inert',
): { readonly keeper?: Omit<Keeper, 'moved'> } {
  if (!keeper) return {}
  const { checks, moved: _, ...rest } = keeper
  if (what === 'inert' || checks === undefined) return { keeper: rest }
  const named = checks.map((check, index) =>
    typeof check === 'string' || check.name !== undefined ? check : { ...check, name: `${name} check ${index + 1}` },
  )
  return { keeper: { ...rest, checks: named } }
}
