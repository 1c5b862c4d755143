import type {
  ComposeResources,
  ComposeRestart,
  Deploy,
  Limits,
  Placement,
  Reservations,
  UpdateConfig,
} from '../model.ts'
import {
  count,
  duration,
  type Fields,
  float32,
  listOf,
  mapping,
  nonZero,
  nonZeroDuration,
  pointerTo,
  size,
  struct,
  text,
  texts,
  whole,
} from './readers.ts'

const UPDATE: Fields<UpdateConfig> = {
  parallelism: count,
  delay: nonZeroDuration,
  failure_action: text,
  monitor: nonZeroDuration,
  max_failure_ratio: float32,
  order: text,
}

const LIMITS: Fields<Limits> = { cpus: text, memory: size, pids: nonZero(whole) }

const RESERVATIONS: Fields<Reservations> = {
  cpus: text,
  memory: size,
  generic_resources: listOf(pointerTo({ discrete_resource_spec: pointerTo({ kind: text, value: nonZero(whole) }) })),
}

const RESOURCES: Fields<ComposeResources> = { limits: pointerTo(LIMITS), reservations: pointerTo(RESERVATIONS) }

const RESTART: Fields<ComposeRestart> = { condition: text, delay: duration, max_attempts: count, window: duration }

const PLACEMENT: Fields<Placement> = {
  constraints: texts,
  preferences: listOf(pointerTo<{ readonly spread?: string }>({ spread: text })),
  max_replicas_per_node: nonZero(count),
}

const DEPLOY: Fields<Deploy> = {
  mode: text,
  replicas: count,
  labels: mapping,
  update_config: pointerTo(UPDATE),
  rollback_config: pointerTo(UPDATE),
  resources: struct(RESOURCES),
  restart_policy: pointerTo(RESTART),
  placement: struct(PLACEMENT),
  endpoint_mode: text,
}

export const readDeploy = struct(DEPLOY)
