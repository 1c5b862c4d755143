import type {
  Build,
  ByName,
  ComposeHealthcheck,
  ComposeService,
  CredentialSpec,
  FileReference,
  Logging,
  ServiceNetwork,
  Ulimits,
} from '../model.ts'
import { isNumber } from '../yaml/node.ts'
import { at, type Cursor, isNull, items, type Read, refuse } from './cursor.ts'
import { readDeploy } from './read-deploy.ts'
import { readPorts } from './read-ports.ts'
import { readVolume } from './read-volume.ts'
import {
  command,
  count,
  count32,
  duration,
  type Fields,
  flag,
  flagOrFalse,
  hosts,
  mapOf,
  mapping,
  notEmpty,
  pointerTo,
  printedTexts,
  someList,
  struct,
  text,
  textMap,
  textOrTexts,
  texts,
  variables,
} from './readers.ts'

const BUILD: Fields<Build> = {
  context: text,
  dockerfile: text,
  args: variables,
  labels: mapping,
  cache_from: textOrTexts,
  extra_hosts: hosts,
  network: text,
  target: text,
}

const readBuild: Read<Build> = (cursor) => {
  const { node } = cursor
  if (node.type !== 'scalar' || typeof node.value !== 'string') return struct(BUILD)(cursor)
  return node.value === '' ? undefined : { context: node.value }
}

const FILE_REFERENCE: Fields<FileReference> = { source: text, target: text, uid: text, gid: text, mode: count32 }

const readFileReference: Read<FileReference> = (cursor) => {
  const { node } = cursor
  if (node.type === 'scalar' && typeof node.value === 'string') return node.value === '' ? {} : { source: node.value }
  return pointerTo(FILE_REFERENCE)(cursor)
}

const CREDENTIAL_SPEC: Fields<CredentialSpec> = { config: text, file: text, registry: text }

const readTest: Read<readonly string[]> = (cursor) => {
  const { node } = cursor
  return node.type === 'scalar' && typeof node.value === 'string' ? ['CMD-SHELL', node.value] : texts(cursor)
}

const HEALTHCHECK: Fields<ComposeHealthcheck> = {
  test: readTest,
  timeout: duration,
  interval: duration,
  retries: count,
  start_period: duration,
  start_interval: duration,
  disable: flag,
}

/** Empty options are not absent: those of a second file are merged into them. */
const LOGGING: Fields<Logging> = { driver: text, options: textMap }

const SERVICE_NETWORK: Fields<ServiceNetwork> = {
  aliases: texts,
  driver_opts: (cursor) => notEmpty(textMap(cursor) ?? {}),
  ipv4_address: text,
  ipv6_address: text,
}

/** A list of names, or a map whose values may be null. */
const readNetworks: Read<NonNullable<ComposeService['networks']>> = (cursor) => {
  if (cursor.node.type === 'list') {
    return notEmpty(Object.fromEntries(items(cursor).map((item) => [text(item) ?? '', null])))
  }
  const networks = mapOf((network) => (isNull(network) ? null : pointerTo(SERVICE_NETWORK)(network)))(cursor)
  return networks && notEmpty(networks)
}

const LARGEST = 2 ** 63 - 1024

/** Go's reader takes whole numbers only, and fails on `1.0`. */
function integer(cursor: Cursor): number | undefined {
  const { node } = cursor
  const value = node.type === 'scalar' && isNumber(node.value) && node.value.go === 'int' ? node.value : undefined
  // The largest of them is no number of JavaScript's, and as good as no limit.
  if (value && BigInt(value.text) < 2n ** 63n) return Math.min(value.number, LARGEST)
  return refuse(cursor, 'expected a whole number')
}

const readLimit: Read<Ulimits> = (cursor) => {
  if (isNull(cursor)) return undefined
  if (cursor.node.type !== 'map') {
    const single = integer(cursor)
    return single ? { single } : {}
  }
  const limit = (key: string): number => {
    const below = at(cursor, key)
    return (below && integer(below)) ?? 0
  }
  const [soft, hard] = [limit('soft'), limit('hard')]
  return { ...(soft === 0 ? {} : { soft }), ...(hard === 0 ? {} : { hard }) }
}

const readUlimits: Read<ByName<Ulimits>> = (cursor) => notEmpty(mapOf(readLimit)(cursor) ?? {})

const SERVICE: Fields<Omit<ComposeService, 'extras'>> = {
  build: readBuild,
  cap_add: texts,
  cap_drop: texts,
  cgroupns_mode: text,
  cgroup_parent: text,
  command,
  configs: someList(readFileReference),
  container_name: text,
  credential_spec: struct(CREDENTIAL_SPEC),
  depends_on: texts,
  deploy: readDeploy,
  devices: texts,
  dns: textOrTexts,
  dns_search: textOrTexts,
  domainname: text,
  entrypoint: command,
  environment: variables,
  env_file: textOrTexts,
  expose: printedTexts,
  external_links: texts,
  extra_hosts: hosts,
  hostname: text,
  healthcheck: pointerTo(HEALTHCHECK),
  image: text,
  init: flagOrFalse,
  ipc: text,
  isolation: text,
  labels: mapping,
  links: texts,
  logging: pointerTo(LOGGING),
  mac_address: text,
  network_mode: text,
  networks: readNetworks,
  pid: text,
  ports: readPorts,
  privileged: flag,
  read_only: flag,
  restart: text,
  secrets: someList(readFileReference),
  security_opt: texts,
  shm_size: text,
  stdin_open: flag,
  stop_grace_period: duration,
  stop_signal: text,
  sysctls: mapping,
  tmpfs: textOrTexts,
  tty: flag,
  ulimits: readUlimits,
  user: text,
  userns_mode: text,
  volumes: someList(readVolume),
  working_dir: text,
}

/** One service, before its env files are read and its paths are made absolute. */
export const readService: Read<Omit<ComposeService, 'extras'>> = pointerTo(SERVICE)
