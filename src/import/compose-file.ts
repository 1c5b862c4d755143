import type { ConfigLive } from '../kinds/config/spec.ts'
import type { NetworkLive } from '../kinds/network/spec.ts'
import type { ServiceLive } from '../kinds/service/spec.ts'
import { composeService } from './compose-service.ts'
import { declaredNetwork } from './network-document.ts'
import { createSections, unscoped } from './sections.ts'
import type { Written } from './written.ts'

export interface ComposeFile {
  readonly written: Written
  /** Live names of the networks that it declares as its own. */
  readonly networks: readonly string[]
  /** Live names of the configs that it declares with their content -> path of the content, from the file. */
  readonly configs: ReadonlyMap<string, string>
  /** Key under `services` -> live name. */
  readonly services: ReadonlyMap<string, string>
}

export interface LiveStack {
  readonly services: readonly ServiceLive[]
  readonly networks: readonly NetworkLive[]
  readonly configs: readonly ConfigLive[]
}

/** Live services of a stack, with its networks and configs, as one compose file. */
export function composeFile(stack: string, live: LiveStack): ComposeFile {
  const networks = new Map(live.networks.map((network) => [network.name, declaredNetwork(network)]))
  const sections = createSections(stack, {
    networks,
    configs: new Map(live.configs.map((config) => [config.name, config])),
  })
  const services = live.services.map((service) => {
    const key = unscoped(stack, service.name) ?? service.name
    return { key, name: service.name, written: composeService(service, key, sections) }
  })
  const byKey = Object.fromEntries(services.map(({ key, written }) => [key, written]))
  return {
    written: { services: byKey, ...sections.written() },
    networks: sections.ownNetworks(),
    configs: sections.ownConfigs(),
    services: new Map(services.map(({ key, name }) => [key, name])),
  }
}
