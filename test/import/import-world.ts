import { importSwarm } from '../../src/engine/import-swarm.ts'
import { createRender } from '../../src/engine/render.ts'
import { configFromWire } from '../../src/kinds/config/from-wire.ts'
import type { ConfigLive } from '../../src/kinds/config/spec.ts'
import { networkFromWire } from '../../src/kinds/network/from-wire.ts'
import type { NetworkLive } from '../../src/kinds/network/spec.ts'
import { serviceAsApplied } from '../../src/kinds/service/as-applied.ts'
import type { ServiceLive, ServiceSpec } from '../../src/kinds/service/spec.ts'
import { makeId, type ResourceId } from '../../src/model/id.ts'
import type { ImportReport } from '../../src/model/import.ts'
import type { Health, LiveState, Observed, Owner } from '../../src/model/live.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import type { Target } from '../../src/model/target.ts'
import { PLAIN } from '../kinds/service/arbitrary-spec.ts'

const render = createRender({ key: new Sensitive(Buffer.alloc(32)), secrets: new Map() })

export const DIGEST = `sha256:${'a'.repeat(64)}`

/** What is live on a Swarm. Networks, secrets and configs that services name are made up where they are not given. */
export interface LiveSwarm {
  readonly services: readonly ServiceLive[]
  readonly networks?: readonly NetworkLive[]
  readonly configs?: readonly ConfigLive[]
  /** `Kind/name` -> owner; nobody. */
  readonly owners?: Readonly<Record<string, Owner>>
  /** Live name of a service -> health; healthy. */
  readonly health?: Readonly<Record<string, Health>>
  /** Names of nodes. */
  readonly nodes?: readonly string[]
  /** Volume -> nodes that it is on. */
  readonly volumes?: Readonly<Record<string, readonly string[]>>
}

export const STACK = 'com.docker.stack.namespace'
export const IMAGE = 'com.docker.stack.image'

/** A live service, pinned, that says nothing but these fields. */
export const service = (name: string, fields: Partial<ServiceSpec> = {}): ServiceLive =>
  serviceAsApplied({ ...PLAIN, image: `hello:1@${DIGEST}`, ...fields, name })

/** As `docker stack deploy` makes it: in the stack's own network, under its own name. */
export function stackService(stack: string, key: string, fields: Partial<ServiceSpec> = {}): ServiceLive {
  return service(`${stack}_${key}`, {
    networks: [{ name: `${stack}_default`, aliases: [key], driverOptions: {} }],
    ...fields,
    labels: { ...fields.labels, [STACK]: stack, [IMAGE]: 'hello:1' },
    containerLabels: { ...fields.containerLabels, [STACK]: stack },
  })
}

export const network = (name: string, fields: Partial<NetworkLive> = {}): NetworkLive => ({
  ...networkFromWire({ Name: name, Driver: 'overlay', Scope: 'swarm' }),
  ...fields,
})

export const config = (
  name: string,
  content: string | Buffer,
  labels: Readonly<Record<string, string>> = {},
): ConfigLive => configFromWire({ Name: name, Data: Buffer.from(content).toString('base64'), Labels: { ...labels } })

export function importFrom(
  swarm: LiveSwarm,
  filter: { readonly stack?: string; readonly service?: string } = {},
): Promise<ImportReport> {
  const target = { name: 'prod', survey: async () => liveOf(swarm) } as Partial<Target> as Target
  const declared = { name: 'prod', kind: 'Swarm', config: {}, origin: { path: '', line: 1, column: 1 } }
  const options = { signal: new AbortController().signal, by: 'test', target: declared, ...filter }
  const settings = { repository: { url: 'https://git.example/config.git', branch: 'main', path: '' } }
  return importSwarm(options, { target, render, settings })
}

function liveOf(swarm: LiveSwarm): LiveState {
  const of = new Map<ResourceId, Observed>()
  const add = (kind: string, live: { readonly name: string }): void => {
    const id = makeId({ target: 'prod', kind, name: live.name })
    const owner = swarm.owners?.[`${kind}/${live.name}`] ?? { who: 'nobody' }
    const health = (kind === 'Service' && swarm.health?.[live.name]) || { status: 'healthy' }
    if (!of.has(id)) of.set(id, { state: 'present', live, owner, health, version: '1' })
  }
  for (const one of swarm.services) add('Service', one)
  for (const one of swarm.networks ?? []) add('Network', one)
  for (const one of swarm.configs ?? []) add('Config', one)
  for (const one of swarm.services) {
    for (const { name } of one.networks) if (name !== 'host') add('Network', network(name))
    for (const { name } of one.configs) add('Config', config(name, `content of ${name}`))
    for (const { name } of one.secrets) add('Secret', { name })
  }
  const nodes = (swarm.nodes ?? ['one']).map((name) => ({ ID: name, Description: { Hostname: name } }))
  const volumes = new Map(Object.entries(swarm.volumes ?? {}))
  return { at: new Date(0), of, facts: new Map([['prod', { nodes, volumes }]]) }
}

export const fileOf = (report: ImportReport, path: string): string => {
  const file = report.files.find((one) => one.path === path)
  if (!file) throw new Error(`no ${path} among ${report.files.map((one) => one.path).join(', ')}`)
  return file.content
}
