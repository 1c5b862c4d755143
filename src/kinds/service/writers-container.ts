import { ReconcileError } from '../../model/error.ts'
import { containerOf, type Draft, over, privilegesOf, put, someList, someMap, type WriteContext, yes } from './draft.ts'
import type { ContainerFields } from './from-wire-container.ts'
import { fromOctal, nanoseconds, toBase64, whole } from './go-values.ts'
import type { FileRef, ServiceSpec } from './spec.ts'
import type { Maybe, WireConfigRef, WireFile, WireHealthcheck, WirePrivileges, WireSecretRef } from './wire.ts'
import type { Writer } from './writers.ts'
import { mountsToWire } from './writers-mount.ts'

export const CONTAINER_WRITERS: Readonly<Record<Exclude<keyof ContainerFields, 'containerLabels'>, Writer>> = {
  entrypoint: (draft, spec) => put(containerOf(draft), 'Command', someList(spec.entrypoint)),
  command: (draft, spec) => put(containerOf(draft), 'Args', someList(spec.command)),
  hostname: (draft, spec) => put(containerOf(draft), 'Hostname', spec.hostname),
  env: (draft, spec) => put(containerOf(draft), 'Env', someList(envToWire(spec.env))),
  workingDir: (draft, spec) => put(containerOf(draft), 'Dir', spec.workingDir),
  user: (draft, spec) => put(containerOf(draft), 'User', spec.user),
  groups: (draft, spec) => put(containerOf(draft), 'Groups', someList(spec.groups)),
  tty: (draft, spec) => put(containerOf(draft), 'TTY', yes(spec.tty)),
  stdin: (draft, spec) => put(containerOf(draft), 'OpenStdin', yes(spec.stdin)),
  readOnly: (draft, spec) => put(containerOf(draft), 'ReadOnly', yes(spec.readOnly)),
  mounts: (draft, spec) =>
    put(containerOf(draft), 'Mounts', mountsToWire(spec.mounts, containerOf(draft).Mounts ?? [])),
  stopSignal: (draft, spec) => put(containerOf(draft), 'StopSignal', spec.stopSignal),
  stopGracePeriod: (draft, spec) => put(containerOf(draft), 'StopGracePeriod', nanoseconds(spec.stopGracePeriod)),
  healthcheck: (draft, spec) =>
    put(containerOf(draft), 'Healthcheck', healthcheckToWire(spec, containerOf(draft).Healthcheck)),
  hosts: (draft, spec) => put(containerOf(draft), 'Hosts', someList(spec.hosts.map(({ ip, name }) => `${ip} ${name}`))),
  dns: writeDns,
  secrets: writeSecrets,
  configs: writeConfigs,
  isolation: (draft, spec) =>
    put(containerOf(draft), 'Isolation', spec.isolation === 'default' ? undefined : spec.isolation),
  init: (draft, spec) => put(containerOf(draft), 'Init', spec.init),
  sysctls: (draft, spec) => put(containerOf(draft), 'Sysctls', someMap(spec.sysctls)),
  capAdd: (draft, spec) => put(containerOf(draft), 'CapabilityAdd', someList(spec.capAdd)),
  capDrop: (draft, spec) => put(containerOf(draft), 'CapabilityDrop', someList(spec.capDrop)),
  ulimits: (draft, spec) =>
    put(
      containerOf(draft),
      'Ulimits',
      someList(spec.ulimits.map((limit) => ({ Name: limit.name, Soft: limit.soft, Hard: limit.hard }))),
    ),
  oomScoreAdj: (draft, spec) => put(containerOf(draft), 'OomScoreAdj', whole(spec.oomScoreAdj)),
  credentialSpec: writeCredentialSpec,
  selinux: (draft, spec) => put(privilegesOf(draft), 'SELinuxContext', selinuxToWire(spec, privilegesOf(draft))),
  seccomp: (draft, spec) => put(privilegesOf(draft), 'Seccomp', seccompToWire(spec)),
  apparmor: (draft, spec) =>
    put(privilegesOf(draft), 'AppArmor', spec.apparmor === 'disabled' ? { Mode: 'disabled' } : undefined),
  noNewPrivileges: (draft, spec) => put(privilegesOf(draft), 'NoNewPrivileges', spec.noNewPrivileges),
}

