import type { Address } from '../../model/kind.ts'
import type { Document } from '../document.ts'
import { addressOf, type Catalogue, type Entry, resolveReference } from './catalogue.ts'
import type { Findings } from './findings.ts'
import { keeperOf } from './handling.ts'
import type { Rendered } from './render.ts'
import { declaredWithErrors } from './unusable.ts'

/** One document names another. */
export interface Link {
  readonly from: Entry
  readonly to: Entry
  /** `after`: applied and proven after it; `trigger`: runs again when it changes. */
  readonly type: 'after' | 'trigger'
  /** Where it is written, in the document of `from`. */
  readonly pointer: string
}

/** Everything that documents say of each other; what names nothing is reported. */
export function linksOf(
  catalogue: Catalogue,
  rendered: ReadonlyMap<Address, Rendered>,
  findings: Findings,
): readonly Link[] {
  return [...catalogue.entries.values()].flatMap((entry) => [
    ...written(entry, 'after', '/keeper/dependsOn', keeperOf(entry.document.value).dependsOn),
    ...written(entry, 'trigger', '/triggers', entry.document.value.triggers as readonly string[] | undefined),
    ...reactions(entry, '/restartOn', entry.document.value.restartOn as readonly string[] | undefined),
    ...reactions(entry, '/reloadOn', entry.document.value.reloadOn as readonly string[] | undefined),
    ...used(entry),
  ])

  /** What restarts or reloads for something comes after it as well. */
  function reactions(from: Entry, pointer: string, names: readonly string[] | undefined): readonly Link[] {
    const triggers = written(from, 'trigger', pointer, names)
    return [...triggers, ...triggers.map((link) => ({ ...link, type: 'after' as const }))]
  }

  function written(from: Entry, type: Link['type'], pointer: string, names: readonly string[] = []): readonly Link[] {
    return names.flatMap((name, index) => {
      const named = groupNamed(name, from, catalogue) ?? onOtherHosts(name, from, catalogue)
      const group = named?.filter((to) => to.address !== from.address)
      if (group) return group.map((to) => ({ from, to, type, pointer: `${pointer}/${index}` }))
      const found = resolveReference(name, from, catalogue)
      if ('entry' in found) return [{ from, to: found.entry, type, pointer: `${pointer}/${index}` }]
      refuse(from, `${pointer}/${index}`, { name, found })
      return []
    })
  }

  function refuse(
    from: Entry,
    pointer: string,
    {
      name,
      found,
    }: { readonly name: string; readonly found: Exclude<ReturnType<typeof resolveReference>, { entry: Entry }> },
  ): void {
    if ('problem' in found) findings.error(from.document, pointer, found.problem)
    else if (found.broken.app !== from.app) {
      findings.error(from.document, pointer, declaredWithErrors(name, found.broken))
    }
  }

  function used(from: Entry): readonly Link[] {
    const uses = rendered.get(from.address)?.normalized.uses ?? []
    return uses.flatMap(({ kind, name }) => {
      const to = catalogue.entries.get(addressOf(from.target, kind, name))
      const pointer = pointerOfName(from.document, kind, name)
      if (to) return to === from ? [] : [{ from, to, type: 'after' as const, pointer }]
      const found = resolveReference(`${from.target}/${kind}/${name}`, from, catalogue)
      if (!('entry' in found)) refuse(from, pointer, { name: `${kind}/${name}`, found })
      return []
    })
  }
}

/**
 * `Stack/platform` or `target/Stack/platform`: all that runs of it. An agent is known by its name wherever it runs: on this
 * target where it is there, else on all of its own.
 */
function groupNamed(written: string, { target }: Entry, { groups }: Catalogue): readonly Entry[] | undefined {
  const here = groups.get(written) ?? groups.get(`${target}/${written}`)
  if (here || !written.startsWith('Agent/')) return here
  const anywhere = [...groups].flatMap(([group, entries]) => (group.endsWith(`/${written}`) ? entries : []))
  return anywhere.length > 0 ? anywhere : undefined
}

/** Of something that stands on several hosts, and not on this one, all are meant. */
function onOtherHosts(written: string, { target }: Entry, catalogue: Catalogue): readonly Entry[] | undefined {
  const candidates = catalogue.byShortName.get(written) ?? []
  const everywhere = candidates.length > 1 && candidates.every((entry) => entry.member?.perHost)
  return everywhere && !candidates.some((entry) => entry.target === target) ? candidates : undefined
}

/** Where a document writes the name of what it uses: below `secrets` for a Secret, and so on. */
function pointerOfName(document: Document, kind: string, name: string): string {
  const key = `/${kind.toLowerCase()}s`
  const pointers = stringsOf(document.value, '').filter(([, text]) => text === name)
  const below = pointers.find(([pointer]) => `${pointer}/`.includes(`${key}/`))
  return below?.[0] ?? ''
}

function stringsOf(value: unknown, pointer: string): readonly (readonly [string, string])[] {
  if (typeof value === 'string') return [[pointer, value]]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]) => stringsOf(item, `${pointer}/${escapeSegment(key)}`))
}

const escapeSegment = (segment: string): string => segment.replaceAll('~', '~0').replaceAll('/', '~1')
