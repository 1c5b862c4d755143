import { tryParseImage } from '../kinds/image-reference.ts'
import { isJobMode } from '../kinds/service/fields.ts'
import { floatingVolumes, warnOfHazards } from '../kinds/service/hazards.ts'
import { holdsData } from '../kinds/service/moved-data.ts'
import type { ServiceLive } from '../kinds/service/spec.ts'
import type { ImportHazard } from '../model/import.ts'
import type { Health } from '../model/live.ts'
import type { Found } from './found.ts'
import { holdsSecret, isSecretLike } from './secret-like.ts'
import { hasDigest } from './service-image.ts'

/** What is known of the Swarm beside its specs. */
export interface Surroundings {
  readonly nodes: number
  /** Volume of the local driver -> names of the nodes where something runs that mounts it. */
  readonly volumes: ReadonlyMap<string, readonly string[]>
}

/** Things that work until the day they do not, of everything that is imported. */
export function hazardsOf(found: Found, around: Surroundings): readonly ImportHazard[] {
  const services = found.services.flatMap(({ live, health }) => hazardsOfService(live, health, around))
  const used = new Set(found.services.flatMap(({ live }) => live.configs.map(({ name }) => name)))
  const configs = [...used].flatMap((name): readonly ImportHazard[] => {
    const text = Buffer.from(found.configs.get(name)?.base64 ?? '', 'base64').toString('utf8')
    if (!holdsSecret(text)) return []
    const message = 'looks as if it held a secret; whoever may read the Swarm can read a config'
    return [{ code: 'secret-in-config', subject: name, message, todo: 'make it a Secret before you commit' }]
  })
  return [...services, ...configs]
}

type Say = (code: ImportHazard['code'], message: string, todo?: string) => void

function hazardsOfService(live: ServiceLive, health: Health, around: Surroundings): readonly ImportHazard[] {
  const found: ImportHazard[] = []
  const say: Say = (code, message, todo) =>
    found.push({ code, subject: live.name, message, ...(todo === undefined ? {} : { todo }) })
  sayData(live, around, say)
  const names = Object.entries(live.env).flatMap(([name, value]) => (isSecretLike(name, value) ? [name] : []))
  if (names.length > 0) {
    const looks = names.length === 1 ? 'looks like a secret' : 'look like secrets'
    const message = `env ${names.join(', ')} of service ${live.name} ${looks}`
    say('secret-in-env', message, 'move it into a Secret before you commit')
  }
  sayPrivileges(live, say)
  sayPorts(live, say)
  sayImage(live, say)
  sayHealth(live, health, say)
  return found
}

function sayData(live: ServiceLive, { nodes, volumes }: Surroundings, say: Say): void {
  const context = { warn: (_: string, message: string): void => say('data', message) }
  warnOfHazards(live, { pointer: '', context, buildContext: false, oneNode: true })
  for (const volume of nodes > 1 ? floatingVolumes(live) : []) {
    const message = `nothing keeps it on the node of its volume ${volume}: on another one it starts empty`
    const [node, ...others] = new Set(volumes.get(volume))
    if (node === undefined) say('data', message)
    else if (others.length > 0) say('data', `${message}; there is one on ${[node, ...others].join(', ')}`)
    else say('data', `${message}; its data is on ${node}`, `add the constraint node.hostname == ${node}`)
  }
}

/** Whoever has the socket, or the whole file system, is root on the node. */
const WHOLE_NODE = /^(\/|\/(var\/)?run(\/docker\.sock)?|\/var\/lib\/docker)\/?$/

function sayPrivileges(live: ServiceLive, say: Say): void {
  for (const { type, source = '', readOnly } of live.mounts) {
    if (type !== 'bind' || !WHOLE_NODE.test(source)) continue
    const how = readOnly && source.endsWith('.sock') ? ' (read-only is no help: it is a socket)' : ''
    say('docker-socket', `mounts ${source} of its node${how}: who breaks in there is root on it`)
  }
  if (live.capAdd.length > 0) say('privileges', `adds ${live.capAdd.join(', ')}`)
  if (live.seccomp?.mode === 'unconfined' || live.apparmor === 'disabled') say('privileges', 'runs unconfined')
  if (live.networks.some(({ name }) => name === 'host')) say('privileges', 'is on the network of its node')
}

function sayPorts(live: ServiceLive, say: Say): void {
  const ports = (mode: 'ingress' | 'host'): string =>
    live.ports
      .filter((port) => port.mode === mode)
      .map(({ published, target, protocol }) => `${published ?? `(chosen for ${target})`}/${protocol}`)
      .join(', ')
  const [ingress, host] = [ports('ingress'), ports('host')]
  if (ingress !== '') say('public-port', `${ingress} on all addresses of all nodes`)
  if (host !== '') say('public-port', `${host} on all addresses of its nodes`)
}

function sayImage({ image }: ServiceLive, say: Say): void {
  const parsed = tryParseImage(image)
  const tag = parsed?.tag ?? (parsed?.digest === undefined ? 'latest' : undefined)
  if (tag === 'latest')
    say('unpinned-image', `${image.replace(/@.*/, '')} is :latest, whatever was pushed last`, 'pin a version')
  if (!hasDigest(image)) say('unpinned-image', `${image} has no digest: each node runs what it has under that name`)
}

function sayHealth(live: ServiceLive, health: Health, say: Say): void {
  if (health.status === 'degraded' || health.status === 'progressing') {
    say('not-at-rest', `${health.message ?? health.status}: it is adopted when it is at rest`)
  }
  if (isJobMode(live.mode)) return
  if (live.healthcheck === undefined || live.healthcheck.test[0] === 'NONE') {
    say('no-health-check', 'says no health check: unless its image does, running counts as healthy')
  }
  const alone = live.mode === 'replicated' && live.replicas === 1
  if (alone && live.update.order === 'stop-first' && !live.mounts.some(holdsData)) {
    say('outage-on-update', 'one replica, stopped before the next one starts', 'start-first, or more replicas')
  }
}
