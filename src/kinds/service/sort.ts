import type { FileRef, HostEntry, Mount, NetworkAttachment, Port, Ulimit } from './spec.ts'

/** Orders of lists whose order means nothing to Swarm (docker/cli cli/compose/convert/service.go; swarm.md 12). */
const byText =
  <T>(text: (item: T) => string) =>
  (a: T, b: T): number => {
    const left = text(a)
    const right = text(b)
    return left < right ? -1 : left > right ? 1 : 0
  }

const sorted = <T>(items: readonly T[], text: (item: T) => string): readonly T[] => [...items].sort(byText(text))

const padded = (port: number | undefined): string => String(port ?? 0).padStart(5, '0')

export const sortTexts = (items: readonly string[]): readonly string[] => sorted([...new Set(items)], (item) => item)

export const sortPorts = (ports: readonly Port[]): readonly Port[] =>
  sorted(ports, (port) => [padded(port.published), padded(port.target), port.protocol, port.mode].join('/'))

export const sortMounts = (mounts: readonly Mount[]): readonly Mount[] => sorted(mounts, (mount) => mount.target)

export const sortFileRefs = (refs: readonly FileRef[]): readonly FileRef[] =>
  sorted(refs, (ref) => `${ref.target ?? ''}\n${ref.name}`)

export const sortNetworks = (networks: readonly NetworkAttachment[]): readonly NetworkAttachment[] =>
  sorted(networks, (network) => network.name)

export const sortHosts = (hosts: readonly HostEntry[]): readonly HostEntry[] =>
  sorted(hosts, (entry) => `${entry.name} ${entry.ip}`)

export const sortUlimits = (ulimits: readonly Ulimit[]): readonly Ulimit[] => sorted(ulimits, (limit) => limit.name)
