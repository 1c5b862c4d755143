import { compact } from '../../kinds/service/go-values.ts'
import { sortPorts } from '../../kinds/service/sort.ts'
import type { Port, ServiceSpec } from '../../kinds/service/spec.ts'
import type { ComposePort, ComposeService } from '../model.ts'
import type { ServicePlace } from './service.ts'

export function endpointOf(service: ComposeService, place: ServicePlace): Pick<ServiceSpec, 'endpointMode' | 'ports'> {
  const mode = (service.deploy?.endpoint_mode ?? 'vip').toLowerCase()
  if (mode !== 'vip' && mode !== 'dnsrr') {
    place.stack.doubt(`${place.pointer}/deploy/endpoint_mode`, `'${mode}' is not vip or dnsrr`)
  }
  const ports = (service.ports ?? []).map((port, index) =>
    portOf(port, { ...place, pointer: `${place.pointer}/ports/${index}` }),
  )
  if (mode === 'dnsrr' && ports.some((port) => port.mode === 'ingress')) {
    place.stack.doubt(
      `${place.pointer}/deploy/endpoint_mode`,
      'dnsrr has no virtual address to publish: ports need `mode: host`',
    )
  }
  return { endpointMode: mode as ServiceSpec['endpointMode'], ports: sortPorts(ports) }
}

/** The engine reads words in any case (moby daemon/cluster/convert/service.go). */
function portOf(port: ComposePort, { stack, pointer }: ServicePlace): Port {
  const { target = 0, published } = port
  const [mode, protocol] = [(port.mode ?? 'ingress').toLowerCase(), (port.protocol ?? 'tcp').toLowerCase()]
  const doubt = (message: string): void => stack.doubt(pointer, message)
  if (mode !== 'ingress' && mode !== 'host') doubt(`'${mode}' is not a mode of a port: ingress or host`)
  if (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'sctp') doubt(`'${protocol}' is not tcp, udp or sctp`)
  if (target === 0) doubt('a port needs a target: the port of the container')
  return compact<Port>({
    target,
    published,
    protocol: protocol as Port['protocol'],
    mode: mode as Port['mode'],
    name: undefined,
  })
}
