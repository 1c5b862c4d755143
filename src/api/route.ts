import type { AskOptions } from '../model/engine.ts'
import type { Loop } from '../model/loop.ts'
import type { Scope } from '../settings/settings.ts'

export type JsonSchema = Readonly<Record<string, unknown>>

/** A route as data: the server mounts it, and the OpenAPI document describes it. */
export interface Route {
  readonly method: 'GET' | 'POST'
  /** Below `/api/v1`, as Fastify writes it: `/apps/:app/plan`. Parameters are one segment each, percent-encoded. */
  readonly path: string
  readonly operation: string
  readonly summary: string
  readonly scope: Scope
  readonly query?: Readonly<Record<string, JsonSchema>>
  readonly body?: { readonly properties: Readonly<Record<string, JsonSchema>>; readonly required?: readonly string[] }
  /** It has a second form, with specs, for the command line (src/report/wire.ts). */
  readonly whole?: true
  /** Name of the answer's schema among the components. */
  readonly answer: string
  /** What an act may need beyond the route's scope, by what was asked for. */
  readonly needs?: (call: Call) => Scope
  /** An act: answered when it is done, or as soon as it is asked for; `false`: it takes no time. */
  readonly waits?: 'asked' | 'unless-told' | false
  /** An act gives what the audit keeps beside its answer. */
  answerTo(call: Call): Promise<unknown>
}

export interface Call {
  readonly loop: Loop
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, unknown>>
  /** Of a read, aborted when the client goes; an act goes on. */
  readonly ask: AskOptions
  /** The second form is asked for. */
  readonly whole: boolean
}

export const param = ({ params }: Call, name: string): string => params[name] ?? ''

/** Optional fields of a body or query that are there, and nothing else: what is validated is not `undefined`. */
export function given<T extends object>(
  from: Readonly<Record<string, unknown>>,
  ...names: (keyof T & string)[]
): Partial<T> {
  return Object.fromEntries(
    names.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]]])),
  ) as Partial<T>
}
