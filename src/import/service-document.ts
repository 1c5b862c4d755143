import { DEFAULT_RESTART, DEFAULT_UPDATE, SWARM_DEFAULTS } from '../kinds/service/defaults.ts'
import { isJobMode } from '../kinds/service/fields.ts'
import type {
  FileRef,
  Healthcheck,
  Mount,
  NetworkAttachment,
  Resources,
  ServiceLive,
  UpdatePolicy,
} from '../kinds/service/spec.ts'
import { sameValue } from '../model/digest.ts'
import { portWritten } from './compose-service.ts'
import { hasDigest, withoutDigest } from './service-image.ts'
import { durationText, sizeText, someList, someMap, type Written, yes } from './written.ts'

export interface ServiceDocumentOptions {
  readonly target: string
  /** Path, from the document, of a file with the seccomp profile. */
  readonly seccompFile?: string
}

/** A live service as a `Service` document; defaults are left out. */
export function serviceDocument(live: ServiceLive, { target, seccompFile }: ServiceDocumentOptions): Written {
  const job = isJobMode(live.mode)
  return {
    kind: 'Service',
    name: live.name,
    target,
    image: withoutDigest(live.image),
    // What runs was never pinned: to pin it now would be another spec, and a restart.
    resolve: hasDigest(live.image) ? undefined : 'never',
    mode: live.mode === 'replicated' ? undefined : live.mode,
    replicas: live.replicas === 1 ? undefined : live.replicas,
    completions: live.completions,
    maxConcurrent: live.maxConcurrent,
    ports: someList(live.ports.map(portWritten)),
    endpointMode: live.endpointMode === 'vip' ? undefined : live.endpointMode,
    networks: someList(live.networks.map(attachmentWritten)),
    mounts: someList(live.mounts.map(mountWritten)),
    env: someMap(live.env),
    secrets: someList(live.secrets.map(fileWritten)),
    configs: someList(live.configs.filter(({ target: path }) => path !== undefined).map(fileWritten)),
    ...containerWritten(live),
    seccomp: live.seccomp && {
      mode: live.seccomp.mode,
      profile: live.seccomp.mode === 'custom' ? seccompFile : undefined,
    },
    resources: resourcesWritten(live.resources),
    constraints: someList(live.constraints),
    spread: someList(live.spread),
    maxReplicasPerNode: live.maxReplicasPerNode || undefined,
    restart: restartWritten(live),
    update: job ? undefined : updateWritten(live.update),
    rollback: job ? undefined : updateWritten(live.rollback),
    logging: live.logging && { driver: live.logging.driver, options: someMap(live.logging.options) },
    labels: someMap(live.labels),
    containerLabels: someMap(live.containerLabels),
    keeper: { adopt: true },
  }
}

function containerWritten(live: ServiceLive): Written {
  const { nameservers, search, options } = live.dns
  return {
    entrypoint: someList(live.entrypoint),
    command: someList(live.command),
    hostname: live.hostname,
    user: live.user,
    groups: someList(live.groups),
    workingDir: live.workingDir,
    tty: yes(live.tty),
    stdin: yes(live.stdin),
    readOnly: yes(live.readOnly),
    // `false` is what the Docker CLI says where nobody asked for one.
    init: live.init || undefined,
    hosts: someList(live.hosts.map(({ name, ip }) => `${name}:${ip}`)),
    dns: someMap({ nameservers: someList(nameservers), search: someList(search), options: someList(options) }),
    isolation: live.isolation === 'default' ? undefined : live.isolation,
    sysctls: someMap(live.sysctls),
    capAdd: someList(live.capAdd),
    capDrop: someList(live.capDrop),
    ulimits: someMap(
      Object.fromEntries(live.ulimits.map(({ name, soft, hard }) => [name, soft === hard ? soft : { soft, hard }])),
    ),
    oomScoreAdj: live.oomScoreAdj || undefined,
    credentialSpec: live.credentialSpec,
    selinux: live.selinux,
    apparmor: live.apparmor === 'default' ? undefined : live.apparmor,
    noNewPrivileges: yes(live.noNewPrivileges),
    healthcheck: healthcheckWritten(live.healthcheck),
    stopSignal: live.stopSignal,
    stopGracePeriod:
      live.stopGracePeriod === SWARM_DEFAULTS.stopGracePeriod ? undefined : durationText(live.stopGracePeriod),
  }
}

