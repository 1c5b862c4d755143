import { Sensitive } from '../model/sensitive.ts'
import type { Settings } from './settings.ts'

/** Every secret of the settings, wherever it stands in them: what must not leave in any text. */
export function secretsOf(settings: Settings): readonly Sensitive[] {
  return [...found(settings)]
}

function* found(value: unknown): Generator<Sensitive> {
  if (value instanceof Sensitive) yield value
  else if (value instanceof Map) for (const item of value.values()) yield* found(item)
  else if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) yield* found(item)
}
