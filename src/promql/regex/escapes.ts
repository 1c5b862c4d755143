import { NotRe2 } from './not-re2.ts'

const ESCAPE = /^\\(?:[afnrtv]|0[0-7]{0,2}|[1-7][0-7]{1,2}|x[0-9a-fA-F]{2}|x\{([0-9a-fA-F]+)\}|[^\w\P{ASCII}]|_)/u

/** Length of an escape that stands for one character. */
export function escapeAt(text: string, at: number): number {
  const here = text.slice(at, at + 40)
  const found = ESCAPE.exec(here)
  if (here === '\\') throw new NotRe2('it ends with a backslash')
  if (!found || Number.parseInt(found[1] ?? '0', 16) > 0x10ffff) {
    throw new NotRe2(
      `the escape '${here.slice(0, 2)}' is not known${/^\\[1-9]/.test(here) ? ': RE2 has no backreferences' : ''}`,
    )
  }
  return found[0].length
}

const CLASS = /^\\[pP](?:\{\^?([^}]*)\}|([\s\S]))/u

/** Length of `\pL`, `\p{Greek}`; undefined: it is no such thing. */
export function unicodeClassAt(text: string, at: number): number | undefined {
  if (!/^\\[pP]/.test(text.slice(at, at + 2)) || text.length === at + 2) return undefined
  const found = CLASS.exec(text.slice(at, at + 60))
  const name = found?.[1] ?? found?.[2] ?? ''
  if (!found || !isUnicodeClass(name)) throw new NotRe2(`'${text.slice(at, at + 20)}' names no class of Unicode`)
  return found[0].length
}

/** Scripts of few letters: others so short are abbreviations, which Go does not have. */
const SHORT_SCRIPTS: ReadonlySet<string> = new Set([
  ...['Ahom', 'Cham', 'Han', 'Lao', 'Lisu', 'Modi', 'Mro', 'Nko', 'Thai', 'Vai', 'Yi'],
])

/** Newer than Unicode 13, which Go 1.19 knows. */
const NEWER_SCRIPTS: ReadonlySet<string> = new Set([
  ...[
    'Cypro_Minoan',
    'Garay',
    'Gurung_Khema',
    'Kirat_Rai',
    'Nag_Mundari',
    'Ol_Onal',
    'Old_Uyghur',
    'Sunuwar',
    'Tangsa',
  ],
  ...['Todhri', 'Tulu_Tigalari', 'Vithkuqi'],
])

/** Categories in short (`L`, `Lu`) and scripts in full (`Greek`): the names that Go has. */
function isUnicodeClass(name: string): boolean {
  if (name === 'Any') return true
  if (/^[CLMNPSZ][a-z]?$/.test(name)) return name !== 'Cn' && isProperty(`General_Category=${name}`)
  if (!/^[A-Z][A-Za-z_]+$/.test(name) || NEWER_SCRIPTS.has(name)) return false
  return (name.length > 4 || SHORT_SCRIPTS.has(name)) && isProperty(`Script=${name}`)
}

function isProperty(property: string): boolean {
  try {
    return new RegExp(`\\p{${property}}`, 'u') !== undefined
  } catch {
    return false
  }
}
