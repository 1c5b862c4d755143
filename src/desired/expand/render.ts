import { didYouMean } from '../../lib/nearest.ts'
import { messageOf } from '../../model/error.ts'
import { makeId, type ResourceId } from '../../model/id.ts'
import { type Address, type NormalizeContext, type Normalized, NormalizeProblem } from '../../model/kind.ts'
import type { Opaque } from '../../model/resource.ts'
import type { Sensitive } from '../../model/sensitive.ts'
import type { Document, RepositoryFiles } from '../document.ts'
import { addressOf, type Catalogue, type Entry } from './catalogue.ts'
import { type Findings, whereIs } from './findings.ts'
import { readRepositoryFile } from './repository-file.ts'
import { blobReference, settingsReference } from './secret-reference.ts'

/** A document with every default filled. External things have no id: they are not ours. */
export interface Rendered {
  readonly entry: Entry
  readonly id: ResourceId | undefined
  readonly normalized: Normalized<unknown>
}

export interface RenderSources {
  readonly files: RepositoryFiles
  /** HMAC under the operator's key: hex, 64 characters. */
  mac(parts: readonly (string | Uint8Array)[]): string
  /** A value of the operator's settings, for its MAC only; undefined where there is none. */
  settingsSecret(name: string): Sensitive | undefined
  /** In place of the MAC over target, kind, name and content, where content is not to be looked at. */
  secretMac?(of: SecretOf): string
}

/** A secret of a document, by the document and where the content comes from. */
export interface SecretOf {
  readonly parts: readonly [target: string, kind: string, name: string]
  /** As `Opaque.secret`. */
  readonly secret: string
  readonly content: string | Uint8Array
}

export interface RenderedAll {
  readonly rendered: ReadonlyMap<Address, Rendered>
  /** With mistakes in them: for the names and ports that they would take, and for nothing else. */
  readonly unsound: ReadonlyMap<Address, Rendered>
}

/** Normalises every document, each once, in the order in which they refer to each other. */
export function renderAll(catalogue: Catalogue, sources: RenderSources, findings: Findings): RenderedAll {
  const unsound = new Map<Address, Rendered>()
  const outcomes = new Map<Address, Rendered | undefined>()
  const path: Entry[] = []
  for (const entry of catalogue.entries.values()) render(entry)
  const sound = [...outcomes].flatMap(([address, rendered]) => (rendered ? [[address, rendered] as const] : []))
  return { rendered: new Map(sound), unsound }

  /** Undefined where the document has errors; they were reported. */
  function render(entry: Entry): Rendered | undefined {
    if (outcomes.has(entry.address)) return outcomes.get(entry.address)
    path.push(entry)
    const notes: Notes = { missing: [], broken: new Set(), mistakes: 0 }
    try {
      const normalized = entry.kind.normalize(entry.document.value, contextFor(entry, notes))
      const sound = notes.mistakes === 0 && notes.broken.size === 0
      const rendered = { entry, id: idOf(entry, normalized), normalized }
      outcomes.set(entry.address, sound ? rendered : undefined)
      if (!sound) unsound.set(entry.address, rendered)
    } catch (error) {
      outcomes.set(entry.address, undefined)
      // What was put in the place of a mistake may be the reason for anything else.
      if (error instanceof NormalizeProblem || notes.mistakes === 0) report(entry, error, notes.missing.at(-1))
    } finally {
      path.pop()
    }
    for (const used of notes.broken) reportBroken(entry, used)
    return outcomes.get(entry.address)
  }

  /** The app in which it stands was told what is wrong with it. */
  function reportBroken(entry: Entry, used: Document): void {
    if (used.app === entry.app) return
    const address = addressOf(entry.target, used.kind, used.name ?? '')
    const where = whereIs(used.position(''))
    findings.error(entry.document, '', `it uses ${address}, which has errors (${where})`)
  }

  function contextFor(entry: Entry, notes: Notes): NormalizeContext {
    const { document, target, app, address, name, kind } = entry
    const from = { document, files: sources.files }
    return {
      app,
      target,
      address,
      file: (written, pointer) => readRepositoryFile(written, pointer, from).content,
      opaque: (source, pointer) => {
        const { secret, content } = secretContent(source, pointer)
        const parts = [target, kind.name, name] as const
        const mac = sources.secretMac?.({ parts, secret, content }) ?? sources.mac([...parts, content])
        return { secret, mac } satisfies Opaque
      },
      mac: sources.mac,
      refer: (otherKind, otherName) => {
        const found = refer(target, { kind: otherKind, name: otherName }, notes)
        if (!found) notes.missing.push(`${otherKind}/${otherName}`)
        return found
      },
      warn: (pointer, message) => findings.warn(document, pointer, message),
      mistake: (problem) => {
        notes.mistakes++
        report(entry, problem, notes.missing.at(-1))
      },
    }

    function secretContent(source: { readonly file?: string; readonly settings?: string }, pointer: string) {
      if (source.file !== undefined) {
        const { oid, content } = readRepositoryFile(source.file, pointer, from)
        return { secret: blobReference(oid), content }
      }
      const setting = source.settings ?? ''
      const value = sources.settingsSecret(setting)
      if (value) return { secret: settingsReference(setting), content: value.reveal() }
      throw new NormalizeProblem(pointer, `the operator's settings have no secret '${setting}'`)
    }
  }

  /** What is declared with errors is noted, and stands for itself: the rest of the document is looked at, too. */
  function refer(target: string, wanted: { readonly kind: string; readonly name: string }, notes: Notes) {
    const address = addressOf(target, wanted.kind, wanted.name)
    const entry = catalogue.entries.get(address)
    if (entry && path.includes(entry)) throw new NormalizeProblem('', `it refers to itself by way of ${address}`)
    const rendered = entry && render(entry)
    const broken = rendered ? undefined : (entry?.document ?? catalogue.unusable.find({ target, ...wanted }))
    if (broken) notes.broken.add(broken)
    if (broken) return { liveName: wanted.name, external: false }
    return rendered && { liveName: rendered.normalized.name ?? wanted.name, external: rendered.id === undefined }
  }

  function report(entry: Entry, error: unknown, missing: string | undefined): void {
    const pointer = error instanceof NormalizeProblem ? error.pointer : ''
    const named = missing !== undefined && messageOf(error).includes(`'${missing.split('/')[1]}'`)
    const meant = named ? catalogue.unusable.note || didYouMean(missing, catalogue.byShortName.keys()) : ''
    findings.error(entry.document, pointer, `${explain(error)}${meant}`)
  }
}

/** One bad thing stops only itself (architecture, rule 19), a fault of ours included. */
function explain(error: unknown): string {
  if (error instanceof NormalizeProblem) return error.message
  return `swarmkeeper failed on this document, please report it: ${messageOf(error)}`
}

/** What came up while a document was read. */
interface Notes {
  /** Looked up, and not declared: `Kind/name`, for the message. */
  readonly missing: string[]
  /** Looked up, and declared with errors. */
  readonly broken: Set<Document>
  mistakes: number
}

function idOf(entry: Entry, normalized: Normalized<unknown>): ResourceId | undefined {
  if (normalized.name === undefined) return undefined
  return makeId({ target: entry.target, kind: entry.kind.name, name: normalized.name })
}
