import { plainLabels } from '../labels.ts'
import { capabilityName } from './capabilities.ts'
import { SWARM_DEFAULTS } from './defaults.ts'
import { mountFromWire } from './from-wire-mount.ts'
import { compact, fromBase64, milliseconds, octal, whole } from './go-values.ts'
import { sortFileRefs, sortHosts, sortMounts, sortTexts, sortUlimits } from './sort.ts'
import type { FileRef, Healthcheck, HostEntry, Seccomp, Selinux, ServiceFields } from './spec.ts'
import type {
  Maybe,
  WireConfigRef,
  WireContainer,
  WireFile,
  WireHealthcheck,
  WirePrivileges,
  WireSecretRef,
} from './wire.ts'

export type ContainerFields = Pick<
  ServiceFields,
  | 'containerLabels'
  | 'entrypoint'
  | 'command'
  | 'hostname'
  | 'env'
  | 'workingDir'
  | 'user'
  | 'groups'
  | 'tty'
  | 'stdin'
  | 'readOnly'
  | 'mounts'
  | 'stopSignal'
  | 'stopGracePeriod'
  | 'healthcheck'
  | 'hosts'
  | 'dns'
  | 'secrets'
  | 'configs'
  | 'isolation'
  | 'init'
  | 'sysctls'
  | 'capAdd'
  | 'capDrop'
  | 'ulimits'
  | 'oomScoreAdj'
  | 'credentialSpec'
  | 'selinux'
  | 'seccomp'
  | 'apparmor'
  | 'noNewPrivileges'
>

export function containerFromWire(wire: WireContainer): ContainerFields {
  const dns = wire.DNSConfig
  return compact<ContainerFields>({
    containerLabels: plainLabels(wire.Labels),
    entrypoint: wire.Command ?? [],
    command: wire.Args ?? [],
    hostname: wire.Hostname || undefined,
    env: envFromWire(wire.Env),
    workingDir: wire.Dir || undefined,
    user: wire.User || undefined,
    groups: sortTexts(wire.Groups ?? []),
    tty: wire.TTY ?? false,
    stdin: wire.OpenStdin ?? false,
    readOnly: wire.ReadOnly ?? false,
    mounts: sortMounts((wire.Mounts ?? []).map(mountFromWire)),
    stopSignal: wire.StopSignal || undefined,
    stopGracePeriod: milliseconds(wire.StopGracePeriod) ?? SWARM_DEFAULTS.stopGracePeriod,
    healthcheck: healthcheckFromWire(wire.Healthcheck),
    hosts: sortHosts((wire.Hosts ?? []).flatMap(hostsFromLine)),
    dns: { nameservers: dns?.Nameservers ?? [], search: dns?.Search ?? [], options: dns?.Options ?? [] },
    secrets: sortFileRefs((wire.Secrets ?? []).map(secretFromWire)),
    configs: sortFileRefs((wire.Configs ?? []).map(configFromWire)),
    isolation: wire.Isolation === 'process' || wire.Isolation === 'hyperv' ? wire.Isolation : 'default',
    init: wire.Init ?? undefined,
    sysctls: wire.Sysctls ?? {},
    capAdd: sortTexts((wire.CapabilityAdd ?? []).map(capabilityName)),
    capDrop: sortTexts((wire.CapabilityDrop ?? []).map(capabilityName)),
    ulimits: sortUlimits(
      (wire.Ulimits ?? []).map((limit) => ({ name: limit.Name ?? '', soft: limit.Soft ?? 0, hard: limit.Hard ?? 0 })),
    ),
    oomScoreAdj: wire.OomScoreAdj ?? 0,
    ...privilegesFromWire(wire),
  })
}

/** `KEY` without a value takes a variable of the image away. */
function envFromWire(env: Maybe<readonly string[]>): ServiceFields['env'] {
  const entries = (env ?? []).map((line): [string, string | null] => {
    const equals = line.indexOf('=')
    return equals < 0 ? [line, null] : [line.slice(0, equals), line.slice(equals + 1)]
  })
  return Object.fromEntries(entries)
}

