import type { PullComment, PullRequest } from '../model/github.ts'

/** What is in an answer; `NotThere` where it should be and is not: something else answered in GitHub's place. */
export class NotThere extends Error {
  override readonly name = 'NotThere'
}

type Json = Readonly<Record<string, unknown>>

export function objectIn(value: unknown, what = 'an object'): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json
  throw new NotThere(`${what} is missing`)
}

export function listIn(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new NotThere('it is no list')
}

export function textIn(value: unknown, key: string): string {
  const text = objectIn(value)[key]
  if (typeof text === 'string') return text
  throw new NotThere(`'${key}' is missing`)
}

export function numberIn(value: unknown, key: string): number {
  const number = objectIn(value)[key]
  if (typeof number === 'number' && Number.isSafeInteger(number)) return number
  throw new NotThere(`'${key}' is missing`)
}

/** An account may be gone, and its things stay. */
export const GHOST = 'ghost'

const authorOf = (value: unknown): { readonly login: string; readonly type: string } => {
  const { user } = objectIn(value)
  return user === null || user === undefined
    ? { login: GHOST, type: 'User' }
    : { login: textIn(user, 'login'), type: textIn(user, 'type') }
}

const endIn = (value: unknown, end: 'head' | 'base') => {
  const { [end]: given } = objectIn(value)
  return { sha: textIn(given, 'sha'), ref: textIn(given, 'ref') }
}

/** `null` where the repository of the head is gone. */
const repositoryIn = (value: unknown, end: 'head' | 'base'): unknown => {
  const { repo } = objectIn(objectIn(value)[end])
  return repo === null || repo === undefined ? null : objectIn(repo).id
}

export function readPull(value: unknown): PullRequest {
  const { state, draft, merged_at: mergedAt, merge_commit_sha: merge } = objectIn(value)
  return {
    number: numberIn(value, 'number'),
    state: state === 'open' ? 'open' : 'closed',
    draft: draft === true,
    title: textIn(value, 'title'),
    author: authorOf(value).login,
    head: endIn(value, 'head'),
    base: endIn(value, 'base'),
    fork: repositoryIn(value, 'head') !== repositoryIn(value, 'base'),
    // While it is open that is a merge which GitHub tried, and no commit of the base.
    ...(typeof mergedAt === 'string' && typeof merge === 'string' ? { mergedAs: merge } : {}),
  }
}

/** Undefined: of an issue. */
export function readComment(value: unknown): PullComment | undefined {
  const pull = /\/pull\/(\d+)#/.exec(textIn(value, 'html_url'))?.[1]
  if (pull === undefined) return undefined
  const { login, type } = authorOf(value)
  const { body } = objectIn(value)
  return {
    id: numberIn(value, 'id'),
    pull: Number(pull),
    author: login,
    authorType: type,
    body: typeof body === 'string' ? body : '',
    createdAt: textIn(value, 'created_at'),
    updatedAt: textIn(value, 'updated_at'),
  }
}

/** Old and new name of what was renamed: both are changed. */
export function readFile(value: unknown): readonly string[] {
  const { previous_filename: before } = objectIn(value)
  return [textIn(value, 'filename'), ...(typeof before === 'string' ? [before] : [])]
}

const LEVELS = ['admin', 'write', 'read', 'none'] as const

/** What is not known is none. */
export function readPermission(value: unknown): (typeof LEVELS)[number] {
  const { permission } = objectIn(value)
  return LEVELS.find((level) => level === permission) ?? 'none'
}
