import { capabilityName } from '../../kinds/service/capabilities.ts'
import { SWARM_DEFAULTS } from '../../kinds/service/defaults.ts'
import type { ContainerFields } from '../../kinds/service/from-wire-container.ts'
import { compact, type Loose } from '../../kinds/service/go-values.ts'
import { sortHosts, sortTexts, sortUlimits } from '../../kinds/service/sort.ts'
import type { Healthcheck, HostEntry, ServiceSpec } from '../../kinds/service/spec.ts'
import type { ComposeService } from '../model.ts'
import type { ServicePlace } from './service.ts'
import { milliseconds } from './units.ts'

type Fields = Omit<ContainerFields, 'containerLabels' | 'mounts' | 'secrets' | 'configs' | 'credentialSpec'>

/** What stands in the container of a service, but for what it mounts. */
export function containerOf(service: ComposeService, place: ServicePlace): Loose<Fields> {
  return {
    entrypoint: service.entrypoint ?? [],
    command: service.command ?? [],
    hostname: service.hostname,
    env: service.environment ?? {},
    workingDir: service.working_dir,
    user: service.user,
    groups: [],
    tty: service.tty ?? false,
    stdin: service.stdin_open ?? false,
    readOnly: service.read_only ?? false,
    stopSignal: service.stop_signal,
    stopGracePeriod: milliseconds(service.stop_grace_period) ?? SWARM_DEFAULTS.stopGracePeriod,
    healthcheck: healthcheckOf(service, place),
    hosts: hostsOf(service.extra_hosts ?? []),
    dns: { nameservers: service.dns ?? [], search: service.dns_search ?? [], options: [] },
    isolation: isolationOf(service, place),
    init: service.init,
    sysctls: service.sysctls ?? {},
    ...capabilitiesOf(service),
    ulimits: sortUlimits(
      Object.entries(service.ulimits ?? {}).map(([name, { single, soft = single ?? 0, hard = single ?? 0 }]) => ({
        name,
        soft,
        hard,
      })),
    ),
    oomScoreAdj: 0,
    selinux: undefined,
    seccomp: undefined,
    apparmor: 'default',
    noNewPrivileges: false,
  }
}

function healthcheckOf(
  { healthcheck: written }: ComposeService,
  { stack, pointer }: ServicePlace,
): Healthcheck | undefined {
  if (!written) return undefined
  if (written.disable) {
    if (written.test) {
      stack.refuse(`${pointer}/healthcheck/test`, "'test' and 'disable' together: only one of them")
    }
    return { test: ['NONE'] }
  }
  const check = compact<Healthcheck>({
    test: written.test ?? [],
    interval: milliseconds(written.interval) || undefined,
    timeout: milliseconds(written.timeout) || undefined,
    startPeriod: milliseconds(written.start_period) || undefined,
    startInterval: milliseconds(written.start_interval) || undefined,
    retries: written.retries || undefined,
  })
  return check.test.length === 0 && Object.keys(check).length === 1 ? undefined : check
}

/** What has no colon is left out, as in the docker CLI. */
function hostsOf(lines: readonly string[]): readonly HostEntry[] {
  const hosts = lines.flatMap((line): readonly HostEntry[] => {
    const colon = line.indexOf(':')
    return colon < 0 ? [] : [{ name: line.slice(0, colon), ip: line.slice(colon + 1) }]
  })
  return sortHosts(hosts)
}

function isolationOf(
  { isolation: written = 'default' }: ComposeService,
  { stack, pointer }: ServicePlace,
): ServiceSpec['isolation'] {
  const isolation = written.toLowerCase()
  if (isolation === 'default' || isolation === 'process' || isolation === 'hyperv') return isolation
  stack.doubt(`${pointer}/isolation`, `'${written}' is not one of default, process, hyperv`)
  return 'default'
}

/** What is added is not dropped (docker/cli opts/capabilities.go); RESET means something to updates only. */
function capabilitiesOf(service: ComposeService): Pick<ServiceSpec, 'capAdd' | 'capDrop'> {
  const names = (written: readonly string[] = []): readonly string[] => {
    const all = sortTexts(written.map(capabilityName))
    return all.includes('ALL') ? ['ALL'] : all.filter((name) => name !== 'CAP_RESET')
  }
  const capAdd = names(service.cap_add)
  return { capAdd, capDrop: names(service.cap_drop).filter((name) => !capAdd.includes(name)) }
}
