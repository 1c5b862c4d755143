import { didYouMean } from '../../lib/nearest.ts'
import type { DesiredTarget } from '../../model/desired.ts'
import type { Document } from '../document.ts'
import type { Composite, CompositeContext, Member } from './composite.ts'
import type { Targets } from './targets.ts'

/** Names of hosts, or labels that a host must all have. */
type WrittenHosts = readonly string[] | Readonly<Record<string, unknown>>

/** A document with `hosts` becomes one resource for each of them, of the same kind and name (architecture, section 1). */
export const hostComposite = (kind: string): Composite => ({
  name: kind,
  expand: (document, context) => {
    const written = document.value.hosts as WrittenHosts
    const hosts = isNames(written)
      ? written.flatMap((name, index) => named(name, `/hosts/${index}`, { document, context }))
      : selected(written, { document, context })
    return hosts.map((host) => memberOn(host, document))
  },
})

interface Asked {
  readonly document: Document
  readonly context: CompositeContext
}

const isNames = (written: WrittenHosts): written is readonly string[] => Array.isArray(written)

const memberOn = (host: string, document: Document): Member => ({
  document: { ...document, value: { ...document.value, target: host } },
  perHost: true,
})

function named(name: string, pointer: string, { document, context }: Asked): readonly string[] {
  const refusal = refusalOf(name, context.targets)
  if (refusal === undefined) return [name]
  context.report({ severity: 'error', position: document.position(pointer), pointer, message: refusal })
  return []
}

function refusalOf(name: string, { declared, broken, unread }: Targets): string | undefined {
  const found = declared.find((target) => target.name === name)
  if (found?.kind === 'Host') return undefined
  if (found) return `'${name}' is no Host: its kind is ${found.kind}`
  if (broken.includes(name)) return `the host '${name}' is declared with errors`
  const note = unread ? ' (something under targets/ could not be read)' : ''
  return `no Host is called '${name}'${didYouMean(name, namesOf(declared))}${note}`
}

const hostsAmong = (targets: readonly DesiredTarget[]) => targets.filter((target) => target.kind === 'Host')
const namesOf = (targets: readonly DesiredTarget[]) => hostsAmong(targets).map((target) => target.name)

/**
 * A selector that matches nothing would let everything of the document be pruned (rule 13): it is an error, so that the
 * app is left as it is.
 */
function selected(labels: Readonly<Record<string, unknown>>, { document, context }: Asked): readonly string[] {
  const { declared, broken, unread } = context.targets
  const hosts = namesOf(hostsAmong(declared).filter((target) => hasLabels(target, labels)))
  if (hosts.length > 0) return hosts
  const text = Object.entries(labels)
    .map(([key, value]) => `${key}: ${String(value)}`)
    .join(', ')
  const uncertain = unread ? ' (something under targets/ could not be read)' : ''
  const errors = broken.length > 0 ? ` (declared with errors: ${broken.join(', ')})` : uncertain
  const message = `no Host has the labels { ${text} }${errors}; nothing of this is changed or pruned until one has`
  context.report({ severity: 'error', position: document.position('/hosts'), pointer: '/hosts', message })
  return []
}

function hasLabels({ config }: DesiredTarget, wanted: Readonly<Record<string, unknown>>): boolean {
  const labels = (config as { readonly labels?: Readonly<Record<string, unknown>> }).labels ?? {}
  return Object.entries(wanted).every(
    ([key, value]) => Object.hasOwn(labels, key) && String(labels[key]) === String(value),
  )
}
