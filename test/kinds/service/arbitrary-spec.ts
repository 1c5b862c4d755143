import fc, { type Arbitrary } from 'fast-check'
import type { SwarmIds } from '../../../src/kinds/ids.ts'
import { capabilityName } from '../../../src/kinds/service/capabilities.ts'
import { DEFAULT_RESTART, DEFAULT_UPDATE } from '../../../src/kinds/service/defaults.ts'
import {
  sortFileRefs,
  sortHosts,
  sortMounts,
  sortNetworks,
  sortPorts,
  sortTexts,
  sortUlimits,
} from '../../../src/kinds/service/sort.ts'
import type {
  FileRef,
  Healthcheck,
  HostEntry,
  Mount,
  NetworkAttachment,
  Port,
  ServiceFields,
  ServiceMode,
  ServiceSpec,
  Texts,
  UpdatePolicy,
} from '../../../src/kinds/service/spec.ts'

/** A service that says nothing but its image, with every default. */
export const PLAIN: ServiceSpec = {
  name: 'hello',
  mode: 'replicated',
  replicas: 1,
  image: 'hello:1',
  resolve: 'digest',
  labels: {},
  containerLabels: {},
  entrypoint: [],
  command: [],
  env: {},
  groups: [],
  tty: false,
  stdin: false,
  readOnly: false,
  mounts: [],
  stopGracePeriod: 10_000,
  hosts: [],
  dns: { nameservers: [], search: [], options: [] },
  secrets: [],
  configs: [],
  isolation: 'default',
  sysctls: {},
  capAdd: [],
  capDrop: [],
  ulimits: [],
  oomScoreAdj: 0,
  apparmor: 'default',
  noNewPrivileges: false,
  resources: { limits: {}, reservations: { generic: {} } },
  restart: DEFAULT_RESTART,
  constraints: [],
  spread: [],
  maxReplicasPerNode: 0,
  networks: [],
  update: DEFAULT_UPDATE,
  rollback: DEFAULT_UPDATE,
  endpointMode: 'vip',
  ports: [],
  triggers: {},
}

const NAMES = ['a', 'b-1', 'c_2'] as const

/** Every object that specs refer to, with an id. */
export const IDS: SwarmIds = {
  networks: new Map([...NAMES, 'host'].map((name) => [name, `net${name}id`])),
  secrets: new Map(NAMES.map((name) => [name, `sec${name}id`])),
  configs: new Map([...NAMES, 'gmsa'].map((name) => [name, `con${name}id`])),
}

export const NETWORK_NAMES: ReadonlyMap<string, string> = new Map([...IDS.networks].map(([name, id]) => [id, name]))

const name = fc.constantFrom(...NAMES)
const word = fc.stringMatching(/^[a-z][a-z0-9._-]{0,8}$/)
const text = fc.string({ maxLength: 12 })
const texts: Arbitrary<Texts> = fc.dictionary(word, text, { maxKeys: 3 })
const ms = fc.integer({ min: 0, max: 1e7 }).map((n) => n / 1000)
const someMs = ms.filter((n) => n > 0)
const bytes = fc.integer({ min: 1, max: 2 ** 40 })
const cpus = fc.integer({ min: 1, max: 64e9 }).map((nano) => nano / 1e9)
const list = fc.array(word, { maxLength: 3 })
const sortedList = list.map(sortTexts)
const uid = fc.integer({ min: 0, max: 65_535 }).map(String)
const mode = fc.integer({ min: 0, max: 0o777 }).map((n) => n.toString(8).padStart(4, '0'))

/** At most one of a key. */
const unique = <T>(item: Arbitrary<T>, key: (item: T) => unknown): Arbitrary<T[]> =>
  fc.uniqueArray(item, { selector: key, maxLength: 3 })

const optional = <T>(shape: { [K in keyof T]: Arbitrary<T[K]> }, required: readonly (keyof T)[]): Arbitrary<T> =>
  fc.record(shape, { requiredKeys: [...required] as never }) as Arbitrary<T>

const path = word.map((part) => `/srv/${part}`)
const yes = fc.constant(true as const)
const someTexts = texts.filter((map) => Object.keys(map).length > 0)

