import { type NormalizeContext, type Normalized, NormalizeProblem } from '../../model/kind.ts'
import type { Service } from '../../model/written/service.ts'
import { note } from '../mistakes.ts'
import { texts } from '../written-values.ts'
import { SWARM_DEFAULTS } from './defaults.ts'
import { fromOctal, octal } from './go-values.ts'
import { sortFileRefs, sortNetworks, sortTexts } from './sort.ts'
import type { FileRef, NetworkAttachment } from './spec.ts'

/** Looks documents up by name and notes what was used. */
export class References {
  readonly #context: NormalizeContext
  readonly #uses = new Map<string, Normalized<unknown>['uses'][number]>()

  constructor(context: NormalizeContext) {
    this.#context = context
  }

  /** Live name of a document. Undeclared ones are mistakes: what the repository does not name it may not use (swarm.md 19). */
  liveName(kind: string, name: string, pointer: string): string {
    const referred = this.#context.refer(kind, name)
    if (!referred) {
      const message = `no ${kind} '${name}' is declared; one that exists and is not ours needs a document with \`external: true\``
      note(this.#context, new NormalizeProblem(pointer, message))
      return name
    }
    this.#uses.set(`${kind}/${name}`, { kind, name })
    return referred.liveName
  }

  mistake(pointer: string, message: string): void {
    note(this.#context, new NormalizeProblem(pointer, message))
  }

  declares(kind: string, name: string): boolean {
    return this.#context.refer(kind, name) !== undefined
  }

  get uses(): Normalized<unknown>['uses'] {
    return [...this.#uses.values()]
  }
}

type WrittenFileRef = NonNullable<Service['secrets']>[number]

export function readFileRefs(
  kind: 'Secret' | 'Config',
  written: readonly WrittenFileRef[] | undefined,
  at: { readonly pointer: string; readonly references: References },
): readonly FileRef[] {
  const targets = new Set<string>()
  const refs = (written ?? []).map((item, index): FileRef => {
    const pointer = `${at.pointer}/${index}`
    const ref = typeof item === 'string' ? { source: item } : item
    const target = ref.target ?? ref.source
    if (targets.has(target)) at.references.mistake(pointer, `two files at ${target}`)
    targets.add(target)
    return {
      name: at.references.liveName(kind, ref.source, pointer),
      target,
      uid: ref.uid ?? SWARM_DEFAULTS.uid,
      gid: ref.gid ?? SWARM_DEFAULTS.gid,
      mode: ref.mode === undefined ? SWARM_DEFAULTS.fileMode : octal(fromOctal(ref.mode)),
    }
  })
  return sortFileRefs(refs)
}

/** Networks of the engine itself, which nobody declares. */
const PREDEFINED: readonly string[] = ['host', 'bridge']

export function readNetworks(
  written: Service['networks'],
  at: { readonly pointer: string; readonly references: References },
): readonly NetworkAttachment[] {
  const names = new Set<string>()
  const networks = (written ?? []).map((item, index): NetworkAttachment => {
    const network = typeof item === 'string' ? { name: item } : item
    const pointer = `${at.pointer}/${index}`
    const own = PREDEFINED.includes(network.name) && !at.references.declares('Network', network.name)
    const name = own ? network.name : at.references.liveName('Network', network.name, pointer)
    if (names.has(name)) at.references.mistake(pointer, `network '${network.name}' twice`)
    names.add(name)
    return { name, aliases: sortTexts(network.aliases ?? []), driverOptions: texts(network.driverOptions) }
  })
  return sortNetworks(networks)
}
