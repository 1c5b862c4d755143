import type { Kind } from '../../model/kind.ts'
import type { Position, Problem } from '../../model/problem.ts'
import type { Document, RepositoryFiles } from '../document.ts'
import type { Findings } from './findings.ts'
import { type Mount, withMounts } from './mounts.ts'
import type { Targets } from './targets.ts'

/** A kind of document that only expands into others (architecture, section 1). Pure. */
export interface Composite {
  readonly name: string
  /** What is wrong is reported; what could be read is returned all the same. */
  expand(document: Document, context: CompositeContext): readonly Member[]
}

export interface CompositeContext {
  readonly files: RepositoryFiles
  readonly targets: Targets
  /** Of all apps, before anything of them is expanded. */
  readonly documents: readonly Document[]
  report(problem: Omit<Problem, 'app'>): void
}

/** A resource that a document expands into, as a document of its own. */
export interface Member {
  readonly document: Document
  /** With a normaliser of its own, where the kind's reads other words than these. */
  readonly kind?: Kind
  /** Gives way to whoever else declares it: what a stack calls external may be a document of this repository. */
  readonly weak?: true
  /** `Stack/platform`: what it came from. */
  readonly of?: string
  /** Of a Config: it is mounted into a service of the same app, whose own document says nothing of it. */
  readonly mount?: Mount
  /** One of its namesakes, each on a host of its own: who names them without a target means all of them. */
  readonly perHost?: true
  /** Where a field of its spec was written; undefined: a default. */
  where?(field: string): Position | undefined
}

/** Documents that declare a resource themselves, and the members of those that expand. */
export function expandComposites(input: {
  readonly documents: readonly Document[]
  readonly composites: readonly Composite[]
  readonly files: RepositoryFiles
  readonly targets: Targets
  readonly findings: Findings
}): readonly Member[] {
  const byName = new Map(input.composites.map((composite) => [composite.name, composite]))
  return withMounts(
    input.documents.flatMap((document) => expandOne({ document })),
    input.findings,
  )

  /** What a document becomes may expand again: an agent is a unit, and that one resource for each of its hosts. */
  function expandOne(member: Member, from?: string): readonly Member[] {
    const { document } = member
    const composite = byName.get(document.kind)
    const { app } = document
    if (!composite || app === undefined || document.kind === from) return [member]
    const { files, targets, documents, findings } = input
    const report = (problem: Omit<Problem, 'app'>) => findings.report({ ...problem, app })
    const { document: _, ...said } = member
    return composite
      .expand(document, { files, targets, documents, report })
      .flatMap((found) => expandOne({ ...said, ...found }, document.kind))
  }
}
