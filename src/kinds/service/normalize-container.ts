import { type NormalizeContext, NormalizeProblem } from '../../model/kind.ts'
import type { Service } from '../../model/written/service.ts'
import { attempt } from '../mistakes.ts'
import { duration, labelTexts, oneOrMany, texts, words } from '../written-values.ts'
import { capabilityName } from './capabilities.ts'
import { SWARM_DEFAULTS } from './defaults.ts'
import type { ContainerFields } from './from-wire-container.ts'
import { compact, type Loose } from './go-values.ts'
import { type References, readFileRefs } from './references.ts'
import { sortFileRefs, sortHosts, sortTexts, sortUlimits } from './sort.ts'
import type { FileRef, Healthcheck, HostEntry, Seccomp, Selinux, ServiceFields, Ulimit } from './spec.ts'
import { readEnv } from './written-env.ts'
import { readMounts } from './written-mounts.ts'

type Written = Omit<Service, 'kind' | 'name' | 'target' | 'keeper'>

interface At {
  readonly pointer: string
  readonly references: References
  readonly context: NormalizeContext
}

export function normalizeContainer(written: Written, at: At): Loose<ContainerFields> {
  const { pointer } = at
  const trying = <T>(instead: T, read: () => T): T => attempt(at.context, instead, read)
  return {
    containerLabels: trying({}, () => labelTexts(written.containerLabels, `${pointer}/containerLabels`)),
    entrypoint: trying([], () => words(written.entrypoint, `${pointer}/entrypoint`)),
    command: trying([], () => words(written.command, `${pointer}/command`)),
    hostname: written.hostname || undefined,
    env: trying({}, () => readEnv(written, pointer, at.context)),
    workingDir: written.workingDir || undefined,
    user: written.user || undefined,
    groups: sortTexts(written.groups ?? []),
    tty: written.tty ?? false,
    stdin: written.stdin ?? false,
    readOnly: written.readOnly ?? false,
    mounts: trying([], () => readMounts(written.mounts, `${pointer}/mounts`)),
    stopSignal: written.stopSignal || undefined,
    stopGracePeriod:
      trying(undefined, () => duration(written.stopGracePeriod, `${pointer}/stopGracePeriod`)) ??
      SWARM_DEFAULTS.stopGracePeriod,
    healthcheck: trying(undefined, () => readHealthcheck(written.healthcheck, `${pointer}/healthcheck`)),
    hosts: trying([], () => readHosts(written.hosts, `${pointer}/hosts`)),
    dns: {
      nameservers: written.dns?.nameservers ?? [],
      search: written.dns?.search ?? [],
      options: written.dns?.options ?? [],
    },
    isolation: written.isolation ?? 'default',
    init: written.init,
    sysctls: texts(written.sysctls),
    ...capabilities(written),
    ulimits: readUlimits(written.ulimits, `${pointer}/ulimits`, at.context),
    oomScoreAdj: written.oomScoreAdj ?? 0,
    ...files(written, at),
    selinux: readSelinux(written.selinux),
    seccomp: trying(undefined, () => readSeccomp(written.seccomp, `${pointer}/seccomp/profile`, at.context)),
    apparmor: written.apparmor ?? 'default',
    noNewPrivileges: written.noNewPrivileges ?? false,
  }
}

/** A credential spec in a config is a config of the runtime: it has no path in the container. */
function files(
  written: Written,
  { pointer, references }: At,
): Loose<Pick<ServiceFields, 'secrets' | 'configs' | 'credentialSpec'>> {
  const configs = readFileRefs('Config', written.configs, { pointer: `${pointer}/configs`, references })
  const secrets = readFileRefs('Secret', written.secrets, { pointer: `${pointer}/secrets`, references })
  const source = written.credentialSpec?.config
  if (source === undefined)
    return { secrets, configs, credentialSpec: written.credentialSpec && compact(written.credentialSpec) }
  const name = references.liveName('Config', source, `${pointer}/credentialSpec/config`)
  const { uid, gid, fileMode: mode } = SWARM_DEFAULTS
  const runtime: FileRef = { name, uid, gid, mode }
  return { secrets, configs: sortFileRefs([...configs, runtime]), credentialSpec: { config: name } }
}

