import type { ComposeModel, Texts } from '../model.ts'

export type ObjectKind = 'Network' | 'Secret' | 'Config'

/** A stack that is turned into resources. */
export interface Stack {
  /** What `docker stack deploy` calls its namespace: every name begins with it. */
  readonly name: string
  readonly model: ComposeModel
  /** Live name of a document, and of what is not declared the name itself. */
  refer(kind: ObjectKind, name: string): string
  /** What the docker CLI refuses when it deploys. */
  refuse(pointer: string, message: string): void
  /** What it sends, and the Swarm refuses. */
  doubt(pointer: string, message: string): void
}

/** By these labels the `docker stack` commands find what belongs to a stack. */
export const NAMESPACE_LABEL = 'com.docker.stack.namespace'
export const IMAGE_LABEL = 'com.docker.stack.image'

export const scoped = (stack: Pick<Stack, 'name'>, name: string): string => `${stack.name}_${name}`

export const withNamespace = (stack: Stack, labels: Texts | undefined): Texts => ({
  ...labels,
  [NAMESPACE_LABEL]: stack.name,
})
