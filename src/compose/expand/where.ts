import { pointerTo } from '../../desired/tree.ts'
import { segmentsOf } from '../../lib/json-pointer.ts'
import type { Position } from '../../model/problem.ts'
import { type ComposeSource, findIn, originOf } from '../source.ts'

/** Fields of a service's spec -> keys of a compose service, of which the first that is written counts. */
const SERVICE: Readonly<Record<string, readonly string[]>> = {
  mode: ['deploy/mode'],
  replicas: ['deploy/replicas'],
  completions: ['deploy/replicas'],
  maxConcurrent: ['deploy/replicas'],
  labels: ['deploy/labels'],
  containerLabels: ['labels'],
  env: ['environment', 'env_file'],
  workingDir: ['working_dir'],
  stdin: ['stdin_open'],
  readOnly: ['read_only'],
  mounts: ['volumes', 'tmpfs'],
  stopSignal: ['stop_signal'],
  stopGracePeriod: ['stop_grace_period'],
  hosts: ['extra_hosts'],
  dns: ['dns', 'dns_search'],
  capAdd: ['cap_add'],
  capDrop: ['cap_drop'],
  credentialSpec: ['credential_spec'],
  resources: ['deploy/resources'],
  restart: ['deploy/restart_policy', 'restart'],
  constraints: ['deploy/placement/constraints'],
  spread: ['deploy/placement/preferences'],
  maxReplicasPerNode: ['deploy/placement/max_replicas_per_node'],
  update: ['deploy/update_config'],
  rollback: ['deploy/rollback_config'],
  endpointMode: ['deploy/endpoint_mode'],
  'update/order': ['deploy/update_config/order'],
}

/** The same for networks, secrets and configs. */
const OBJECT: Readonly<Record<string, readonly string[]>> = {
  options: ['driver_opts'],
  template: ['template_driver'],
  content: ['file'],
}

/** What a field of a spec, or of the document that people would have written, is called in a compose file. */
function composeKeys(section: string, field: string): readonly string[] {
  return (section === 'services' ? SERVICE : OBJECT)[field] ?? [field]
}

/** A JSON pointer to it, below the thing at `pointer`. */
export function composePointer(section: string, pointer: string, field: string): string {
  const [key = field] = composeKeys(section, field)
  return `${pointer}/${key}`
}

/** Where a field was written; undefined where no file has it. */
export function whereIn(
  sources: readonly ComposeSource[],
  at: { readonly section: string; readonly key: string },
  field: string,
): Position | undefined {
  const base = pointerTo(`/${at.section}`, at.key)
  // Its name is the key; what it is to have, when nothing says so, comes with the key as well.
  const keys = field === 'name' ? [''] : composeKeys(at.section, field).map((key) => `/${key}`)
  const pointer = keys.map((key) => `${base}${key}`).find((one) => sources.some((source) => has(source, one)))
  return pointer === undefined ? undefined : originOf(sources, pointer)
}

const has = ({ root }: ComposeSource, pointer: string): boolean =>
  findIn(root, pointer).depth === segmentsOf(pointer).length
