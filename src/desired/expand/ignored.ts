import type { Address } from '../../model/kind.ts'
import type { Document } from '../document.ts'
import type { Findings } from './findings.ts'
import { keeperOf } from './handling.ts'
import type { Rendered } from './render.ts'

/** What is accepted and does nothing says so where it is written: nothing is ignored in silence. */
export function warnOfIgnored(
  documents: readonly Document[],
  rendered: ReadonlyMap<Address, Rendered>,
  findings: Findings,
): void {
  for (const document of documents) {
    if (document.kind === 'Check') warnOfCheck(document, findings)
    if (document.kind === 'Swarm') warnOfSwarm(document, findings)
    if (document.value.external === true) warnOfExternal(document, findings)
  }
  for (const { entry, normalized } of rendered.values()) {
    const { document, kind, member } = entry
    if (keeperOf(document.value).suspend !== true || member?.of || kind.suspend(normalized.spec) !== undefined) continue
    findings.warn(document, '/keeper/suspend', `a ${kind.name} cannot rest: this has no effect`)
  }
}

function warnEach(
  document: Document,
  keys: readonly string[],
  { findings, why }: { readonly findings: Findings; readonly why: string },
): void {
  for (const key of keys) if (key in document.value) findings.warn(document, `/${key}`, why)
}

function warnOfCheck(document: Document, findings: Findings): void {
  warnEach(document, ['keeper'], { findings, why: 'a check is nothing on a target: this has no effect' })
  if ('command' in document.value) return
  const why = 'only a command runs on a target: this check is made from where swarmkeeper runs, and this has no effect'
  warnEach(document, ['target'], { findings, why })
}

function warnOfExternal(document: Document, findings: Findings): void {
  const why = 'what is external is not ours, and never changed: this has no effect'
  warnEach(document, ['keeper', 'labels', 'template', 'keep'], { findings, why })
}

function warnOfSwarm(document: Document, findings: Findings): void {
  const endpoints = JSON.stringify(document.value.endpoints)
  if (!endpoints.includes('"ssh://')) {
    warnEach(document, ['hostKey'], { findings, why: 'no endpoint is reached by ssh: this has no effect' })
  }
  if (/"(ssh|tcp):\/\//.test(endpoints)) return
  warnEach(document, ['credential'], { findings, why: 'a unix socket asks for no credential: this has no effect' })
}
