import type { NormalizeContext, Normalized } from '../../model/kind.ts'
import { NormalizeProblem } from '../../model/kind.ts'
import type { Service } from '../../model/written/service.ts'
import { formatImage, parseImage } from '../image-reference.ts'
import { attempt } from '../mistakes.ts'
import { labelTexts, read } from '../written-values.ts'
import { DEFAULT_RESTART, DEFAULT_UPDATE } from './defaults.ts'
import { isJobMode } from './fields.ts'
import { constraintText } from './from-wire-task.ts'
import { compact } from './go-values.ts'
import { warnOfHazards } from './hazards.ts'
import { normalizeContainer } from './normalize-container.ts'
import { readLogging, readResources, readRestart, readUpdate } from './policies.ts'
import { References, readNetworks } from './references.ts'
import { sortTexts } from './sort.ts'
import type { Platform, ServiceMode, ServiceSpec } from './spec.ts'
import { readPorts } from './written-ports.ts'

/** A service as people write it, alone or inside of another document. */
export type WrittenService = Omit<Service, 'kind' | 'target' | 'keeper'>

export interface ServiceAt {
  /** Where the service stands in its document: `/service` in a Job. */
  readonly pointer: string
  /** What an absent `restart.condition` means here. */
  readonly restartCondition?: 'none' | 'on-failure' | 'any'
}

/** Fills every default, resolves names, sorts what has no order, and warns of hazards. @throws NormalizeProblem */
export function normalizeService(
  written: WrittenService,
  context: NormalizeContext,
  at: ServiceAt = { pointer: '' },
): Normalized<ServiceSpec> {
  const { pointer } = at
  const references = new References(context)
  const mode = written.mode ?? 'replicated'
  const trying = <T>(instead: T, read: () => T): T => attempt(context, instead, read)
  trying(undefined, () => checkMode(written, mode, pointer))
  const spec = compact<ServiceSpec>({
    name: trying(written.name, () => checkedName(written.name, pointer)),
    mode,
    ...countsOf(written, mode),
    image: trying('', () => readImage(written, pointer, context)),
    resolve: written.resolve ?? 'digest',
    pin: undefined,
    suspended: undefined,
    labels: trying({}, () => labelTexts(written.labels, `${pointer}/labels`)),
    ...normalizeContainer(written, { pointer, references, context }),
    resources: trying(NO_RESOURCES, () => readResources(written.resources, `${pointer}/resources`)),
    restart: trying(DEFAULT_RESTART, () =>
      readRestart(written.restart, {
        pointer: `${pointer}/restart`,
        condition: at.restartCondition ?? (isJobMode(mode) ? 'on-failure' : 'any'),
      }),
    ),
    constraints: sortTexts(
      (written.constraints ?? []).map((text, index) =>
        trying(text, () => readConstraint(text, `${pointer}/constraints/${index}`)),
      ),
    ),
    spread: written.spread ?? [],
    maxReplicasPerNode: written.maxReplicasPerNode ?? 0,
    platforms: written.platforms?.map(readPlatform),
    networks: readNetworks(written.networks, { pointer: `${pointer}/networks`, references }),
    logging: readLogging(written.logging),
    update: trying(DEFAULT_UPDATE, () => readUpdate(written.update, `${pointer}/update`)),
    rollback: trying(DEFAULT_UPDATE, () => readUpdate(written.rollback, `${pointer}/rollback`)),
    endpointMode: written.endpointMode ?? 'vip',
    ports: trying([], () => readPorts(written.ports, `${pointer}/ports`)),
    triggers: {},
  })
  trying(undefined, () => checkTogether(spec, pointer))
  warnOfHazards(spec, { pointer, context, buildContext: written.build_context !== undefined })
  return { name: spec.name, spec, uses: references.uses }
}

const NO_RESOURCES: ServiceSpec['resources'] = { limits: {}, reservations: { generic: {} } }

const LONGEST_NAME = 63

function checkedName(name: string, pointer: string): string {
  if (name.length <= LONGEST_NAME) return name
  throw new NormalizeProblem(
    `${pointer}/name`,
    `the name has ${name.length} characters; Swarm takes ${LONGEST_NAME} for a service`,
  )
}

/** Fields that only one mode knows. */
function checkMode(written: WrittenService, mode: ServiceMode, pointer: string): void {
  const refuse = (field: string, why: string): never => {
    throw new NormalizeProblem(`${pointer}/${field}`, why)
  }
  if (written.replicas !== undefined && mode !== 'replicated')
    refuse('replicas', `a service of mode ${mode} has no replicas`)
  for (const field of ['completions', 'maxConcurrent'] as const) {
    if (written[field] !== undefined && mode !== 'replicated-job') refuse(field, `${field} is for mode replicated-job`)
  }
  if (!isJobMode(mode)) return
  for (const field of ['update', 'rollback'] as const) {
    if (written[field] !== undefined) refuse(field, `a job may not carry ${field}: it is not updated but run again`)
  }
  if (written.restart?.condition === 'any')
    refuse('restart/condition', 'a job that ends well is not started again: on-failure or none')
}

function countsOf(
  written: WrittenService,
  mode: ServiceMode,
): {
  readonly replicas: ServiceSpec['replicas']
  readonly completions: number | undefined
  readonly maxConcurrent: number | undefined
} {
  const job = mode === 'replicated-job'
  const concurrent = written.maxConcurrent ?? written.completions ?? 1
  return {
    replicas: mode === 'replicated' ? (written.replicas ?? 1) : undefined,
    completions: job ? (written.completions ?? concurrent) : undefined,
    maxConcurrent: job ? concurrent : undefined,
  }
}

/** An untagged image means `:latest`, as the Docker CLI has it (swarm.md 1); both are worth a warning. */
function readImage(written: WrittenService, pointer: string, context: NormalizeContext): string {
  const at = `${pointer}/image`
  const image = read(at, () => parseImage(written.image))
  if (image.digest !== undefined) return formatImage(image)
  const tag = image.tag ?? 'latest'
  if (tag === 'latest') {
    const got = image.tag === undefined ? 'an image without a tag is :latest' : ':latest is whatever was pushed last'
    context.warn(at, `${got}: going back to it is not possible; pin a version`)
  }
  return formatImage({ ...image, tag })
}

const CONSTRAINT = /^[a-zA-Z0-9_.-]+ (==|!=) [a-zA-Z0-9:\-_\s.*()?+[\]\\^$|/]+$/

function readConstraint(written: string, pointer: string): string {
  const text = constraintText(written)
  if (CONSTRAINT.test(text)) return text
  throw new NormalizeProblem(pointer, `'${written}' is not a constraint like node.role == worker`)
}

function readPlatform(written: string): Platform {
  const [os = '', architecture = ''] = written.split('/')
  return { architecture, os }
}

function checkTogether(spec: ServiceSpec, pointer: string): void {
  const ingress = spec.ports.some((port) => port.mode === 'ingress')
  if (spec.endpointMode === 'dnsrr' && ingress) {
    throw new NormalizeProblem(
      `${pointer}/endpointMode`,
      'dnsrr has no virtual address to publish: ports need `mode: host`',
    )
  }
  const onHost = spec.networks.some((network) => network.name === 'host')
  if (onHost && ingress) {
    throw new NormalizeProblem(
      `${pointer}/ports`,
      'a service on the host network has the ports of its node; nothing is published',
    )
  }
}