/** An empty check inherits everything from the image, as none does. */
function healthcheckFromWire(wire: Maybe<WireHealthcheck>): Healthcheck | undefined {
  const check = compact<Healthcheck>({
    test: wire?.Test ?? [],
    interval: milliseconds(whole(wire?.Interval)),
    timeout: milliseconds(whole(wire?.Timeout)),
    startPeriod: milliseconds(whole(wire?.StartPeriod)),
    startInterval: milliseconds(whole(wire?.StartInterval)),
    retries: whole(wire?.Retries),
  })
  return check.test.length === 0 && Object.keys(check).length === 1 ? undefined : check
}

/** A line of /etc/hosts: `10.0.0.5 db db.local`. */
function hostsFromLine(line: string): readonly HostEntry[] {
  const [ip = '', ...names] = line.split(/\s+/)
  return names.filter((name) => name !== '').map((name) => ({ name, ip }))
}

const fileFromWire = (file: Maybe<WireFile>): Omit<FileRef, 'name' | 'target'> => ({
  uid: file?.UID || SWARM_DEFAULTS.uid,
  gid: file?.GID || SWARM_DEFAULTS.gid,
  mode: file ? octal(file.Mode ?? 0) : SWARM_DEFAULTS.fileMode,
})

const secretFromWire = (ref: WireSecretRef): FileRef =>
  compact<FileRef>({ name: ref.SecretName ?? '', target: ref.File?.Name || undefined, ...fileFromWire(ref.File) })

const configFromWire = (ref: WireConfigRef): FileRef =>
  compact<FileRef>({ name: ref.ConfigName ?? '', target: ref.File?.Name || undefined, ...fileFromWire(ref.File) })

type PrivilegeFields = Pick<ServiceFields, 'credentialSpec' | 'selinux' | 'seccomp' | 'apparmor' | 'noNewPrivileges'>

function privilegesFromWire(wire: WireContainer): {
  readonly [K in keyof PrivilegeFields]: PrivilegeFields[K] | undefined
} {
  const privileges = wire.Privileges
  return {
    credentialSpec: credentialSpecFromWire(wire),
    selinux: selinuxFromWire(privileges?.SELinuxContext),
    seccomp: seccompFromWire(privileges?.Seccomp),
    apparmor: privileges?.AppArmor?.Mode === 'disabled' ? 'disabled' : 'default',
    noNewPrivileges: privileges?.NoNewPrivileges ?? false,
  }
}

/** A credential spec names its config by id; the runtime config beside it has the name. */
function credentialSpecFromWire(wire: WireContainer): ServiceFields['credentialSpec'] {
  const spec = wire.Privileges?.CredentialSpec
  if (spec?.Config)
    return { config: wire.Configs?.find((ref) => ref.ConfigID === spec.Config)?.ConfigName ?? spec.Config }
  if (spec?.File) return { file: spec.File }
  return spec?.Registry ? { registry: spec.Registry } : undefined
}

function selinuxFromWire(wire: Maybe<NonNullable<WirePrivileges['SELinuxContext']>>): Selinux | undefined {
  if (!wire) return undefined
  const context = compact<Selinux>({
    disable: wire.Disable ?? false,
    user: wire.User || undefined,
    role: wire.Role || undefined,
    type: wire.Type || undefined,
    level: wire.Level || undefined,
  })
  return !context.disable && Object.keys(context).length === 1 ? undefined : context
}

function seccompFromWire(wire: Maybe<NonNullable<WirePrivileges['Seccomp']>>): Seccomp | undefined {
  if (wire?.Mode === 'unconfined') return { mode: 'unconfined' }
  return wire?.Mode === 'custom' ? { mode: 'custom', profile: fromBase64(wire.Profile ?? '') } : undefined
}