const bind = optional<Mount>(
  {
    type: fc.constant('bind' as const),
    source: path,
    target: path,
    readOnly: fc.boolean(),
    propagation: fc.constantFrom('rshared', 'slave'),
    nonRecursive: yes,
    createMountpoint: yes,
    readOnlyNonRecursive: yes,
    readOnlyForceRecursive: yes,
  } as never,
  ['type', 'source', 'target', 'readOnly'],
)
const volume = optional<Mount>(
  {
    type: fc.constant('volume' as const),
    source: word,
    target: path,
    readOnly: fc.boolean(),
    noCopy: yes,
    labels: someTexts,
    driver: word,
    driverOptions: someTexts,
    subpath: word,
  } as never,
  ['type', 'target', 'readOnly'],
)
const tmpfs = optional<Mount>(
  {
    type: fc.constant('tmpfs' as const),
    target: path,
    readOnly: fc.boolean(),
    size: bytes,
    mode: mode.filter((octal) => octal !== '0000'),
    options: fc.array(fc.array(word, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 2 }),
  } as never,
  ['type', 'target', 'readOnly'],
)
const other = optional<Mount>(
  {
    type: fc.constantFrom('npipe' as const, 'cluster' as const),
    source: word,
    target: path,
    readOnly: fc.boolean(),
  } as never,
  ['type', 'source', 'target', 'readOnly'],
)
const mounts = unique(fc.oneof(bind, volume, tmpfs, other), (mount) => mount.target).map(sortMounts)

const fileRefs = unique(
  fc.record<FileRef>({ name, target: path, uid, gid: uid, mode } as never),
  (ref) => ref.target,
).map(sortFileRefs)

const healthcheck: Arbitrary<Healthcheck> = optional<Healthcheck>(
  {
    test: fc.constantFrom([], ['NONE'], ['CMD', 'true'], ['CMD-SHELL', 'exit 0']),
    interval: someMs,
    timeout: someMs,
    startPeriod: someMs,
    startInterval: someMs,
    retries: fc.integer({ min: 1, max: 9 }),
  } as never,
  ['test'],
).filter((check) => check.test.length > 0 || Object.keys(check).length > 1)

const update: Arbitrary<UpdatePolicy> = fc.record({
  parallelism: fc.nat(5),
  delay: ms,
  failureAction: fc.constantFrom('pause', 'continue', 'rollback'),
  monitor: someMs,
  maxFailureRatio: fc.constantFrom(0, 0.25, 1),
  order: fc.constantFrom('stop-first', 'start-first'),
})

const network: Arbitrary<NetworkAttachment> = fc.record({ name, aliases: sortedList, driverOptions: texts })
const port: Arbitrary<Port> = optional<Port>(
  {
    target: fc.integer({ min: 1, max: 65_535 }),
    published: fc.integer({ min: 1, max: 65_535 }),
    protocol: fc.constantFrom('tcp', 'udp', 'sctp'),
    mode: fc.constantFrom('ingress', 'host'),
    name: word,
  } as never,
  ['target', 'protocol', 'mode'],
)
const host: Arbitrary<HostEntry> = fc.record({ name: word, ip: fc.ipV4() })
const capabilities = fc
  .subarray(['ALL', 'net_admin', 'CAP_SYS_TIME', 'chown'])
  .map((all) => sortTexts(all.map(capabilityName)))

