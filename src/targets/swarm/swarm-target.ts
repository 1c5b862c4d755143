import { randomUUID } from 'node:crypto'
import { isJobMode } from '../../kinds/service/fields.ts'
import type { ServiceSpec } from '../../kinds/service/spec.ts'
import type { CheckSpec } from '../../model/check.ts'
import type { Clock } from '../../model/clock.ts'
import { partsOf, type ResourceId } from '../../model/id.ts'
import type { LiveState } from '../../model/live.ts'
import type { Recorded, Resource } from '../../model/resource.ts'
import type { ApplyOptions, CallOptions, Target, TargetRecord } from '../../model/target.ts'
import { applyStage } from './apply.ts'
import { removeCheck, runCommandCheck } from './command-check.ts'
import type { SwarmCredentials, SwarmTargetConfig } from './config.ts'
import { createConnection } from './connection.ts'
import { factsOf, type SwarmFacts } from './facts.ts'
import { indexListing } from './index-listing.ts'
import { createSightings, STALE_MS, takeLease } from './lease.ts'
import { listSwarm, rowsOf } from './listing.ts'
import { diagnose, readLogs } from './logs.ts'
import { observeAll } from './observe.ts'
import { createPredefinedNetworks } from './predefined-networks.ts'
import { preflightChanges } from './preflight.ts'
import { labelsWithRecord, readRecord, recordName } from './record.ts'
import { createRecordObject } from './record-object.ts'
import { registryAuth, resolveImage } from './registry.ts'
import { createSwarmRuns } from './runs.ts'
import { createSeen } from './seen.ts'
import { ownerOf, TEMPORARY } from './stamp.ts'
import { surveyAll } from './survey.ts'
import type { WriteContext } from './writer.ts'

export interface SwarmTargetOptions {
  readonly config: SwarmTargetConfig
  readonly install: string
  readonly credentials: SwarmCredentials
  readonly clock: Clock
  /** One call to the engine; default 15 s. */
  readonly timeoutMs?: number
  /** A lease whose version has not moved for so long is taken over; default 60 s. */
  readonly leaseStaleMs?: number
}

/** A Docker Swarm. Connects at the first call. */
export function createSwarmTarget(options: SwarmTargetOptions): Target {
  const state = createState(options)
  const { config } = options
  const { connection } = state
  return {
    name: config.name,
    identity: ({ signal }) => connection.identity(signal),
    observe: (wanted, { signal }) => observe(wanted, { ...options, state, signal }),
    survey: ({ signal }) => survey({ ...options, state, signal }),
    apply: (stage, applying) => applyStage(stage, applying, writeContext(applying, { ...options, state })),
    writeRecord: async (next, { signal }) => {
      await state.object.change((labels) => labelsWithRecord(next, labels), signal)
    },
    lease: async (holder, call) => {
      const { object, sightings } = state
      const staleMs = options.leaseStaleMs ?? STALE_MS
      const context = { object, sightings, staleMs, clock: options.clock, target: config.name, newToken: randomUUID }
      const lease = await takeLease(holder, context, call)
      await removeLeftovers(options.install, state)
      return lease
    },
    preflight: (changes, live) => {
      const facts = live.facts.get(config.name) as SwarmFacts | undefined
      return facts ? preflightChanges(changes, facts) : []
    },
    resolveImage: (reference, { signal }) =>
      resolveImage(reference, { connection, auth: registryAuth(reference, options), signal }),
    logs: (id, lines, { signal }) => readLogs(id, lines, { connection, signal }),
    diagnose: (id, { signal }) => diagnose(id, { connection, signal }),
    runs: createSwarmRuns({ ...options, ...state, authFor: (image) => registryAuth(image, options) }),
    runCheck: (check, call) => runCheck(check, call, { ...options, state }),
    time: async ({ signal }) => timeOf(await connection.get('/info', signal)),
    dispose: async () => connection.close(),
  }
}

/** RFC 3339 with nanoseconds, more than a Date holds. */
function timeOf(info: unknown): Date {
  return new Date(String((info as { readonly SystemTime?: string }).SystemTime).replace(/(\.\d{3})\d+/, '$1'))
}

