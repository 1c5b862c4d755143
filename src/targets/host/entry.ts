import { hash } from 'node:crypto'
import type { UnitRecord } from '../../kinds/unit/spec.ts'
import type { Digest } from '../../model/digest.ts'
import { partsOf, type ResourceId } from '../../model/id.ts'

/** Where installs keep what they remember on a host; root's alone. */
export const RECORDS = '/var/lib/swarmkeeper'

/** What an install remembers of one thing that it owns: one file of one line each, so that each is replaced alone. */
export interface Entry {
  readonly kind: string
  /** Live name, or path. */
  readonly name: string
  readonly app: string
  readonly digest: Digest
  /** As it was last started or reloaded by us; which start that was stands in a file beside it. */
  readonly unit?: Omit<UnitRecord, 'invocation'>
  readonly file?: { readonly sha256?: string; readonly mac?: string; readonly owns?: readonly string[] }
  readonly user?: { readonly groups: readonly string[] }
}

export interface OwnedEntry extends Entry {
  readonly install: string
  /** Of its line. */
  readonly sha256: string
  /** `InvocationID` of the start that it speaks of. */
  readonly invocation?: string
}

/** The same for every name that installs give to the host. */
export function keyOf(id: ResourceId): string {
  const { kind, name } = partsOf(id)
  return keyOfThing(kind, name)
}

export const keyOfThing = (kind: string, name: string): string => sha256Of(`${kind}/${name}`).slice(0, 40)

export const sha256Of = (content: string | Uint8Array): string => hash('sha256', content)

export const lineOf = (entry: Entry): string => `${JSON.stringify(entry)}\n`

/** Undefined where it is none: what cannot be read owns nothing. */
export function entryOf(line: string): Entry | undefined {
  try {
    const { kind, name, app, digest, ...rest } = JSON.parse(line)
    const isEntry = [kind, name, app, digest].every((field) => typeof field === 'string')
    return isEntry ? { kind, name, app, digest, ...rest } : undefined
  } catch {
    return undefined
  }
}
