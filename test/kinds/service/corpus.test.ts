import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compareService } from '../../../src/kinds/service/compare.ts'
import { serviceFromWire } from '../../../src/kinds/service/from-wire.ts'
import type { ServiceLive, ServiceSpec } from '../../../src/kinds/service/spec.ts'
import { serviceToWire } from '../../../src/kinds/service/to-wire.ts'
import type { WireServiceSpec } from '../../../src/kinds/service/wire.ts'

const FOLDER = join(process.env.SWARMKEEPER_CORPUS ?? '../shared/data', 'stacks.expected/requests')
const files = existsSync(FOLDER) ? readdirSync(FOLDER) : []

interface Sent {
  readonly path: string
  readonly body: unknown
}

const creates = (file: string): readonly WireServiceSpec[] =>
  readFileSync(join(FOLDER, file), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Sent)
    .filter((sent) => sent.path === '/services/create')
    .map((sent) => sent.body as WireServiceSpec)

/** A document that says what a live service is, as an import would write it. */
function specOf(live: ServiceLive): ServiceSpec {
  const { owns: _, suspendedReplicas: __, platforms, ...fields } = live
  const [image = '', digest] = live.image.split('@')
  return { ...fields, image, resolve: 'digest', ...(digest ? { pin: { digest, platforms } } : {}) }
}

const idsIn = (wire: WireServiceSpec) => {
  const container = wire.TaskTemplate?.ContainerSpec
  return {
    networks: new Map<string, string>(),
    secrets: new Map(container?.Secrets?.map((ref) => [ref.SecretName ?? '', ref.SecretID ?? ''])),
    configs: new Map(container?.Configs?.map((ref) => [ref.ConfigName ?? '', ref.ConfigID ?? ''])),
  }
}

/** Order that means nothing, and Swarm's own defaults spelled out, are the same. */
const meaning = (wire: WireServiceSpec) => {
  const { owns: _, ...live } = serviceFromWire(wire, { networks: new Map() })
  return live
}

describe.skipIf(files.length === 0)('services that the stock Docker CLI created (needs SWARMKEEPER_CORPUS)', () => {
  it.each(files)('%s', (file) => {
    for (const body of creates(file)) {
      const spec = specOf(serviceFromWire(body, { networks: new Map() }))
      expect(compareService(spec, serviceFromWire(body, { networks: new Map() }))).toEqual([])
      expect(serviceToWire(spec, { ids: idsIn(body), live: body, stamp: {} })).toEqual({
        ...body,
        Labels: expect.objectContaining(body.Labels ?? {}),
      })
      const made = JSON.parse(JSON.stringify(serviceToWire(spec, { ids: idsIn(body), stamp: {} })))
      expect(meaning(made)).toEqual(meaning(body))
      expect(keysOf(made)).toEqual(expect.arrayContaining(keysOf(body).filter((key) => !DEFAULTED.test(key))))
    }
  })
})

/** Keys that the CLI sends for defaults as well. */
const DEFAULTED =
  /Mode|Replicated|ReadOnly|RestartPolicy|UpdateConfig|RollbackConfig|EndpointSpec|Ports|Protocol|PublishMode|BindOptions/

const keysOf = (value: unknown, path = ''): readonly string[] =>
  typeof value !== 'object' || value === null
    ? [path]
    : Object.entries(value).flatMap(([key, item]) => keysOf(item, `${path}/${Array.isArray(value) ? '' : key}`))
