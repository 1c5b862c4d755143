import { pointerTo } from '../../desired/tree.ts'
import type { Finding } from '../source.ts'
import type { MapNode, Node } from '../yaml/node.ts'

/** What the docker CLI refuses in a service, and what to write instead. */
const FORBIDDEN: ReadonlyMap<string, string> = new Map([
  ['extends', 'a stack file knows no extends: use YAML anchors, or a second compose file'],
  ['volume_driver', "declare the volume under the top-level 'volumes' and give it a 'driver' there"],
  ['volumes_from', "declare the volume under the top-level 'volumes' and mount it in each service"],
  ...['cpu_quota', 'cpu_shares', 'cpuset'].map((key) => [key, "use 'deploy.resources.limits.cpus'"] as const),
  ...['mem_limit', 'memswap_limit'].map((key) => [key, "use 'deploy.resources.limits.memory'"] as const),
])

/** What Swarm does not do for a service, and what to write instead. */
const IGNORED: ReadonlyMap<string, string> = new Map([
  ['build', 'build and push the image before; a Swarm only pulls'],
  ['cgroup_parent', 'a Swarm places tasks in its own control groups'],
  ['cgroupns_mode', 'set the default of the engine (default-cgroupns-mode)'],
  ['container_name', 'tasks get names of their own; other services find this one by its name in the network'],
  ['depends_on', 'a Swarm starts services in any order: the program has to wait for what it needs'],
  ['devices', "use 'deploy.resources.reservations.generic_resources', or mount what is under /dev as a volume"],
  ['domainname', "put the domain into 'hostname'"],
  ['expose', 'services of one network reach every port of each other'],
  ['external_links', 'join a network that both services are in'],
  ['ipc', 'mount a tmpfs at /dev/shm: {type: tmpfs, target: /dev/shm, tmpfs: {size: …}}'],
  ['links', 'services of one network find each other by name'],
  ['mac_address', 'a Swarm chooses the address'],
  ['network_mode', "use 'networks'; for the network of the node, an external one with 'name: host'"],
  ['oom_score_adj', 'the docker CLI takes it and does not send it'],
  ['pid', 'a Swarm gives every task its own process ids'],
  ['privileged', "use 'cap_add' for what the program needs"],
  ['security_opt', 'set the profile as the default of the engine'],
  ['shm_size', 'mount a tmpfs at /dev/shm: {type: tmpfs, target: /dev/shm, tmpfs: {size: …}}'],
  ['userns_mode', 'set it for the engine (userns-remap)'],
])

/** The docker CLI says that it ignores it, and does not (28.2.2); the policy may stand in another file. */
const RESTART =
  "'restart' counts only where there is no 'deploy.restart_policy', and 'no' not even there: write " +
  "'deploy.restart_policy: {condition: any}', or on-failure, or none"

function warningOf(key: string): string | undefined {
  const ignored = IGNORED.get(key)
  return key === 'restart' ? RESTART : ignored && `'${key}' does nothing on a Swarm: ${ignored}`
}

/** Of a file as it is written, before its variables are filled in: one finding for each place. */
export function checkProperties(root: Node): readonly Finding[] {
  return services(root).flatMap(([name, service]) =>
    [...service.entries].flatMap(([key, { key: offset }]): readonly Finding[] => {
      const pointer = pointerTo(pointerTo('/services', name), key)
      const refused = FORBIDDEN.get(key)
      if (refused) return [{ severity: 'error', offset, pointer, message: `'${key}' is not for stacks: ${refused}` }]
      const message = warningOf(key)
      return message ? [{ severity: 'warning', offset, pointer, message }] : []
    }),
  )
}

function services(root: Node): readonly (readonly [string, MapNode])[] {
  const section = root.type === 'map' ? root.entries.get('services')?.value : undefined
  if (section?.type !== 'map') return []
  return [...section.entries].flatMap(([name, { value }]) => (value.type === 'map' ? [[name, value] as const] : []))
}
