import { sortNetworks, sortTexts } from '../../kinds/service/sort.ts'
import type { NetworkAttachment } from '../../kinds/service/spec.ts'
import type { ComposeService } from '../model.ts'
import { DEFAULT_NETWORK, networkName } from './objects.ts'
import type { ServicePlace } from './service.ts'

/** A service that names no network is in the stack's own one. */
export function networksOf(service: ComposeService, place: ServicePlace): readonly NetworkAttachment[] {
  const { stack, key: own, pointer } = place
  const written = Object.entries(service.networks ?? { [DEFAULT_NETWORK]: null })
  const attachments = written.map(([key, network]): NetworkAttachment => {
    if (key !== DEFAULT_NETWORK && !(key in stack.model.networks)) {
      stack.refuse(`${pointer}/networks/${key}`, `no network '${key}' is declared under the top-level 'networks'`)
    }
    const name = networkName(key, stack)
    const aliases = [...(network?.aliases ?? []), ...(isUserDefined(name) ? [own] : [])]
    return {
      name: stack.refer('Network', name),
      aliases: sortTexts(aliases),
      driverOptions: network?.driver_opts ?? {},
    }
  })
  return sortNetworks(attachments)
}

/** The engine's own networks know no aliases. */
const isUserDefined = (name: string): boolean =>
  !['default', 'bridge', 'host', 'none'].includes(name) && !name.startsWith('container:')