function readHealthcheck(written: Service['healthcheck'], pointer: string): Healthcheck | undefined {
  if (!written) return undefined
  if (written.disable) return { test: ['NONE'] }
  const of = (field: 'interval' | 'timeout' | 'startPeriod' | 'startInterval'): number | undefined => {
    const ms = duration(written[field], `${pointer}/${field}`) || undefined
    if (ms === undefined || ms >= 1) return ms
    throw new NormalizeProblem(
      `${pointer}/${field}`,
      `${written[field]} is less than 1ms, the least that the engine takes`,
    )
  }
  const check = compact<Healthcheck>({
    test: readTest(written.test, `${pointer}/test`),
    interval: of('interval'),
    timeout: of('timeout'),
    startPeriod: of('startPeriod'),
    startInterval: of('startInterval'),
    retries: written.retries || undefined,
  })
  return check.test.length === 0 && Object.keys(check).length === 1 ? undefined : check
}

function readTest(test: string | readonly string[] | undefined, pointer: string): readonly string[] {
  if (typeof test === 'string') return ['CMD-SHELL', test]
  const [first, ...rest] = test ?? []
  const known =
    first === undefined || first === 'CMD' || first === 'CMD-SHELL' || (first === 'NONE' && rest.length === 0)
  if (!known) throw new NormalizeProblem(pointer, `a list begins with CMD, CMD-SHELL or NONE, not '${first}'`)
  if (first !== undefined && first !== 'NONE' && rest.length === 0)
    throw new NormalizeProblem(pointer, `${first} without a command`)
  return test ?? []
}

function readHosts(written: Service['hosts'], pointer: string): readonly HostEntry[] {
  if (!Array.isArray(written)) {
    const entries = Object.entries(written ?? {})
    return sortHosts(entries.flatMap(([name, ips]) => oneOrMany(ips).map((ip) => ({ name, ip }))))
  }
  const hosts = written.map((line, index): HostEntry => {
    const [name = '', ip = ''] = line.split(/[:=](.*)/s)
    if (name !== '' && ip !== '') return { name, ip }
    throw new NormalizeProblem(`${pointer}/${index}`, `'${line}' is not a host like db:10.0.0.5`)
  })
  return sortHosts(hosts)
}

/** What is added is not dropped (docker/cli opts/capabilities.go); ALL on either side stays as it is. */
function capabilities(written: Written): Pick<ServiceFields, 'capAdd' | 'capDrop'> {
  const capAdd = sortTexts((written.capAdd ?? []).map(capabilityName))
  const capDrop = sortTexts((written.capDrop ?? []).map(capabilityName)).filter((name) => !capAdd.includes(name))
  return { capAdd: capAdd.includes('ALL') ? ['ALL'] : capAdd, capDrop: capDrop.includes('ALL') ? ['ALL'] : capDrop }
}

/** -1 is no limit. Swarm takes a soft limit above the hard one, and leaves it to the node to refuse (its CLI does at once). */
function readUlimits(written: Service['ulimits'], pointer: string, context: NormalizeContext): readonly Ulimit[] {
  const limits = Object.entries(written ?? {}).map(([name, limit]) =>
    typeof limit === 'number' ? { name, soft: limit, hard: limit } : { name, soft: limit.soft, hard: limit.hard },
  )
  for (const { name, soft, hard } of limits) {
    if (hard === -1 || (soft !== -1 && soft <= hard)) continue
    context.warn(`${pointer}/${name}`, `the soft limit ${soft} is more than the hard one, ${hard}: nodes refuse that`)
  }
  return sortUlimits(limits)
}

function readSelinux(written: Service['selinux']): Selinux | undefined {
  if (!written) return undefined
  const { disable = false, user, role, type, level } = written
  const context = compact<Selinux>({ disable, user, role, type, level })
  return !disable && Object.keys(context).length === 1 ? undefined : context
}

function readSeccomp(written: Service['seccomp'], pointer: string, context: NormalizeContext): Seccomp | undefined {
  if (!written || written.mode === 'default') return undefined
  if (written.mode === 'unconfined') return { mode: 'unconfined' }
  if (written.profile === undefined)
    throw new NormalizeProblem(pointer, 'mode custom needs a profile: the path of a JSON file')
  const profile = context.file(written.profile, pointer).toString('utf8')
  try {
    JSON.parse(profile)
  } catch {
    throw new NormalizeProblem(pointer, `${written.profile} is not JSON`)
  }
  return { mode: 'custom', profile }
}
