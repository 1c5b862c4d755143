import type { Address } from '../../model/kind.ts'
import type { Document } from '../document.ts'
import { whereIs } from './findings.ts'
import { chooseTarget, type Targets } from './targets.ts'

/**
 * Documents that are declared and cannot be used: with errors of their own, which were reported, or on a target that is
 * not there. Their names are taken, and who refers to them is not told that nobody declares them.
 */
export interface Unusable {
  /** By name; those whose target is not known may be on this one. */
  find(wanted: { readonly target?: string; readonly kind: string; readonly name: string }): Document | undefined
  at(address: Address): Document | undefined
  add(document: Document): void
  /** For a message that something is not declared: what could not be read may declare it. */
  readonly note: string
}

export function createUnusable(input: {
  readonly documents: readonly Document[]
  readonly unread: ReadonlySet<string>
  readonly targets: Targets
}): Unusable {
  const byAddress = new Map<string, Document>()
  const anywhere = new Map<string, Document>()
  const byName = new Map<string, Document>()
  const ofAnyKind = new Map<string, Document>()
  const stacks: Document[] = []
  const add = (document: Document): void => {
    const { kind, name, app, value } = document
    if (name === undefined || app === undefined) return
    if (kind === '') {
      setOnce(ofAnyKind, name, document)
      return
    }
    const chosen = chooseTarget(value.target, input.targets)
    const short = `${kind}/${name}`
    if ('target' in chosen) setOnce(byAddress, `${chosen.target}/${short}`, document)
    else setOnce(anywhere, short, document)
    setOnce(byName, short, document)
    if (kind === 'Stack') stacks.push(document)
  }
  for (const document of input.documents) add(document)
  const [file, ...files] = [...input.unread].sort()
  const others = files.length > 0 ? ` and ${files.length} more` : ''
  return {
    add,
    at: (address) => byAddress.get(address),
    find: ({ target, kind, name }) => {
      const short = `${kind}/${name}`
      const own =
        target === undefined ? byName.get(short) : (byAddress.get(`${target}/${short}`) ?? anywhere.get(short))
      // What a stack would have brought is not known: all of it begins with its name.
      return own ?? ofAnyKind.get(name) ?? stacks.find((stack) => name.startsWith(`${stack.name}_`))
    },
    note: file === undefined ? '' : `; ${file}${others} could not be read, and may declare it`,
  }
}

function setOnce<V>(map: Map<string, V>, key: string, value: V): void {
  if (!map.has(key)) map.set(key, value)
}

/** For the app that needs it; the one in which it stands was told what is wrong with it. */
export const declaredWithErrors = (written: string, document: Document): string =>
  `'${written}' is declared with errors, see ${whereIs(document.position(''))}`