function envToWire(env: ServiceSpec['env']): readonly string[] {
  return Object.keys(env)
    .sort()
    .map((key) => (env[key] === null ? key : `${key}=${env[key]}`))
}

function healthcheckToWire({ healthcheck }: ServiceSpec, live: Maybe<WireHealthcheck>): WireHealthcheck | undefined {
  if (!healthcheck) return undefined
  const ns = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : nanoseconds(ms))
  return over<WireHealthcheck>(live, {
    Test: someList(healthcheck.test),
    Interval: ns(healthcheck.interval),
    Timeout: ns(healthcheck.timeout),
    StartPeriod: ns(healthcheck.startPeriod),
    StartInterval: ns(healthcheck.startInterval),
    Retries: healthcheck.retries,
  })
}

function writeDns(draft: Draft, { dns }: ServiceSpec): void {
  const container = containerOf(draft)
  container.DNSConfig = over(container.DNSConfig, {
    Nameservers: someList(dns.nameservers),
    Search: someList(dns.search),
    Options: someList(dns.options),
  })
}

/** References need id and name (swarm.md 13). */
function idOf(kind: 'secret' | 'config', name: string, ids: ReadonlyMap<string, string>): string {
  const id = ids.get(name)
  if (id !== undefined) return id
  throw new ReconcileError('DependencyNotReady', {
    message: `the ${kind} '${name}' is not on the Swarm`,
    todo: `it must exist before the service that uses it`,
    retryable: true,
  })
}

const fileToWire = (ref: FileRef, live: Maybe<WireFile>): WireFile =>
  over(live, { Name: ref.target, UID: ref.uid, GID: ref.gid, Mode: fromOctal(ref.mode) })

function writeSecrets(draft: Draft, spec: ServiceSpec, { ids }: WriteContext): void {
  const container = containerOf(draft)
  const secrets = spec.secrets.map((ref) => {
    const live = container.Secrets?.find((one) => one.SecretName === ref.name && one.File?.Name === ref.target)
    const SecretID = idOf('secret', ref.name, ids.secrets)
    return over<WireSecretRef>(live, { File: fileToWire(ref, live?.File), SecretID, SecretName: ref.name })
  })
  put(container, 'Secrets', someList(secrets))
}

function writeConfigs(draft: Draft, spec: ServiceSpec, { ids }: WriteContext): void {
  const container = containerOf(draft)
  const configs = spec.configs.map((ref) => {
    const live = container.Configs?.find(
      (one) => one.ConfigName === ref.name && (one.File?.Name || undefined) === ref.target,
    )
    const place = ref.target === undefined ? { Runtime: {} } : { File: fileToWire(ref, live?.File) }
    return over<WireConfigRef>(live, {
      ...place,
      ConfigID: idOf('config', ref.name, ids.configs),
      ConfigName: ref.name,
    })
  })
  put(container, 'Configs', someList(configs))
}

function writeCredentialSpec(draft: Draft, { credentialSpec }: ServiceSpec, { ids }: WriteContext): void {
  const { config, file, registry } = credentialSpec ?? {}
  const Config = config === undefined ? undefined : idOf('config', config, ids.configs)
  privilegesOf(draft).CredentialSpec = credentialSpec ? over({}, { Config, File: file, Registry: registry }) : null
}

function selinuxToWire({ selinux }: ServiceSpec, live: WirePrivileges): WirePrivileges['SELinuxContext'] {
  if (!selinux) return null
  const { disable, user, role, type, level } = selinux
  return over(live.SELinuxContext, { Disable: disable, User: user, Role: role, Type: type, Level: level })
}

function seccompToWire({ seccomp }: ServiceSpec): WirePrivileges['Seccomp'] {
  if (!seccomp) return undefined
  return over(
    {},
    { Mode: seccomp.mode, Profile: seccomp.profile === undefined ? undefined : toBase64(seccomp.profile) },
  )
}
