import { Gauge, type Registry } from 'prom-client'
import type { AppStatus, FleetStatus } from '../model/outcome.ts'

const HEALTH: readonly AppStatus['health'][] = ['healthy', 'progressing', 'degraded', 'suspended', 'unknown', 'absent']
const ABOUT = [
  'held-back',
  'pinned',
  'suspended',
  'budget',
  'blocked',
  'guard',
  'unfit',
  'waiting',
  'failing',
  'retiring',
] as const

/** What is so of apps and targets, as the last look found it. Each look starts from nothing: what is gone has no series. */
export function statusMeters(registry: Registry) {
  const gauge = <L extends string>(name: string, help: string, labelNames: L[] = []) =>
    new Gauge<L>({ name: `swarmkeeper_${name}`, help, labelNames, registers: [registry] })
  const health = gauge('app_health', '1 for the health that the app has.', ['app', 'health'])
  const attention = gauge('app_attention', '1 while this keeps the app from being as declared.', ['app', 'about'])
  const resources = gauge('app_resources', 'Resources of the app.', ['app', 'state'])
  const drifted = gauge('drifted_resources', 'Resources that differ although nobody declared it.', ['app'])
  const held = gauge('held_back_resources', 'Resources kept from a revision that failed.', ['app'])
  const up = gauge('target_up', '1 while the target answers.', ['target'])
  const frozen = gauge('frozen', '1 while nothing is written.')
  const orphans = gauge('orphaned_resources', 'Recorded on targets that are not declared any more.')
  const lookApp = (app: AppStatus): void => {
    const labels = { app: app.state.app }
    for (const one of HEALTH) health.set({ ...labels, health: one }, app.health === one ? 1 : 0)
    const about = new Set(app.attention?.map((one) => one.about))
    for (const one of ABOUT) attention.set({ ...labels, about: one }, about.has(one) ? 1 : 0)
    for (const state of ['present', 'absent', 'unknown'] as const)
      resources.set({ ...labels, state }, app.resources.filter((resource) => resource.state === state).length)
    drifted.set(labels, app.resources.filter((resource) => resource.drift !== undefined).length)
    held.set(labels, heldOf(app))
  }
  return {
    look: (status: FleetStatus): void => {
      for (const each of [health, attention, resources, drifted, held, up]) each.reset()
      for (const app of status.apps) lookApp(app)
      for (const target of status.targets) up.set({ target: target.name }, target.reachable ? 1 : 0)
      frozen.set(status.frozen === undefined ? 0 : 1)
      orphans.set(status.orphans.length)
    },
  }
}

const heldOf = ({ state: { held, heldBefore = [] } }: AppStatus): number =>
  new Set([...heldBefore, ...(held ? [held] : [])].flatMap((group) => group.members.map((member) => member.id))).size
