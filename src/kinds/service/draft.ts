import type { SwarmIds, SwarmNames } from '../ids.ts'
import type { WireContainer, WirePlacement, WirePrivileges, WireServiceSpec, WireTask } from './wire.ts'

/** A copy of the live object that the writers change in place. */
export type Draft = WireServiceSpec

export interface WriteContext {
  readonly ids: SwarmIds
  readonly names: SwarmNames
}

export function taskOf(draft: Draft): WireTask {
  draft.TaskTemplate ??= {}
  return draft.TaskTemplate
}

export function containerOf(draft: Draft): WireContainer {
  const task = taskOf(draft)
  task.ContainerSpec ??= {}
  return task.ContainerSpec
}

export function placementOf(draft: Draft): WirePlacement {
  const task = taskOf(draft)
  task.Placement ??= {}
  return task.Placement
}

export function privilegesOf(draft: Draft): WirePrivileges {
  const container = containerOf(draft)
  container.Privileges ??= {}
  return container.Privileges
}

/** Sets a field, or takes it away where there is nothing to say: the engine then knows its own default. */
export function put<T extends object, K extends keyof T>(on: T, key: K, value: T[K] | undefined): void {
  if (value === undefined) delete on[key]
  else on[key] = value
}

/** The live one, with these fields; what is undefined goes (unknown fields survive: architecture, rule 2). */
export function over<T extends object>(
  live: T | null | undefined,
  fields: { readonly [K in keyof T]?: T[K] | undefined },
): T {
  const merged = { ...live, ...fields }
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined)) as T
}

export const someList = <T>(items: readonly T[]): T[] | undefined => (items.length > 0 ? [...items] : undefined)

export const someMap = (texts: Readonly<Record<string, string>> | undefined): Record<string, string> | undefined =>
  texts && Object.keys(texts).length > 0 ? { ...texts } : undefined

export const yes = (flag: boolean | undefined): true | undefined => (flag ? true : undefined)