/** One arbitrary for each field of a service that both a spec and a live one have. */
export const FIELDS: { readonly [K in keyof ServiceFields]-?: Arbitrary<NonNullable<ServiceFields[K]>> } = {
  name: fc.constantFrom('hello', 'other'),
  mode: fc.constantFrom<ServiceMode>('replicated', 'global', 'replicated-job', 'global-job'),
  completions: fc.integer({ min: 1, max: 9 }),
  maxConcurrent: fc.integer({ min: 1, max: 9 }),
  labels: texts,
  containerLabels: texts,
  entrypoint: list,
  command: fc.array(text, { maxLength: 3 }),
  hostname: word,
  env: fc.dictionary(word, fc.option(text), { maxKeys: 3 }),
  workingDir: path,
  user: word,
  groups: sortedList,
  tty: fc.boolean(),
  stdin: fc.boolean(),
  readOnly: fc.boolean(),
  mounts,
  stopSignal: fc.constantFrom('SIGINT', 'SIGQUIT'),
  stopGracePeriod: ms,
  healthcheck,
  hosts: unique(host, ({ name: hostName, ip }) => `${hostName} ${ip}`).map(sortHosts),
  dns: fc.record({ nameservers: list, search: list, options: list }),
  secrets: fileRefs,
  configs: fileRefs,
  isolation: fc.constantFrom('default', 'process', 'hyperv'),
  init: fc.boolean(),
  sysctls: texts,
  capAdd: capabilities,
  capDrop: capabilities,
  ulimits: unique(
    fc.record({ name: word, soft: fc.integer({ min: -1 }), hard: fc.integer({ min: -1 }) }),
    (limit) => limit.name,
  ).map(sortUlimits),
  oomScoreAdj: fc.integer({ min: -1000, max: 1000 }),
  credentialSpec: fc.constantFrom({ file: 'spec.json' }, { registry: 'gmsa' }),
  selinux: optional(
    { disable: fc.boolean(), user: word, role: word, type: word, level: word } as never,
    ['disable', 'type'] as never,
  ),
  seccomp: fc.constantFrom(
    { mode: 'unconfined' as const },
    { mode: 'custom' as const, profile: '{"defaultAction":"é"}' },
  ),
  apparmor: fc.constantFrom('default', 'disabled'),
  noNewPrivileges: fc.boolean(),
  resources: fc.record({
    limits: optional({ cpus, memory: bytes, pids: fc.integer({ min: 1 }) } as never, []),
    reservations: optional(
      {
        cpus,
        memory: bytes,
        generic: fc.dictionary(
          word,
          fc.oneof(fc.integer({ min: 1, max: 8 }), fc.array(word, { minLength: 1, maxLength: 2 }).map(sortTexts)),
          {
            maxKeys: 2,
          },
        ),
      } as never,
      ['generic'] as never,
    ),
  }),
  restart: fc.record({
    condition: fc.constantFrom('none', 'on-failure', 'any'),
    delay: ms,
    maxAttempts: fc.nat(5),
    window: ms,
  }),
  constraints: fc.subarray(['node.hostname == a', 'node.labels.zone != b', 'node.role == worker']).map(sortTexts),
  spread: fc.subarray(['node.labels.zone', 'node.labels.rack']),
  maxReplicasPerNode: fc.nat(3),
  networks: unique(network, (one) => one.name).map(sortNetworks),
  logging: optional({ driver: word, options: texts } as never, ['driver', 'options'] as never),
  update,
  rollback: update,
  endpointMode: fc.constantFrom('vip', 'dnsrr'),
  ports: unique(port, (one) => `${one.published}/${one.protocol}`).map(sortPorts),
}

/** Fields that belong to a mode, or that change what the object is. */
const OF_MODE = ['name', 'mode', 'completions', 'maxConcurrent'] as const
const COMMON = Object.fromEntries(
  Object.entries(FIELDS).filter(([key]) => !(OF_MODE as readonly string[]).includes(key)),
)

const counts: Arbitrary<Partial<ServiceSpec>> = fc.oneof(
  fc.record({
    mode: fc.constant('replicated' as const),
    replicas: fc.oneof(fc.nat(9), fc.constant('unmanaged' as const)),
  }),
  fc.constant({ mode: 'global' as const }),
)

/** Any valid service that is no job: each field said or left to its default. */
export const arbitrarySpec: Arbitrary<ServiceSpec> = fc
  .tuple(fc.record(COMMON, { requiredKeys: [] }), counts, fc.dictionary(word, word, { maxKeys: 2 }))
  .map(([fields, how, triggers]) => ({ ...withoutReplicas(how), ...fields, ...how, triggers }) as ServiceSpec)

function withoutReplicas(how: Partial<ServiceSpec>): ServiceSpec {
  const { replicas: _, ...plain } = PLAIN
  return how.mode === 'replicated' ? PLAIN : plain
}
