import type { Effect } from '../../model/live.ts'
import type { ServiceFields, ServiceLive } from './spec.ts'

/** Fields whose live value takes more than reading the same name of the spec, beside those that both have. */
export type FieldName = keyof ServiceFields | 'replicas' | 'image' | 'platforms' | 'triggers'

/**
 * What is compared, by name, and what a difference does to what runs. A task is replaced for any difference in the
 * task template or the endpoint; labels of the service, replicas and policies stand outside of it (swarm.md 10). Name
 * and mode cannot be changed (swarm.md 16).
 */
export const EFFECTS: Readonly<Record<FieldName, Effect>> = {
  name: 'replace',
  mode: 'replace',
  image: 'restart',
  replicas: 'none',
  completions: 'restart',
  maxConcurrent: 'restart',
  labels: 'none',
  containerLabels: 'restart',
  entrypoint: 'restart',
  command: 'restart',
  hostname: 'restart',
  env: 'restart',
  workingDir: 'restart',
  user: 'restart',
  groups: 'restart',
  tty: 'restart',
  stdin: 'restart',
  readOnly: 'restart',
  mounts: 'restart',
  stopSignal: 'restart',
  stopGracePeriod: 'restart',
  healthcheck: 'restart',
  hosts: 'restart',
  dns: 'restart',
  secrets: 'restart',
  configs: 'restart',
  isolation: 'restart',
  init: 'restart',
  sysctls: 'restart',
  capAdd: 'restart',
  capDrop: 'restart',
  ulimits: 'restart',
  oomScoreAdj: 'restart',
  credentialSpec: 'restart',
  selinux: 'restart',
  seccomp: 'restart',
  apparmor: 'restart',
  noNewPrivileges: 'restart',
  resources: 'restart',
  restart: 'restart',
  constraints: 'restart',
  spread: 'restart',
  maxReplicasPerNode: 'restart',
  platforms: 'restart',
  networks: 'restart',
  logging: 'restart',
  update: 'none',
  rollback: 'none',
  endpointMode: 'restart',
  ports: 'restart',
  triggers: 'restart',
}

export const FIELD_NAMES = Object.keys(EFFECTS) as readonly FieldName[]

export const isJobMode = (mode: ServiceLive['mode']): boolean => mode === 'replicated-job' || mode === 'global-job'
