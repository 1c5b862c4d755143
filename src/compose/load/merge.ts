import type {
  Build,
  ByName,
  ComposeHealthcheck,
  ComposeModel,
  ComposePort,
  ComposeResources,
  ComposeRestart,
  ComposeService,
  CredentialSpec,
  Deploy,
  Extras,
  FileReference,
  Limits,
  Logging,
  Placement,
  Plain,
  Reservations,
  ServiceNetwork,
  ServiceVolume,
  UpdateConfig,
} from '../model.ts'
import { LATEST } from './schema.ts'

/**
 * Files over each other as the docker CLI merges them (docker/cli cli/compose/loader merge.go): services field by
 * field, everything else by its name as a whole. What Go holds as zero takes nothing away. Extras are those of the
 * first file.
 */
export function mergeModels(models: readonly ComposeModel[]): ComposeModel {
  const [first, ...rest] = models
  return rest.reduce(mergeTwo, first ?? NOTHING)
}

const NOTHING: ComposeModel = {
  version: LATEST,
  services: {},
  networks: {},
  volumes: {},
  secrets: {},
  configs: {},
  extras: {},
}

function mergeTwo(base: ComposeModel, over: ComposeModel): ComposeModel {
  return {
    version: base.version,
    services: mergeByName(base.services, over.services, mergeService),
    networks: byKey(base.networks, over.networks),
    volumes: byKey(base.volumes, over.volumes),
    secrets: byKey(base.secrets, over.secrets),
    configs: byKey(base.configs, over.configs),
    extras: base.extras,
  }
}

type Merge<T> = (base: T, over: T) => T

function mergeByName<T>(base: ByName<T>, over: ByName<T>, merge: Merge<T>): ByName<T> {
  const merged = new Map(Object.entries(base))
  for (const [name, value] of Object.entries(over)) {
    const below = merged.get(name)
    merged.set(name, below === undefined ? value : merge(below, value))
  }
  return Object.fromEntries(merged)
}

/** Where a key stands in one file only, that one is taken; a key without a rule is replaced. */
type Rules<T> = { readonly [K in keyof T]?: Merge<NonNullable<T[K]>> }

const fieldwise =
  <T extends object>(rules: Rules<T>): Merge<T> =>
  (base, over) => {
    const merged: Record<string, unknown> = Object.fromEntries(Object.entries(base))
    for (const [key, value] of Object.entries(over)) {
      const rule = rules[key as keyof T] as Merge<unknown> | undefined
      merged[key] = merged[key] !== undefined && rule ? rule(merged[key], value) : value
    }
    return merged as T
  }

/** Lists are put behind each other, whatever is twice in them then. */
const append = <T>(base: readonly T[], over: readonly T[]): readonly T[] => [...base, ...over]

const byKey = <T>(base: ByName<T>, over: ByName<T>): ByName<T> => ({ ...base, ...over })

/** Zero is what Go takes for absent here, though it is not. */
const unlessZero = <T>(base: T, over: T): T => over || base

/** One item for each key, in the order of the keys: also where only one file has the list and the other the service. */
const keyed =
  <T>(key: (item: T) => string, order: (item: T) => string | number): Merge<readonly T[]> =>
  (base, over) => {
    const items = [...new Map([...base, ...over].map((item) => [key(item), item])).values()]
    return items.sort((a, b) => (order(a) < order(b) ? -1 : order(a) > order(b) ? 1 : 0))
  }

/** By the published port alone: of tcp and udp on one, and of all that publish none, the last is left (28.2.2). */
const ports = keyed<ComposePort>(
  (port) => String(port.published ?? 0),
  (port) => port.published ?? 0,
)
const volumes = keyed<ServiceVolume>(
  (volume) => volume.target ?? '',
  (volume) => volume.target ?? '',
)
const references = keyed<FileReference>(
  (reference) => reference.source ?? '',
  (reference) => reference.source ?? '',
)

const environment: Merge<ByName<string | null>> = (base, over) =>
  mergeByName<string | null>(base, over, (below, value) => (below ? value || below : value))

const logging: Merge<Logging> = (base, over) => {
  const same = base.driver === over.driver || base.driver === undefined || over.driver === undefined
  if (!same) return over
  const driver = base.driver ?? over.driver
  // Without options of its own, the first file takes none of the second: so does the docker CLI.
  const options = base.options && { ...base.options, ...over.options }
  return { ...(driver === undefined ? {} : { driver }), ...(options ? { options } : {}) }
}

const network: Merge<ServiceNetwork | null> = (base, over) => {
  if (over === null || base === null) return over ?? base
  const { aliases: _, ...rest } = base
  const { driver_opts: __, ...own } = over
  return { ...rest, ...own }
}

const updateConfig = fieldwise<UpdateConfig>({})

const resources = fieldwise<ComposeResources>({
  limits: fieldwise<Limits>({}),
  reservations: fieldwise<Reservations>({ generic_resources: append }),
})

const deploy = fieldwise<Deploy>({
  labels: byKey,
  update_config: updateConfig,
  rollback_config: updateConfig,
  resources,
  restart_policy: fieldwise<ComposeRestart>({ delay: unlessZero, window: unlessZero }),
  placement: fieldwise<Placement>({ constraints: append, preferences: append }),
})

const healthcheck = fieldwise<ComposeHealthcheck>({
  test: append,
  timeout: unlessZero,
  interval: unlessZero,
  start_period: unlessZero,
  start_interval: unlessZero,
})

const extras: Merge<Extras> = (base, over) => mergeByName<Plain>(base, over, mergePlain)

function mergePlain(base: Plain, over: Plain): Plain {
  if (Array.isArray(base) && Array.isArray(over)) return [...base, ...over]
  if (isMap(base) && isMap(over)) return extras(base, over)
  return over
}

const isMap = (value: Plain): value is Extras =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !('go' in value)

const SERVICE: Rules<ComposeService> = {
  build: fieldwise<Build>({ args: environment, labels: byKey, cache_from: append, extra_hosts: append }),
  cap_add: append,
  cap_drop: append,
  configs: references,
  credential_spec: fieldwise<CredentialSpec>({}),
  depends_on: append,
  deploy,
  devices: append,
  dns: append,
  dns_search: append,
  environment,
  env_file: append,
  expose: append,
  external_links: append,
  extra_hosts: append,
  healthcheck,
  init: unlessZero,
  labels: byKey,
  links: append,
  logging,
  networks: (base, over) => mergeByName(base, over, network),
  ports,
  secrets: references,
  security_opt: append,
  stop_grace_period: unlessZero,
  sysctls: byKey,
  tmpfs: append,
  ulimits: byKey,
  volumes,
  extras,
}

const fields = fieldwise<ComposeService>(SERVICE)

/** A list with keys is put in order even where the second file does not have it; none stays none beside an empty one. */
function mergeService(base: ComposeService, over: ComposeService): ComposeService {
  const { ports, volumes, secrets, configs, ...rest } = over
  const lists = Object.entries({ ports, volumes, secrets, configs }).flatMap(([key, list = []]) =>
    base[key as 'ports'] || list.length > 0 ? [[key, list] as const] : [],
  )
  return fields(base, { ...rest, ...Object.fromEntries(lists) })
}
