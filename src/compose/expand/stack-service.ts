import type { Document } from '../../desired/document.ts'
import { parseImage } from '../../kinds/image-reference.ts'
import { warnOfHazards } from '../../kinds/service/hazards.ts'
import { serviceKind } from '../../kinds/service/kind.ts'
import type { ServiceSpec } from '../../kinds/service/spec.ts'
import { type Kind, type NormalizeContext, type Normalized, NormalizeProblem } from '../../model/kind.ts'
import { serviceSpecOf } from '../convert/service.ts'
import type { ObjectKind, Stack } from '../convert/stack.ts'
import type { ComposeService } from '../model.ts'
import type { ReadStack } from './members.ts'
import { liveAs } from './moved.ts'
import { bindsOfNowhere } from './relative-binds.ts'
import { composePointer } from './where.ts'

/** A Service that is written in a compose file. */
export function stackService(read: ReadStack, key: string, document: Document): Kind {
  const normalize = (_: unknown, context: NormalizeContext): Normalized<ServiceSpec> => {
    const problems: Problem[] = []
    const used = new Map<string, Normalized<unknown>['uses'][number]>()
    const live = liveAs(read, key)
    const stack = { ...stackFor(read, { context, problems, used }), name: live.stack }
    const service = read.model.services[key] ?? {}
    const pointer = `/services/${key}`
    const spec = { ...serviceSpecOf(service, { stack, key, pointer }), name: live.name }
    problems.push(...bindsOfNowhere(service, pointer), ...nameTooLong(read, key))
    refuseAll(problems, read, document)
    warnOfImage(service, { pointer, context })
    warnOfHazards(spec, { pointer: '', context: inCompose(pointer, context), buildContext: false })
    return { name: spec.name, spec, uses: [...used.values()] }
  }
  return { ...(serviceKind as Kind), normalize }
}

interface Problem {
  readonly pointer: string
  readonly message: string
}

interface Resolving {
  readonly context: NormalizeContext
  readonly problems: Problem[]
  readonly used: Map<string, Normalized<unknown>['uses'][number]>
}

/** With the live names of what is declared: the present generation of a secret or a config (architecture, rule 22). */
function stackFor({ written, model }: ReadStack, { context, problems, used }: Resolving): Stack {
  const refer = (kind: ObjectKind, name: string): string => {
    const referred = context.refer(kind, name)
    // What is not declared at all is told by who looks it up in the file.
    if (!referred) return name
    used.set(`${kind}/${name}`, { kind, name })
    return referred.liveName
  }
  const note = (pointer: string, message: string): void => {
    problems.push({ pointer, message })
  }
  return { name: written.name, model, refer, refuse: note, doubt: note }
}

/** All of them are told: the first as the mistake of this document, the rest beside it. */
function refuseAll(problems: readonly Problem[], { context }: ReadStack, document: Document): void {
  const [first, ...rest] = problems
  for (const { pointer, message } of rest) {
    context.report({ severity: 'error', position: document.position(pointer), pointer, message })
  }
  if (first) throw new NormalizeProblem(first.pointer, first.message)
}

const LONGEST_NAME = 63

function nameTooLong(read: ReadStack, key: string): readonly Problem[] {
  const { name } = liveAs(read, key)
  if (name.length <= LONGEST_NAME) return []
  const message = `'${name}' has ${name.length} characters; Swarm takes ${LONGEST_NAME} for a service`
  return [{ pointer: `/services/${key}`, message }]
}

/** As for a Service: what a tag means can change, and then there is no way back (swarm.md 1). */
function warnOfImage(
  { image = '' }: ComposeService,
  { pointer, context }: { readonly pointer: string; readonly context: NormalizeContext },
): void {
  const { tag, digest } = parseImage(image)
  if (digest !== undefined || (tag !== undefined && tag !== 'latest')) return
  const got = tag === undefined ? 'an image without a tag is :latest' : ':latest is whatever was pushed last'
  context.warn(`${pointer}/image`, `${got}: going back to it is not possible; pin a version`)
}

/** Warnings about fields of a spec, at the keys of the compose file. */
const inCompose = (pointer: string, context: NormalizeContext): NormalizeContext => ({
  ...context,
  warn: (field, message) => context.warn(composePointer('services', pointer, field.slice(1)), message),
})