function attachmentWritten({ name, aliases, driverOptions }: NetworkAttachment): Written | string {
  const said = someMap({ aliases: someList(aliases), driverOptions: someMap(driverOptions) })
  return said ? { name, ...said } : name
}

function fileWritten({ name, target, uid, gid, mode }: FileRef): Written | string {
  const said = someMap({
    target: target === name ? undefined : target,
    uid: uid === SWARM_DEFAULTS.uid ? undefined : uid,
    gid: gid === SWARM_DEFAULTS.gid ? undefined : gid,
    mode: mode === SWARM_DEFAULTS.fileMode ? undefined : mode,
  })
  return said ? { source: name, ...said } : name
}

/** Short for a named volume or a host path and nothing else. */
function mountWritten(mount: Mount): Written | string {
  const { type, source, target, readOnly, size, options, ...rest } = mount
  const isPath = type === 'bind' && source?.startsWith('/')
  const isName = type === 'volume' && /^[a-zA-Z0-9][\w.-]+$/.test(source ?? '')
  const isPlain = Object.keys(rest).length === 0 && !`${source}${target}`.includes(':')
  if (isPlain && (isPath || isName)) return `${source}:${target}${readOnly ? ':ro' : ''}`
  return {
    type,
    source,
    target,
    readOnly: yes(readOnly),
    ...rest,
    size: size === undefined ? undefined : sizeText(size),
    options: options?.map((option) => option.join('=')),
  }
}

function healthcheckWritten(check: Healthcheck | undefined): Written | undefined {
  if (!check) return undefined
  if (check.test[0] === 'NONE' && Object.keys(check).length === 1) return { disable: true }
  const time = (ms: number | undefined) => (ms === undefined ? undefined : durationText(ms))
  const { test, interval, timeout, startPeriod, startInterval, retries } = check
  return {
    test: someList(test),
    interval: time(interval),
    timeout: time(timeout),
    startPeriod: time(startPeriod),
    startInterval: time(startInterval),
    retries,
  }
}

function resourcesWritten({ limits, reservations }: Resources): Written | undefined {
  const memory = (bytes: number | undefined) => (bytes === undefined ? undefined : sizeText(bytes))
  return someMap({
    limits: someMap({ ...limits, memory: memory(limits.memory) }),
    reservations: someMap({
      cpus: reservations.cpus,
      memory: memory(reservations.memory),
      generic: someMap(reservations.generic),
    }),
  })
}

function restartWritten({ restart, mode }: ServiceLive): Written | undefined {
  const { condition, delay, maxAttempts, window } = restart
  // The engine fills in `any`, which means `on-failure` for a job: what ended well is not started again.
  const said = isJobMode(mode) && condition === 'any' ? 'on-failure' : condition
  return someMap({
    condition: said === (isJobMode(mode) ? 'on-failure' : DEFAULT_RESTART.condition) ? undefined : said,
    delay: delay === DEFAULT_RESTART.delay ? undefined : durationText(delay),
    maxAttempts: maxAttempts || undefined,
    window: window === 0 ? undefined : durationText(window),
  })
}

function updateWritten(policy: UpdatePolicy): Written | undefined {
  const said = Object.entries(policy).filter(
    ([key, value]) => !sameValue(value, DEFAULT_UPDATE[key as keyof UpdatePolicy]),
  )
  return someMap(
    Object.fromEntries(
      said.map(([key, value]) => [
        key,
        (key === 'delay' || key === 'monitor') && typeof value === 'number' ? durationText(value) : value,
      ]),
    ),
  )
}
