import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { configFromWire } from '../../src/kinds/config/from-wire.ts'
import type { ConfigLive, WireConfigSpec } from '../../src/kinds/config/spec.ts'
import { networkFromWire } from '../../src/kinds/network/from-wire.ts'
import type { NetworkLive, WireNetwork } from '../../src/kinds/network/spec.ts'
import { serviceFromWire } from '../../src/kinds/service/from-wire.ts'
import type { ServiceLive } from '../../src/kinds/service/spec.ts'
import type { WireServiceSpec } from '../../src/kinds/service/wire.ts'
import { readRecord } from '../conformance/stacks/folder.ts'

/** A stack as it is live after the docker CLI has deployed it, by the requests that it was recorded to send. */
export interface RecordedStack {
  readonly name: string
  readonly services: readonly ServiceLive[]
  readonly networks: readonly NetworkLive[]
  readonly configs: readonly ConfigLive[]
}

export function recordedStacks(expected: string): readonly RecordedStack[] {
  if (!existsSync(expected)) return []
  const names = readdirSync(join(expected, 'requests')).map((name) => name.replace(/\.jsonl$/, ''))
  return names.sort().map((name) => {
    const requests = (readRecord(expected, `${name}.yml`) ?? readRecord(expected, `${name}.yaml`))?.requests ?? []
    const bodies = (path: string): readonly unknown[] =>
      requests.filter((request) => request.method === 'POST' && request.path === path).map(({ body }) => body)
    return {
      name,
      services: bodies('/services/create').map((body) =>
        serviceFromWire(body as WireServiceSpec, { networks: new Map() }),
      ),
      configs: bodies('/configs/create').map((body) => configFromWire(body as WireConfigSpec)),
      networks: bodies('/networks/create').map((body) => networkFromWire(body as WireNetwork)),
    }
  })
}
