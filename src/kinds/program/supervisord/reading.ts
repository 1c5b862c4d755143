import { namesOf } from './expansions.ts'
import type { Ini } from './ini.ts'
import { expandFormat, PythonError } from './python.ts'
import type { HostFacts } from './values.ts'

type Values = ReadonlyMap<string, string | number>

/** A configuration while it is read: where the reader is tells where a mistake was made. */
export interface Reading {
  readonly ini: Ini
  readonly facts: HostFacts
  /** `ENV_X` of supervisord, which its own section may add to. */
  readonly environment: Map<string, string | number>
  readonly warnings: string[]
  at: Place
}

export interface Place {
  readonly file: string
  readonly line: number
}

/** What supervisord stops at, in its own words, and where. */
export class SupervisordRefusal extends Error {
  override readonly name = 'SupervisordRefusal'
  readonly place: Place

  constructor(message: string, place: Place) {
    super(message)
    this.place = place
  }
}

/** Turns what Python would raise into a refusal with its place. */
export function refusing<T>(reading: Pick<Reading, 'at'>, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof PythonError) throw new SupervisordRefusal(error.message, reading.at)
    throw error
  }
}

interface Get {
  readonly section: string
  readonly key: string
  readonly expansions?: Values
  /** Taken as it is written. */
  readonly raw?: boolean
}

/** `saneget` of supervisor options.py: the value, expanded. */
export function getOption(reading: Reading, { section, key, expansions, raw }: Get): string | undefined {
  const { ini, facts, environment } = reading
  const option = ini.get(section, key)
  reading.at = option ?? ini.sections.get(section) ?? reading.at
  if (option === undefined || raw) return option?.value
  const names = namesOf([environment, ...(expansions ? [expansions] : [])], facts)
  return expandFormat(option.value, names, `${section}.${key}`)
}
