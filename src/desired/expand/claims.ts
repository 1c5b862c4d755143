import { makeId, partsOf, type ResourceId } from '../../model/id.ts'
import type { Address } from '../../model/kind.ts'
import type { Entry } from './catalogue.ts'
import { byOrigin, type Findings, whereIs } from './findings.ts'
import type { Rendered, RenderedAll } from './render.ts'

type Owners = ReadonlyMap<string, string>
type Claimant = Pick<Entry, 'address' | 'target' | 'kind' | 'app' | 'document'>

/** What an app has already comes first, then what stands first: the later one is the newcomer, and loses. */
function byAge<T>(claims: readonly T[], claimant: (claim: T) => Claimant, owners: Owners): readonly T[] {
  const isNew = (claim: T): number => (owners.get(claimant(claim).address) === claimant(claim).app ? 0 : 1)
  return [...claims].sort((a, b) => isNew(a) - isNew(b) || byOrigin(claimant(a).document, claimant(b).document))
}

/**
 * A live name belongs to one document; the newcomer breaks its own app only. Kinds that share their names on a target, as
 * jobs and services of a Swarm do, share them here. What has errors keeps its name as well.
 */
export function claimIds(
  { rendered, unsound }: RenderedAll,
  findings: Findings,
  { owners, unusable }: { readonly owners: Owners; readonly unusable: readonly Claimant[] },
): ReadonlyMap<Address, Rendered> {
  const ids = [...rendered.values(), ...unsound.values()].flatMap(({ entry, id }) => (id ? [{ entry, id }] : []))
  const names = unusable.map((entry) => ({ entry, id: undefined }))
  const claimed = new Map<string, Claimant>()
  const lost = new Set<Address>()
  for (const { entry, id } of byAge([...ids, ...names], ({ entry }) => entry, owners)) {
    const { target, kind, document } = entry
    const name = id ? partsOf(id).name : (document.name ?? '')
    const key = makeId({ target, kind: kind.names ?? kind.name, name })
    const owner = claimed.get(key)
    claimed.set(key, owner ?? entry)
    // One address is declared once, or was reported as declared twice.
    if (!owner || owner.address === entry.address) continue
    if (id) lost.add(entry.address)
    if (name.startsWith('/')) findings.error(document, '/path', pathTaken(name, owner))
    else findings.error(document, '/name', nameTaken(makeId({ target, kind: kind.name, name }), entry, owner))
  }
  return new Map([...rendered].filter(([address]) => !lost.has(address)))
}

/** What stands at a path is known by it, whatever its document is called. */
const pathTaken = (path: string, { address, document }: Claimant): string =>
  `${path} is that of ${address} already, see ${whereIs(document.position(''))}`

function nameTaken(id: ResourceId, entry: Claimant, owner: Claimant): string {
  const where = whereIs(owner.document.position(''))
  if (owner.kind.name === entry.kind.name) {
    return `${owner.address} has the same name on its target, ${id}; see ${where}`
  }
  const kinds = `a ${entry.kind.name} and a ${owner.kind.name}`
  return `${owner.address} has the same name, see ${where}: ${kinds} share their names on a target, give one another name`
}

/**
 * A port of the ingress is one for the whole Swarm, and no service may have it on its nodes either; services that publish
 * on nodes alone may share a port, for they may be on different ones (moby/swarmkit controlapi/service.go checkPortConflicts).
 */
export function refuseSharedPorts({ rendered, unsound }: RenderedAll, findings: Findings, owners: Owners): void {
  const claimed = new Map<string, { readonly entry: Entry; readonly ingress: boolean }[]>()
  const all = [...rendered.values(), ...unsound.values()].filter(({ id }) => id !== undefined)
  for (const { entry, normalized } of byAge(all, ({ entry }) => entry, owners)) {
    for (const { port, ingress } of portsOf(entry, normalized.spec)) {
      const key = `${entry.target}/${port}`
      const others = claimed.get(key) ?? []
      claimed.set(key, [...others, { entry, ingress }])
      const owner = others.find((other) => other.entry !== entry && (other.ingress || ingress))
      if (owner) findings.error(entry.document, pointerOfPort(entry, port), portTaken(port, owner.entry))
    }
  }
}

/** What a kind says that one document of a target alone can hold, as groups of supervisord and files of units are. */
export function refuseSharedHolds({ rendered, unsound }: RenderedAll, findings: Findings, owners: Owners): void {
  const claimed = new Map<string, Entry>()
  const all = [...rendered.values(), ...unsound.values()].filter(({ id }) => id !== undefined)
  for (const { entry, normalized } of byAge(all, ({ entry }) => entry, owners)) {
    for (const held of entry.kind.holds?.(normalized.spec) ?? []) {
      const key = `${entry.target}/${held}`
      const owner = claimed.get(key)
      claimed.set(key, owner ?? entry)
      if (!owner || owner === entry || shareNames(owner, entry)) continue
      const where = whereIs(owner.document.position(''))
      findings.error(entry.document, '', `${held} is declared by ${owner.address} already, see ${where}`)
      break
    }
  }
}

/** Then it is told already, as the same name. */
const shareNames = ({ kind }: Entry, other: Entry): boolean =>
  kind.names !== undefined && kind.names === other.kind.names

/** `tcp/8080`, and whether it is on the ingress. */
function portsOf(entry: Entry, spec: unknown): readonly { readonly port: string; readonly ingress: boolean }[] {
  const ports = entry.kind.ports?.(spec) ?? []
  return ports.map((text) => {
    const [mode, ...port] = text.split('/')
    return { port: port.join('/'), ingress: mode === 'ingress' }
  })
}

function portTaken(port: string, { address, document }: Entry): string {
  const [protocol, number] = port.split('/')
  const where = whereIs(document.position(''))
  return `port ${number}/${protocol} is published by ${address} already, see ${where}: Swarm refuses it, for the whole Swarm has it once`
}

/** Where the document writes the port, or its ports, or itself. */
function pointerOfPort({ document }: Entry, port: string): string {
  const number = port.split('/')[1] ?? ''
  const value = document.value as Readonly<Record<string, unknown>>
  const inside = (value.service ?? {}) as Readonly<Record<string, unknown>>
  const [base, ports] = Array.isArray(value.ports) ? ['/ports', value.ports] : ['/service/ports', inside.ports]
  if (!Array.isArray(ports)) return ''
  const index = ports.findIndex((item) => new RegExp(`\\b${number}\\b`).test(JSON.stringify(item)))
  return index < 0 ? base : `${base}/${index}`
}
