import { formatImage, tryParseImage } from '../../kinds/image-reference.ts'
import { isJobMode } from '../../kinds/service/fields.ts'
import { compact } from '../../kinds/service/go-values.ts'
import type { ServiceSpec } from '../../kinds/service/spec.ts'
import type { ComposeService } from '../model.ts'
import { containerOf } from './container.ts'
import { endpointOf } from './endpoint.ts'
import { mountsOf } from './mounts.ts'
import { networksOf } from './networks.ts'
import { constraintsOf, resourcesOf, restartOf, updateOf } from './policies.ts'
import { filesOf } from './references.ts'
import { IMAGE_LABEL, type Stack, scoped, withNamespace } from './stack.ts'

/** Where a service stands in its stack. */
export interface ServicePlace {
  readonly stack: Stack
  readonly key: string
  /** `/services/web` */
  readonly pointer: string
}

/** One service of a stack, as `docker stack deploy` would create it (docker/cli cli/compose/convert). */
export function serviceSpecOf(service: ComposeService, place: ServicePlace): ServiceSpec {
  const { stack, key } = place
  const { deploy = {} } = service
  const modeFields = modeOf(service, place)
  if (isJobMode(modeFields.mode)) refuseUpdates(service, place)
  return compact<ServiceSpec>({
    name: scoped(stack, key),
    ...modeFields,
    image: imageOf(service, place),
    resolve: 'digest',
    pin: undefined,
    suspended: undefined,
    labels: { ...withNamespace(stack, deploy.labels), [IMAGE_LABEL]: service.image ?? '' },
    containerLabels: withNamespace(stack, service.labels),
    ...containerOf(service, place),
    ...filesOf(service, place),
    mounts: mountsOf(service, place),
    resources: resourcesOf(deploy.resources, place),
    restart: restartOf(service, place),
    constraints: constraintsOf(deploy.placement?.constraints ?? [], place),
    spread: (deploy.placement?.preferences ?? []).map((preference) => preference.spread ?? ''),
    maxReplicasPerNode: deploy.placement?.max_replicas_per_node ?? 0,
    platforms: undefined,
    networks: networksOf(service, place),
    logging: loggingOf(service),
    update: updateOf(deploy.update_config, { ...place, pointer: `${place.pointer}/deploy/update_config` }),
    rollback: updateOf(deploy.rollback_config, { ...place, pointer: `${place.pointer}/deploy/rollback_config` }),
    ...endpointOf(service, place),
    triggers: {},
  })
}

type ModeFields = {
  readonly mode: ServiceSpec['mode']
  readonly replicas: number | undefined
  readonly completions: number | undefined
  readonly maxConcurrent: number | undefined
}

const NO_COUNTS = { replicas: undefined, completions: undefined, maxConcurrent: undefined }

function modeOf({ deploy = {} }: ComposeService, { stack, pointer }: ServicePlace): ModeFields {
  const { mode = 'replicated', replicas } = deploy
  if (mode === 'replicated') return { ...NO_COUNTS, mode, replicas: replicas ?? 1 }
  if (mode === 'replicated-job') return { ...NO_COUNTS, mode, completions: replicas ?? 1, maxConcurrent: replicas ?? 1 }
  if (mode !== 'global' && mode !== 'global-job') {
    const known = 'replicated, global, replicated-job, global-job'
    stack.refuse(`${pointer}/deploy/mode`, `'${mode}' is not a mode of a service: ${known}`)
    return { ...NO_COUNTS, mode: 'replicated', replicas: replicas ?? 1 }
  }
  if (replicas !== undefined) stack.refuse(`${pointer}/deploy/replicas`, `a service of mode ${mode} has no replicas`)
  return { ...NO_COUNTS, mode }
}

function refuseUpdates({ deploy = {} }: ComposeService, { stack, pointer }: ServicePlace): void {
  for (const key of ['update_config', 'rollback_config'] as const) {
    if (deploy[key])
      stack.doubt(`${pointer}/deploy/${key}`, `a job may not carry ${key}: it is not updated but run again`)
  }
}

/** An untagged image means `:latest`, as the Docker CLI has it (swarm.md 1). */
function imageOf({ image = '' }: ComposeService, { stack, pointer }: ServicePlace): string {
  const parsed = tryParseImage(image)
  if (parsed) return formatImage(parsed.digest === undefined ? { ...parsed, tag: parsed.tag ?? 'latest' } : parsed)
  const why = image === '' ? 'the service has no image' : `'${image}' is not an image reference`
  stack.refuse(image === '' ? pointer : `${pointer}/image`, `${why}; like registry.example:5000/name:tag`)
  return image
}

function loggingOf({ logging }: ComposeService): ServiceSpec['logging'] {
  if (!logging || (logging.driver === undefined && logging.options === undefined)) return undefined
  return compact({ driver: logging.driver, options: logging.options ?? {} })
}
