import { posix } from 'node:path'
import type { Document } from '../../desired/document.ts'
import type { CompositeContext, Member } from '../../desired/expand/composite.ts'
import { pointerTo } from '../../desired/tree.ts'
import type { Position } from '../../model/problem.ts'
import type { Stack as WrittenStack } from '../../model/written/stack.ts'
import { type StackObject, stackObjects } from '../convert/objects.ts'
import type { Stack } from '../convert/stack.ts'
import type { LoadedCompose } from '../load/load-compose.ts'
import type { ComposeModel } from '../model.ts'
import { type ComposeSource, itemAt, originOf } from '../source.ts'
import { generationStem } from './generation-stem.ts'
import { keeperOfMembers } from './keeper.ts'
import { liveAs, movesOf, partsByLiveStack } from './moved.ts'
import { inRepository, relativeTo } from './repository.ts'
import { stackService } from './stack-service.ts'
import { composePointer, whereIn } from './where.ts'

/** A stack whose files were read, on its way to become resources. */
export interface ReadStack {
  readonly document: Document
  readonly written: WrittenStack
  readonly context: CompositeContext
  readonly model: ComposeModel
  readonly sources: readonly ComposeSource[]
  readonly places: LoadedCompose['places']
}

/** Everything that a stack declares, each as a document of its own whose positions are those of the compose files. */
export function membersOf(stack: ReadStack): readonly Member[] {
  for (const { pointer, message } of movesOf(stack)) {
    stack.context.report({ severity: 'error', position: stack.document.position(pointer), pointer, message })
  }
  const services = Object.keys(stack.model.services).map((key) => serviceMember(stack, key))
  const objects = [...partsByLiveStack(stack)].flatMap(([name, model]) =>
    stackObjects(declaring(stack, name, model))
      .filter((object) => isComplete(stack, object))
      .map((object) => objectMember(stack, object, name)),
  )
  return [...services, ...objects]
}

/** What is declared by this file under a name is one thing, also where nothing is resolved yet. */
function declaring(stack: ReadStack, name: string, model: ComposeModel): Stack {
  const report = (pointer: string, message: string): void =>
    stack.context.report({ severity: 'error', position: originOf(stack.sources, pointer), pointer, message })
  return { name, model, refer: (_, file) => file, refuse: report, doubt: report }
}

/** Docker would read the folder where no file is named, which fails there as well. */
function isComplete(stack: ReadStack, { pointer, document: written }: StackObject): boolean {
  if (!('file' in written) || inRepository(written.file ?? '') !== posix.dirname(firstPath(stack))) return true
  const message = `what is its content? 'file', or 'external: true' for one that exists`
  stack.context.report({ severity: 'error', position: originOf(stack.sources, pointer), pointer, message })
  return false
}

const firstPath = ({ sources }: ReadStack): string => sources[0]?.path ?? ''

const SECTIONS = { Network: 'networks', Secret: 'secrets', Config: 'configs' } as const

function objectMember(stack: ReadStack, { key, document: written }: StackObject, liveStack: string): Member {
  const section = SECTIONS[written.kind]
  const at = { section, key }
  const external = 'external' in written && written.external === true
  const file = 'file' in written ? { file: fileFrom(stack, at, written.file ?? '') } : {}
  const stem = written.kind === 'Network' || external ? {} : { name: generationStem(written.name) }
  const own = external ? {} : keeperOfMembers(stack.written, 'inert')
  const document = documentOf(stack, at, { ...written, ...file, ...own })
  return {
    // Others know it by its whole name.
    document: { ...document, value: { ...document.value, ...stem } },
    // The network of another stack is that stack's, for as long as it is declared.
    ...(external || (written.kind === 'Network' && liveStack !== stack.written.name) ? { weak: true } : {}),
    ...memberOf(stack, at),
  }
}

function serviceMember(stack: ReadStack, key: string): Member {
  const at = { section: 'services', key }
  const value = {
    kind: 'Service',
    name: liveAs(stack, key).name,
    ...keeperOfMembers(stack.written, 'runs'),
  }
  const document = documentOf(stack, at, value)
  return { document, kind: stackService(stack, key, document), ...memberOf(stack, at) }
}

interface Place {
  readonly section: string
  readonly key: string
}

const memberOf = (stack: ReadStack, at: Place): Pick<Member, 'of' | 'where'> => ({
  of: `Stack/${stack.written.name}`,
  where: (field) => whereIn(stack.sources, at, field),
})

type Value = Readonly<Record<string, unknown>> & { readonly kind: string; readonly name: string }

function documentOf(stack: ReadStack, at: Place, value: Value): Document {
  const { target } = stack.written
  return {
    kind: value.kind,
    name: value.name,
    value: { ...value, ...(target === undefined ? {} : { target }) },
    app: stack.document.app,
    path: stack.document.path,
    position: (pointer) => positionOf(stack, at, pointer),
  }
}

/** Of the stack's document, what a compose file does not say. */
const OF_STACK = /^\/(kind|name|target|keeper)(\/|$)/

function positionOf(stack: ReadStack, at: Place, pointer: string): Position {
  if (OF_STACK.test(pointer)) return stack.document.position(pointer)
  const base = pointerTo(`/${at.section}`, at.key)
  if (pointer === base || pointer.startsWith(`${base}/`))
    return itemOf(stack, at, pointer.slice(base.length)) ?? originOf(stack.sources, pointer)
  const origin = originOf(stack.sources, pointer === '' ? base : composePointer(at.section, base, pointer.slice(1)))
  // Nobody has written the stack's own network: it stands where the stack does.
  const written = stack.sources.some(({ root }) => root.type === 'map' && root.entries.has(at.section))
  return written || at.section === 'services' ? origin : stack.document.position('')
}

/** An item of a list that files may have put together, and in another order. */
function itemOf({ model, places, sources }: ReadStack, { key }: Place, below: string): Position | undefined {
  const [, appended, at] = /^(\/deploy\/placement\/constraints)\/(\d+)$/.exec(below) ?? []
  if (appended !== undefined) return itemAt(sources, `${pointerTo('/services', key)}${appended}`, Number(at))
  const [, list, index] = /^\/(volumes|secrets|configs|ports)\/(\d+)$/.exec(below) ?? []
  if (list === undefined) return undefined
  const item = model.services[key]?.[list as 'volumes' | 'secrets' | 'configs' | 'ports']?.[Number(index)]
  return item && places.get(item)
}

/** Paths of documents are relative to the file that they stand in; those of compose files to the first of them. */
function fileFrom(stack: ReadStack, at: Place, absolute: string): string {
  return relativeTo(positionOf(stack, at, '/file').path, absolute)
}
