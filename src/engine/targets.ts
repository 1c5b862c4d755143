import { join } from 'node:path'
import { KINDS } from '../kinds/registry.ts'
import type { Clock } from '../model/clock.ts'
import type { DesiredTarget } from '../model/desired.ts'
import { InternalError } from '../model/error.ts'
import type { Target } from '../model/target.ts'
import type { Swarm } from '../model/written/swarm.ts'
import type { Settings } from '../settings/settings.ts'
import { createSshPool } from '../shell/ssh-pool.ts'
import { createDownloads } from '../targets/host/download.ts'
import { createHostTarget } from '../targets/host/host-target.ts'
import type { Reach } from '../targets/host/open-url.ts'
import type { SwarmTargetConfig } from '../targets/swarm/config.ts'
import { createSwarmTarget } from '../targets/swarm/swarm-target.ts'
import { reach, resolveByDns } from '../web/reach.ts'
import { swarmCredentials } from './credentials.ts'
import { shellOf, supervisorOf } from './host-shell.ts'
import { openPrometheus } from './prometheus-target.ts'

export interface TargetsOptions {
  readonly settings: Settings
  readonly clock: Clock
  random(): number
  /** User id of this process. */
  readonly uid: number
}

export interface Targets {
  /** The same document gives the same target: its connection is kept. `all`: a host may be reached through another. */
  open(declared: DesiredTarget, all: readonly DesiredTarget[]): Target
  dispose(): Promise<void>
}

export function createTargets(options: TargetsOptions): Targets {
  const { settings, clock } = options
  const { install } = settings
  const pool = createSshPool(options)
  const download = createDownloads({ directory: join(settings.cache, 'artifacts'), reach: reachOf(settings) })
  const opened = new Map<string, Target>()
  const make = (declared: DesiredTarget, all: readonly DesiredTarget[]): Target => {
    if (declared.kind === 'Host') {
      const shell = shellOf(declared, all, { ...options, pool })
      const supervisor = supervisorOf(declared, settings)
      return createHostTarget({ name: declared.name, install, shell, clock, kinds: KINDS, supervisor, download })
    }
    if (declared.kind === 'Prometheus') return openPrometheus(declared, all, { ...options, pool })
    const credentials = swarmCredentials(settings)
    return createSwarmTarget({ config: swarmConfig(declared), install, credentials, clock })
  }
  return {
    open: (declared, all) => {
      const key = keyOf(declared, all)
      const target = opened.get(key) ?? make(declared, all)
      opened.set(key, target)
      return target
    },
    dispose: async () => {
      for (const target of opened.values()) await target.dispose()
    },
  }
}

/** Artifacts come from where the operator allows it, and from nowhere else (SEC-19). */
const reachOf =
  ({ allowedAddresses: allowed }: Settings): Reach =>
  (host, port, { signal }) =>
    reach(host, port, { allowed, resolve: resolveByDns, timeoutMs: NAME_MS, signal })

const NAME_MS = 10_000

/** What its connection depends on: also what stands on the way to it. Labels are not part of it. */
function keyOf({ name, kind, config }: DesiredTarget, all: readonly DesiredTarget[]): string {
  const { labels: _, ...connection } = config as { readonly labels?: unknown; readonly jump?: string }
  const over = all.find((target) => target.name === connection.jump)
  return JSON.stringify([name, kind, connection, over && keyOf(over, all)])
}

/** A `Swarm` document as its target takes it. */
function swarmConfig({ name, kind, config }: DesiredTarget): SwarmTargetConfig {
  if (kind !== 'Swarm') throw new InternalError(`no target of kind ${kind}`)
  const { endpoints, credential, hostKey, registries = [] } = config as Swarm
  return {
    name,
    endpoints: endpoints.map((endpoint) => {
      const written = typeof endpoint === 'string' ? { address: endpoint } : endpoint
      const { address: url, hostKey: own }: { readonly address: string; readonly hostKey?: string } = written
      const key = url.startsWith('ssh://') ? (own ?? hostKey) : undefined
      return key === undefined ? { url } : { url, hostKey: key }
    }),
    registries,
    ...(credential === undefined ? {} : { credential }),
  }
}
