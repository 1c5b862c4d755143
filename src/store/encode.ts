import { InternalError } from '../model/error.ts'
import { Sensitive } from '../model/sensitive.ts'

/** JSON text for a row. A `Sensitive` in it becomes `[REDACTED]`. */
export const encode = (value: unknown): string => JSON.stringify(value)

export const decode = <T>(json: string): T => JSON.parse(json) as T

/**
 * For what is applied again later: a secret that were stored as `[REDACTED]` would be written to a target as that word,
 * so it is refused instead. Specs carry `Opaque` references (rule 22).
 */
export function encodeSpec(value: unknown): string {
  return JSON.stringify(value, function refuseSecrets(this: Record<string, unknown>, key, item: unknown) {
    if (this[key] instanceof Sensitive)
      throw new InternalError(`a secret value was about to be stored, in field ${key}`)
    return item
  })
}
