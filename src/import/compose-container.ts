import { NAMESPACE_LABEL } from '../compose/convert/stack.ts'
import { SWARM_DEFAULTS } from '../kinds/service/defaults.ts'
import type { FileRef, Healthcheck, ServiceLive } from '../kinds/service/spec.ts'
import type { Sections } from './sections.ts'
import { durationText, Octal, someList, someMap, type Written, without, yes } from './written.ts'

/** The container half of a service in a compose file: the inverse of docker/cli cli/compose/convert. */
export function containerWritten(live: ServiceLive, sections: Sections): Written {
  return {
    entrypoint: someList(live.entrypoint),
    command: someList(live.command),
    environment: someMap(live.env),
    hostname: live.hostname,
    working_dir: live.workingDir,
    user: live.user,
    tty: yes(live.tty),
    stdin_open: yes(live.stdin),
    read_only: yes(live.readOnly),
    // `false` is what the Docker CLI says where nobody asked for one.
    init: live.init || undefined,
    isolation: live.isolation === 'default' ? undefined : live.isolation,
    stop_signal: live.stopSignal,
    stop_grace_period:
      live.stopGracePeriod === SWARM_DEFAULTS.stopGracePeriod ? undefined : durationText(live.stopGracePeriod),
    healthcheck: healthcheckWritten(live.healthcheck),
    extra_hosts: hostsWritten(live.hosts),
    dns: someList(live.dns.nameservers),
    dns_search: someList(live.dns.search),
    sysctls: someMap(live.sysctls),
    cap_add: someList(live.capAdd),
    cap_drop: someList(live.capDrop),
    ulimits: ulimitsWritten(live),
    credential_spec: credentialSpecWritten(live, sections),
    secrets: someList(live.secrets.map((ref) => fileWritten(ref, sections.secret(ref.name)))),
    configs: someList(mountedConfigs(live).map((ref) => fileWritten(ref, sections.config(ref.name)))),
    logging: live.logging && someMap({ driver: live.logging.driver, options: someMap(live.logging.options) }),
    labels: without(live.containerLabels, NAMESPACE_LABEL),
  }
}

/** As a map where the `=` in a line would be read as what stands between name and address. */
function hostsWritten(hosts: ServiceLive['hosts']): Written | readonly string[] | undefined {
  const lines = hosts.map(({ name, ip }) => `${name}:${ip}`)
  if (!lines.some((line) => line.includes('='))) return someList(lines)
  return Object.fromEntries(hosts.map(({ name, ip }) => [name, ip]))
}

function healthcheckWritten(check: Healthcheck | undefined): Written | undefined {
  if (!check) return undefined
  if (check.test[0] === 'NONE' && Object.keys(check).length === 1) return { disable: true }
  const { test, interval, timeout, startPeriod, startInterval, retries } = check
  const time = (ms: number | undefined) => (ms === undefined ? undefined : durationText(ms))
  return {
    test: someList(test),
    interval: time(interval),
    timeout: time(timeout),
    start_period: time(startPeriod),
    start_interval: time(startInterval),
    retries,
  }
}

function ulimitsWritten({ ulimits }: ServiceLive): Written | undefined {
  return someMap(
    Object.fromEntries(ulimits.map(({ name, soft, hard }) => [name, soft === hard ? soft : { soft, hard }])),
  )
}

/** A config without a path is one of the runtime: the credential spec beside it names it. */
const mountedConfigs = ({ configs }: ServiceLive): readonly FileRef[] =>
  configs.filter((ref) => ref.target !== undefined)

function credentialSpecWritten({ credentialSpec }: ServiceLive, sections: Sections): Written | undefined {
  if (credentialSpec?.config === undefined) return credentialSpec && { ...credentialSpec }
  return { config: sections.config(credentialSpec.config) }
}

function fileWritten({ target, uid, gid, mode }: FileRef, source: string): Written | string {
  const plain = { uid: SWARM_DEFAULTS.uid, gid: SWARM_DEFAULTS.gid, mode: SWARM_DEFAULTS.fileMode }
  if (target === source && uid === plain.uid && gid === plain.gid && mode === plain.mode) return source
  return {
    source,
    target: target === source ? undefined : target,
    uid: uid === plain.uid ? undefined : uid,
    gid: gid === plain.gid ? undefined : gid,
    mode: mode === plain.mode ? undefined : new Octal(mode),
  }
}