type State = ReturnType<typeof createState>

function createState({ config, credentials, install, clock, timeoutMs }: SwarmTargetOptions) {
  const connection = createConnection({ config, credentials, ...(timeoutMs === undefined ? {} : { timeoutMs }) })
  return {
    connection,
    predefined: createPredefinedNetworks(connection),
    object: createRecordObject(connection, install),
    sightings: createSightings(clock),
    seen: createSeen(),
    /** Of the last look: tells whose is what carries no stamp. */
    record: undefined as TargetRecord | undefined,
    checks: new Set<string>(),
  }
}

interface WithState extends SwarmTargetOptions {
  readonly state: State
}

async function observe(
  wanted: readonly Resource[],
  { config, install, clock, state, signal }: WithState & CallOptions,
): Promise<LiveState & { readonly record: TargetRecord | undefined }> {
  const ids = wanted.map((resource) => resource.id)
  const listing = await listSwarm(state.connection, { signal, services: servicesAmong(ids) })
  const index = indexListing(listing, await state.predefined.names(listing, signal))
  const object = index.configs.get(recordName(install))
  const record = object && readRecord(install, object.Spec.Labels)
  state.sightings.note(object)
  state.seen.look(index)
  state.record = record
  return {
    at: clock.now(),
    of: observeAll(ids, { target: config.name, install, index, record }),
    facts: new Map([[config.name, factsOf(index, await state.connection.apiVersion(signal))]]),
    record,
  }
}

async function survey(options: WithState & CallOptions): Promise<LiveState> {
  const { record, ...looked } = await observe([], options)
  const { config, install, state } = options
  const index = state.seen.index
  return index ? { ...looked, of: surveyAll({ target: config.name, install, index, record }) } : looked
}

function servicesAmong(ids: readonly ResourceId[]): ReadonlySet<string> {
  const parts = ids.map(partsOf).filter(({ kind }) => kind === 'Service' || kind === 'Job')
  return new Set(parts.map(({ name }) => name))
}

function writeContext({ signal, reveal, record }: ApplyOptions, options: WithState): WriteContext {
  const { install, clock, state } = options
  const recorded = new Map(record.filter((one) => one.state !== 'intended').map((one) => [one.id, one]))
  return {
    install,
    clock,
    signal,
    reveal,
    connection: state.connection,
    seen: state.seen,
    authFor: (image) => registryAuth(image, options),
    ownerOf: (id, labels) => {
      const mark = recorded.get(id)
      const stampless = isStampless(id) || isJob(mark)
      const owner = ownerOf({ id, labels, stampless }, install, state.record)
      // Adopted, and the target's record does not say so yet: what cannot be stamped is ours by our own (rule 8).
      const mine = owner.who === 'nobody' && stampless ? mark : undefined
      return mine ? { who: 'us', app: mine.app, digest: mine.digest } : owner
    },
  }
}

const isStampless = (id: ResourceId): boolean => ['Network', 'Job'].includes(partsOf(id).kind)

/** A service of a stack that is a job: adopted by record alone. */
const isJob = (recorded: Recorded | undefined): boolean =>
  recorded?.kind === 'Service' && isJobMode((recorded.spec as ServiceSpec).mode)

function runCheck(check: CheckSpec, { signal }: CallOptions, options: WithState) {
  const { install, clock, state } = options
  const { connection, seen, checks } = state
  const authFor = (image: string) => registryAuth(image, options)
  return runCommandCheck(check, { install, clock, connection, seen, signal, authFor, running: checks })
}

/** Checks of a run that was killed. We are the one writer now, so what does not run here runs nowhere. */
async function removeLeftovers(install: string, { seen, checks, connection }: State): Promise<void> {
  const services = rowsOf(seen.index?.listing.services ?? { rows: [] })
  const left = services.filter(({ Spec }) => Spec.Labels?.[TEMPORARY] === install && !checks.has(Spec.Name ?? ''))
  await Promise.all(left.map(({ ID }) => removeCheck(ID, connection)))
}
