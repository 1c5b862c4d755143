import type { SwarmIds } from '../ids.ts'
import { type Labels, mergeLabels, OWNS_LABEL, SUSPENDED_LABEL, TRIGGERS_LABEL } from '../labels.ts'
import { differences } from './compare.ts'
import { containerOf, type Draft, placementOf, taskOf, type WriteContext } from './draft.ts'
import { EFFECTS, type FieldName, isJobMode } from './fields.ts'
import { serviceFromWire } from './from-wire.ts'
import { pinnedImage, pinnedPlatforms } from './image.ts'
import type { ServiceLive, ServiceSpec } from './spec.ts'
import type { WireMode, WireServiceSpec } from './wire.ts'
import { WRITERS } from './writers.ts'

export interface ServiceToWire {
  /** `Spec` of the live service; absent: it is created. */
  readonly live?: WireServiceSpec
  readonly ids: SwarmIds
  /** Labels of ours, all below `swarmkeeper.`. */
  readonly stamp: Labels
}

/**
 * The body of a create or update. It starts from live, and only fields that differ are written: the rest goes back byte
 * for byte as it came, which restarts nothing and keeps what we do not model (architecture, rule 2; swarm.md 9, 11).
 * @throws ReconcileError `DependencyNotReady` where a secret or config has no id
 */
export function serviceToWire(spec: ServiceSpec, options: ServiceToWire): WireServiceSpec {
  const draft: Draft = structuredClone(options.live ?? emptyService(spec))
  const context: WriteContext = { ids: options.ids, names: namesOf(options.ids) }
  const live = serviceFromWire(draft, context.names)
  const changed = new Set(differences(spec, live).map((diff) => diff.field))
  for (const field of changed) write(field, draft, { spec, live, context })
  if (options.live) forceWhereNeeded(draft, changed)
  keepPlatforms(draft, spec, changed)
  draft.Labels = labelsOf(spec, live, { ...options, found: draft.Labels ?? {} })
  if (isJobMode(spec.mode)) {
    delete draft.UpdateConfig // the engine refuses it for jobs (swarm.md 16)
    delete draft.RollbackConfig
  }
  return draft
}

interface WriteInput {
  readonly spec: ServiceSpec
  readonly live: ServiceLive
  readonly context: WriteContext
}

function write(field: FieldName, draft: Draft, { spec, live, context }: WriteInput): void {
  if (field === 'image') containerOf(draft).Image = pinnedImage(spec)
  else if (field === 'platforms') setPlatforms(draft, spec.platforms ?? [])
  else if (field === 'replicas')
    setReplicas(draft, spec.replicas === 'unmanaged' ? live.suspendedReplicas : spec.replicas)
  else if (field === 'containerLabels') {
    const container = containerOf(draft)
    container.Labels = mergeLabels(spec.containerLabels, container.Labels, live.owns.containerLabels)
  } else if (field !== 'labels' && field !== 'triggers') WRITERS[field](draft, spec, context)
}

/**
 * A counter that restarts tasks, copied from live otherwise (swarm.md 9). It goes up for a trigger, and with any change
 * of the endpoint: the orchestrator calls a task clean when only its placement differs, before it looks at the
 * endpoint, so that a port change beside it, or after lost platforms, would be swallowed (swarm.md 2).
 */
function forceWhereNeeded(draft: Draft, changed: ReadonlySet<FieldName>): void {
  if (!changed.has('triggers') && !changed.has('ports') && !changed.has('endpointMode')) return
  const task = taskOf(draft)
  task.ForceUpdate = (task.ForceUpdate ?? 0) + 1
}

/** A new image brings its platforms; otherwise live's stay, and lost ones come back with the next restart (swarm.md 2). */
function keepPlatforms(draft: Draft, spec: ServiceSpec, changed: ReadonlySet<FieldName>): void {
  if (spec.platforms || !spec.pin) return
  const lost = !draft.TaskTemplate?.Placement?.Platforms?.length
  const restarts = [...changed].some((field) => EFFECTS[field] !== 'none')
  if (changed.has('image') || (lost && restarts)) setPlatforms(draft, pinnedPlatforms(spec.pin))
}

function setPlatforms(draft: Draft, platforms: NonNullable<ServiceSpec['platforms']>): void {
  placementOf(draft).Platforms = platforms.map(({ architecture, os }) => ({
    ...(architecture === '' ? {} : { Architecture: architecture }),
    OS: os,
  }))
}

function setReplicas(draft: Draft, replicas: number | undefined): void {
  draft.Mode = { ...draft.Mode, Replicated: { ...draft.Mode?.Replicated, Replicas: replicas ?? 1 } }
}

/** What the Docker CLI sends for a service that says nothing: explicit empty objects, so that later updates compare equal. */
function emptyService(spec: ServiceSpec): WireServiceSpec {
  return {
    Name: spec.name,
    TaskTemplate: {
      ContainerSpec: {
        Privileges: { CredentialSpec: null, SELinuxContext: null, NoNewPrivileges: false },
      },
      Resources: {},
      // The same as nothing for a job, and what the Docker CLI sends where it is written.
      ...(isJobMode(spec.mode) && spec.restart.condition === 'on-failure'
        ? { RestartPolicy: { Condition: 'on-failure' } }
        : {}),
      Placement: {},
      ForceUpdate: 0,
    },
    Mode: emptyMode(spec),
    EndpointSpec: {},
  }
}

function emptyMode(spec: ServiceSpec): WireMode {
  if (spec.mode === 'global') return { Global: {} }
  if (spec.mode === 'global-job') return { GlobalJob: {} }
  return spec.mode === 'replicated-job' ? { ReplicatedJob: {} } : { Replicated: { Replicas: 1 } }
}

const namesOf = (ids: SwarmIds): WriteContext['names'] => ({
  networks: new Map([...ids.networks].map(([name, id]) => [id, name])),
})

interface LabelInput {
  readonly stamp: Labels
  readonly live?: WireServiceSpec
  readonly found: Labels
}

function labelsOf(spec: ServiceSpec, live: ServiceLive, options: LabelInput): Record<string, string> {
  const labels = mergeLabels(spec.labels, options.found, live.owns.labels)
  set(labels, OWNS_LABEL, ownedKeys(spec)[OWNS_LABEL])
  const triggers = { ...live.triggers, ...spec.triggers }
  set(labels, TRIGGERS_LABEL, Object.keys(triggers).length > 0 ? JSON.stringify(triggers) : undefined)
  set(
    labels,
    SUSPENDED_LABEL,
    spec.suspended && spec.mode === 'replicated' ? String(beforeSuspension(live)) : undefined,
  )
  return { ...labels, ...options.stamp }
}

/**
 * The label keys that we wrote, or took over: which of them are declared no more can be told later on. Empty where there
 * is none.
 */
export function ownedKeys(spec: ServiceSpec): Labels {
  const owns = { labels: Object.keys(spec.labels).sort(), containerLabels: Object.keys(spec.containerLabels).sort() }
  return owns.labels.length + owns.containerLabels.length > 0 ? { [OWNS_LABEL]: JSON.stringify(owns) } : {}
}

/** The count to come back to: what ran before the first suspension; a service created at rest starts with 1. */
const beforeSuspension = (live: ServiceLive): number => live.suspendedReplicas ?? (live.replicas || 1)

function set(labels: Record<string, string>, key: string, value: string | undefined): void {
  if (value === undefined) delete labels[key]
  else labels[key] = value
}
