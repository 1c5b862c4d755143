import { didYouMean } from '../../lib/nearest.ts'
import type { Stack as WrittenStack } from '../../model/written/stack.ts'
import { scoped } from '../convert/stack.ts'
import type { ComposeModel, ComposeService } from '../model.ts'

/**
 * A Swarm renames nothing: under another name comes another service, with an empty volume. So `moved` says what a service
 * is live already, and it stays that, name, networks, volumes and labels of its stack, whichever document declares it now
 * (architecture, rules 11 and 12). Nothing restarts.
 */
interface Moving {
  readonly written: WrittenStack
  readonly model: ComposeModel
}

/** The stack that a service is of live, and its live name. */
export function liveAs(
  { written }: Pick<Moving, 'written'>,
  key: string,
): { readonly stack: string; readonly name: string } {
  const { from, services } = written.keeper?.moved ?? {}
  const [stack = '', before] = services?.[key]?.split('/') ?? []
  if (before !== undefined) return { stack, name: scoped({ name: stack }, before) }
  const own = from ?? written.name
  return { stack: own, name: scoped({ name: own }, key) }
}

/** What is wrong with `moved`: the Stack's schema sees neither the services of its files nor that two become one. */
export function movesOf({ written, model }: Moving): readonly { readonly pointer: string; readonly message: string }[] {
  const moved = Object.keys(written.keeper?.moved?.services ?? {})
  const keys = Object.keys(model.services)
  const unknown = moved.filter((key) => !keys.includes(key))
  return unknown.map((key) => ({
    pointer: `/keeper/moved/services/${key}`,
    message: `no service '${key}' is in its compose files${didYouMean(key, keys)}`,
  }))
}

/**
 * Live stack -> the part of the files that is of it: its services, and the secrets and configs that they use. What none
 * of the moved ones uses, or others use as well, is the stack's own.
 */
export function partsByLiveStack({ written, model }: Moving): ReadonlyMap<string, ComposeModel> {
  const own = written.keeper?.moved?.from ?? written.name
  const parts = new Map<string, Record<string, ComposeService>>([[own, {}]])
  for (const [key, service] of Object.entries(model.services)) {
    const { stack } = liveAs({ written }, key)
    parts.set(stack, { ...parts.get(stack), [key]: service })
  }
  if (parts.size === 1) return new Map([[own, model]])
  const used = (services: Readonly<Record<string, ComposeService>>) => usedFiles(Object.values(services))
  const elsewhere = used(
    Object.fromEntries([...parts].flatMap(([stack, some]) => (stack === own ? [] : Object.entries(some)))),
  )
  const here = used(parts.get(own) ?? {})
  return new Map(
    [...parts].map(([stack, services]) => {
      const uses = used(services)
      const isOf = (kind: 'secrets' | 'configs', key: string): boolean =>
        stack === own ? here[kind].has(key) || !elsewhere[kind].has(key) : uses[kind].has(key)
      const only = (kind: 'secrets' | 'configs') =>
        Object.fromEntries(Object.entries(model[kind]).filter(([key]) => isOf(kind, key)))
      return [stack, { ...model, services, secrets: only('secrets'), configs: only('configs') }]
    }),
  )
}

interface UsedFiles {
  readonly secrets: ReadonlySet<string>
  readonly configs: ReadonlySet<string>
}

function usedFiles(services: readonly ComposeService[]): UsedFiles {
  const names = (kind: 'secrets' | 'configs') =>
    services.flatMap((one) => (one[kind] ?? []).flatMap(({ source }) => source ?? []))
  const specs = services.flatMap((service) => service.credential_spec?.config ?? [])
  return { secrets: new Set(names('secrets')), configs: new Set([...names('configs'), ...specs]) }
}
