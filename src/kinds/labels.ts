import { sameValue } from '../model/digest.ts'
import { pointerSegment, type ValueDiff } from './field-diff.ts'

/**
 * Labels on live objects. Those below `swarmkeeper.` are bookkeeping: the stamp of the target, and ours here. Of the
 * rest we own the keys that we wrote, listed under `swarmkeeper.owns`; foreign ones survive every update.
 */
export type Labels = Readonly<Record<string, string>>

export const BOOKKEEPING = 'swarmkeeper.'
/** JSON: trigger -> digest or token that it was last started with (architecture, rule 4). */
export const TRIGGERS_LABEL = 'swarmkeeper.triggers'
/** JSON: list of label keys; of a service an object of two lists. */
export const OWNS_LABEL = 'swarmkeeper.owns'
/** Replicas that a service had before it was suspended. */
export const SUSPENDED_LABEL = 'swarmkeeper.suspended-replicas'
/** Run key that a job last ran for. */
export const RUN_KEY_LABEL = 'swarmkeeper.run-key'

export type WireLabels = Readonly<Record<string, string>> | null | undefined

/** The labels that are not bookkeeping. */
export function plainLabels(labels: WireLabels): Labels {
  return Object.fromEntries(Object.entries(labels ?? {}).filter(([key]) => !key.startsWith(BOOKKEEPING)))
}

/** JSON that we wrote into a label; what is not readable counts as not there. */
export function jsonLabel(labels: WireLabels, key: string): unknown {
  const text = labels?.[key]
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined // somebody edited it by hand
  }
}

export const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []

export const ownedLabels = (labels: WireLabels): readonly string[] => textsOf(jsonLabel(labels, OWNS_LABEL))

export interface LiveLabels {
  readonly labels: Labels
  readonly owns: readonly string[]
}

/** Declared keys, and keys that we wrote and that are declared no more; foreign ones are no difference. */
export function compareLabels(path: string, declared: Labels, live: LiveLabels): readonly ValueDiff[] {
  const ours = [...new Set([...Object.keys(declared), ...live.owns])].sort()
  return ours
    .filter((key) => !sameValue(declared[key], live.labels[key]))
    .map((key) => ({
      path: `${path}/${pointerSegment(key)}`,
      from: live.labels[key],
      to: declared[key],
    }))
}

/** Live labels with ours set and those of ours removed that are declared no more. */
export function mergeLabels(declared: Labels, live: WireLabels, owns: readonly string[]): Record<string, string> {
  const kept = Object.entries(live ?? {}).filter(([key]) => !owns.includes(key))
  return { ...Object.fromEntries(kept), ...declared }
}

/** For kinds whose only changeable part is labels: merged, with our list of keys and the stamp. */
export function stampedLabels(
  declared: Labels,
  options: { readonly live?: WireLabels; readonly stamp: Labels },
): Record<string, string> {
  const merged = mergeLabels(declared, options.live, ownedLabels(options.live))
  delete merged[OWNS_LABEL]
  const keys = Object.keys(declared).sort()
  return { ...merged, ...(keys.length > 0 ? { [OWNS_LABEL]: JSON.stringify(keys) } : {}), ...options.stamp }
}
