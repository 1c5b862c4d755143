import { NormalizeProblem } from '../../model/kind.ts'
import type { Service } from '../../model/written/service.ts'
import { compact, whole } from './go-values.ts'
import { sortPorts } from './sort.ts'
import type { Port } from './spec.ts'

type WrittenPort = NonNullable<Service['ports']>[number]

const SHORT = /^(?:(?:(.+):)?(\d{1,5}(?:-\d{1,5})?):)?(\d{1,5}(?:-\d{1,5})?)(?:\/(tcp|udp|sctp))?$/i

export function readPorts(written: Service['ports'], pointer: string): readonly Port[] {
  const ports = (written ?? []).flatMap((port, index) => readPort(port, `${pointer}/${index}`))
  const seen = new Map<string, Port>()
  for (const port of ports) {
    const key = port.published === undefined ? '' : `${port.published}/${port.protocol}`
    if (key !== '' && seen.has(key)) throw new NormalizeProblem(pointer, `port ${key} is published twice`)
    seen.set(key, port)
  }
  return sortPorts(ports)
}

function readPort(written: WrittenPort, pointer: string): readonly Port[] {
  if (typeof written === 'object') {
    const { target, published, protocol, mode, name } = written
    return [
      compact<Port>({
        target,
        published: whole(published),
        protocol: protocol ?? 'tcp',
        mode: mode ?? 'ingress',
        name,
      }),
    ]
  }
  const match = SHORT.exec(String(written))
  if (!match)
    throw new NormalizeProblem(pointer, `'${written}' is not a port like 80, 8080:80, 8000-8002:80-82 or 53:53/udp`)
  const [, address, published, target = '', protocol = 'tcp'] = match
  if (address !== undefined) {
    throw new NormalizeProblem(pointer, `Swarm publishes on all addresses of a node: leave out '${address}:'`)
  }
  const targets = range(target, pointer)
  const outside = published === undefined ? [] : range(published, pointer)
  if (published !== undefined && outside.length !== targets.length) {
    throw new NormalizeProblem(pointer, `'${written}': the two ranges have different lengths`)
  }
  return targets.map((port, index) =>
    compact<Port>({ target: port, published: whole(outside[index]), ...shortDefaults(protocol) }),
  )
}

function shortDefaults(protocol: string): {
  readonly protocol: Port['protocol']
  readonly mode: 'ingress'
  readonly name: undefined
} {
  const lower = protocol.toLowerCase()
  return { protocol: lower === 'udp' || lower === 'sctp' ? lower : 'tcp', mode: 'ingress', name: undefined }
}

function range(text: string, pointer: string): readonly number[] {
  const [first = 0, last = first] = text.split('-').map(Number)
  if (last < first || last > 65_535) throw new NormalizeProblem(pointer, `'${text}' is not a range of ports`)
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}
