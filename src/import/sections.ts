import { NAMESPACE_LABEL } from '../compose/convert/stack.ts'
import type { ConfigLive } from '../kinds/config/spec.ts'
import type { NetworkLive } from '../kinds/network/spec.ts'
import type { Mount } from '../kinds/service/spec.ts'
import { ipamWritten } from './network-document.ts'
import { someMap, type Written, without, yes } from './written.ts'

/** What stands beside the services of a compose file: filled while the services are written. */
export interface Sections {
  readonly stack: string
  /** Key of a network by its live name. */
  network(name: string): string
  volume(source: string, mount: Mount): string
  secret(name: string): string
  config(name: string): string
  /** Live names of the networks that the file declares as its own. */
  ownNetworks(): readonly string[]
  /** Live name of each config that the file declares with its content -> path of the content, from the compose file. */
  ownConfigs(): ReadonlyMap<string, string>
  written(): Written
}

type Section = Map<string, { readonly name: string; readonly value: Written | null }>

/** By live name, what the stack may call its own. */
export interface Own {
  readonly networks: ReadonlyMap<string, NetworkLive>
  readonly configs: ReadonlyMap<string, ConfigLive>
}

export function createSections(stack: string, { networks, configs }: Own): Sections {
  const sections = {
    networks: new Map() as Section,
    volumes: new Map() as Section,
    secrets: new Map() as Section,
    configs: new Map() as Section,
  }
  const external = (section: Section, name: string): string =>
    put(section, { name, key: unscoped(stack, name) ?? name, value: { external: true, name } })
  return {
    stack,
    network: (name) => {
      const live = networks.get(name)
      const key = unscoped(stack, name)
      if (!live || key === undefined) return external(sections.networks, name)
      return put(sections.networks, { name, key, value: networkWritten(live, stack) })
    },
    volume: (name, mount) => {
      const key = unscoped(stack, name)
      if (mount.labels?.[NAMESPACE_LABEL] !== stack) return external(sections.volumes, name)
      const value = volumeWritten(mount, key === undefined ? name : undefined)
      return put(sections.volumes, { name, key: key ?? name, value })
    },
    secret: (name) => external(sections.secrets, name),
    config: (name) => {
      const live = configs.get(name)
      if (!live) return external(sections.configs, name)
      const key = unscoped(stack, name)
      return put(sections.configs, { name, key: key ?? name, value: configWritten(live, stack, key) })
    },
    ownNetworks: () => [...sections.networks.values()].filter(({ value }) => !value?.external).map(({ name }) => name),
    ownConfigs: () =>
      new Map(
        [...sections.configs.values()].flatMap(({ name, value }) =>
          typeof value?.file === 'string' ? [[name, value.file] as const] : [],
        ),
      ),
    written: () =>
      Object.fromEntries(
        Object.entries(sections).flatMap(([key, section]) => (section.size > 0 ? [[key, valuesOf(section)]] : [])),
      ),
  }
}

export function unscoped(stack: string, name: string): string | undefined {
  return name.startsWith(`${stack}_`) && name.length > stack.length + 1 ? name.slice(stack.length + 1) : undefined
}

/** The same thing keeps its key; another one of the same key gets one of its own. */
function put(section: Section, add: { readonly name: string; readonly key: string; readonly value: Written | null }) {
  const { name, value } = add
  for (let key = add.key; ; key += '-external') {
    const known = section.get(key)
    if (known && known.name !== name) continue
    if (!known) section.set(key, { name, value })
    return key
  }
}

const valuesOf = (section: Section): Written =>
  Object.fromEntries([...section].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, { value }]) => [key, value]))

/** Null: as a network is where nothing is said. */
function networkWritten(live: NetworkLive, stack: string): Written | null {
  const { driver, options, attachable, internal, labels } = live
  const ipam = ipamWritten(live)
  const pools = (ipam?.config as readonly Written[] | undefined)?.map(({ subnet }) => ({ subnet }))
  const written = someMap({
    driver: driver === 'overlay' ? undefined : driver,
    driver_opts: someMap(options),
    attachable: yes(attachable),
    internal: yes(internal),
    ipam: ipam && { driver: ipam.driver, config: pools },
    labels: labels[NAMESPACE_LABEL] === stack ? without(labels, NAMESPACE_LABEL) : undefined,
  })
  return written ?? null
}

function configWritten({ name, labels, template }: ConfigLive, stack: string, key: string | undefined): Written {
  return {
    name: key === undefined ? name : undefined,
    file: `./${contentPath(key ?? name)}`,
    template_driver: template ? 'golang' : undefined,
    labels: labels[NAMESPACE_LABEL] === stack ? without(labels, NAMESPACE_LABEL) : undefined,
  }
}

/** Beside the documents; nothing there may be taken for one. */
export const contentPath = (name: string): string => `configs/${name}${/\.ya?ml$/.test(name) ? '.txt' : ''}`

function volumeWritten({ driver, driverOptions, labels }: Mount, name: string | undefined): Written | null {
  const written = someMap({
    name,
    driver,
    driver_opts: someMap(driverOptions),
    labels: labels && without(labels, NAMESPACE_LABEL),
  })
  return written ?? null
}
