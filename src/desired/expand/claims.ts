import { makeId, partsOf, type ResourceId } from '../../model/id.ts'
import type { Address } from '../../model/kind.ts'
import type { Entry } from './catalogue.ts'
import { byOrigin, type Findings, whereIs } from './findings.ts'
import type { Rendered } from './render.ts'

type Owners = ReadonlyMap<string, string>

/** What an app has already comes first, then what stands first: the later one is the newcomer, and loses. */
function byAge(rendered: ReadonlyMap<Address, Rendered>, owners: Owners): readonly Rendered[] {
  const isNew = ({ entry }: Rendered): number => (owners.get(entry.address) === entry.app ? 0 : 1)
  return [...rendered.values()].sort((a, b) => isNew(a) - isNew(b) || byOrigin(a.entry.document, b.entry.document))
}

/**
 * A live name belongs to one document; the newcomer breaks its own app only. Kinds that share their names on a target, as
 * jobs and services of a Swarm do, share them here.
 */
export function claimIds(
  rendered: ReadonlyMap<Address, Rendered>,
  findings: Findings,
  owners: Owners = new Map(),
): ReadonlyMap<Address, Rendered> {
  const claimed = new Map<string, Entry>()
  const lost = new Set<Address>()
  for (const { entry, id } of byAge(rendered, owners)) {
    if (id === undefined) continue
    const name = makeId({ ...partsOf(id), kind: entry.kind.names ?? entry.kind.name })
    const owner = claimed.get(name)
    claimed.set(name, owner ?? entry)
    if (!owner) continue
    lost.add(entry.address)
    findings.error(entry.document, '/name', nameTaken(id, entry, owner))
  }
  return new Map([...rendered].filter(([address]) => !lost.has(address)))
}

function nameTaken(id: ResourceId, entry: Entry, owner: Entry): string {
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
export function refuseSharedPorts(
  rendered: ReadonlyMap<Address, Rendered>,
  findings: Findings,
  owners: Owners = new Map(),
): void {
  const claimed = new Map<string, { readonly entry: Entry; readonly ingress: boolean }[]>()
  for (const { entry, id, normalized } of byAge(rendered, owners)) {
    if (id === undefined) continue
    for (const { port, ingress } of portsOf(entry, normalized.spec)) {
      const key = `${entry.target}/${port}`
      const others = claimed.get(key) ?? []
      claimed.set(key, [...others, { entry, ingress }])
      const owner = others.find((other) => other.entry !== entry && (other.ingress || ingress))
      if (owner) findings.error(entry.document, pointerOfPort(entry, port), portTaken(port, owner.entry))
    }
  }
}

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
