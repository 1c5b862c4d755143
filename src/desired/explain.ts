import type { ErrorObject } from 'ajv'
import { nearest } from '../lib/nearest.ts'
import { type Complaint, complaintOf, noMatch } from './complaint.ts'
import type { JsonSchema } from './inline-schema.ts'
import { chooseBranch } from './union.ts'

/**
 * The errors of a schema as a person wants to hear them: of a union only what is wrong with the branch that the value
 * looks like, and one complaint where several say the same.
 */
export function explain(errors: readonly ErrorObject[]): readonly Complaint[] {
  const outer = errors.filter((error) => !errors.some((other) => covers(other, error)))
  return outer.filter((error) => !isEcho(error, outer)).flatMap((error) => explainOne(error, errors))
}

function explainOne(error: ErrorObject, errors: readonly ErrorObject[]): readonly Complaint[] {
  if (!isUnion(error)) return [complaintOf(error)]
  const choice = chooseBranch(error.schema as readonly JsonSchema[], error.data)
  if (choice.type !== 'branch' || passesSeveral(error)) return [noMatch(error, choice)]
  const prefix = `${error.schemaPath}/${choice.index}/`
  const inside = errors.filter((other) => other.schemaPath.startsWith(prefix) && below(error, other))
  return inside.length > 0 ? explain(inside) : [noMatch(error, choice)]
}

const isUnion = (error: ErrorObject): boolean => error.keyword === 'oneOf' || error.keyword === 'anyOf'

/** `oneOf` with two branches that both hold. */
const passesSeveral = (error: ErrorObject): boolean => Array.isArray(error.params.passingSchemas)

/** Of what is no map, a schema about its keys says nothing: every branch holds. The wrong type is told by itself. */
const isMap = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Is the other error one of the reasons for this one? */
function covers(error: ErrorObject, other: ErrorObject): boolean {
  if (error === other || !other.schemaPath.startsWith(`${error.schemaPath}/`)) return false
  return ['oneOf', 'anyOf', 'propertyNames', 'not', 'contains'].includes(error.keyword) && below(error, other)
}

const below = (error: ErrorObject, other: ErrorObject): boolean =>
  other.instancePath === error.instancePath || other.instancePath.startsWith(`${error.instancePath}/`)

/** A key is missing because it is misspelt: once is enough. */
function isMisspelt(error: ErrorObject, all: readonly ErrorObject[]): boolean {
  const missing: string = error.params.missingProperty
  return all.some((other) => {
    if (other.keyword !== 'additionalProperties' || other.instancePath !== error.instancePath) return false
    return nearest(other.params.additionalProperty, [missing]) !== undefined
  })
}

/** A wrong type beside a list of allowed values says nothing new; nor does `if` beside the branch that failed. */
function isEcho(error: ErrorObject, all: readonly ErrorObject[]): boolean {
  if (error.keyword === 'if' || (isUnion(error) && passesSeveral(error) && !isMap(error.data))) return true
  if (error.keyword === 'required') return isMisspelt(error, all)
  if (error.keyword !== 'type') return false
  const schema = error.parentSchema
  return all.some(
    (other) =>
      ['enum', 'const'].includes(other.keyword) &&
      other.parentSchema === schema &&
      other.instancePath === error.instancePath,
  )
}
