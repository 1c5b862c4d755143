import type { Footing } from '../model/kind.ts'

const PATH = /(?<![\w./%])\/[^\s"';,:=()]+/g
const ACCOUNT = /^[ \t]*(?:User|Group|SupplementaryGroups|user)[ \t]*=[ \t]*(.*)$/gm

/**
 * Paths and accounts that the text of a unit or a program speaks of. A word too many does no harm: only what is declared
 * beside it counts, and only for the order.
 */
export function footingOfText(...texts: readonly string[]): Footing {
  const text = texts.join('\n')
  return {
    paths: [...new Set(text.match(PATH) ?? [])],
    accounts: [...text.matchAll(ACCOUNT)].flatMap(([, names = '']) => names.split(/\s+/)).filter((name) => name !== ''),
  }
}

/** The folders above it. */
export const footingOfPath = ({ path }: { readonly path: string }): Footing => ({
  paths: [path.slice(0, path.lastIndexOf('/')) || '/'],
  accounts: [],
})
