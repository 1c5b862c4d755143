import { classAt } from './classes.ts'
import { escapeAt, unicodeClassAt } from './escapes.ts'
import { flagsAt } from './flags.ts'
import { NotRe2 } from './not-re2.ts'

export type Regex = { readonly refused: string } | { readonly matchesEmpty: boolean }

/**
 * What Go's regexp package says of a label matcher's expression, which Prometheus anchors at both ends. It reads it twice,
 * alone and anchored: `a)(b` would be fine between the anchors.
 */
export function readRegex(text: string): Regex {
  if (/\p{Surrogate}/u.test(text)) return { refused: 'it is not UTF-8' }
  try {
    parse(text)
    return { matchesEmpty: parse(`^(?:${text})$`).empty }
  } catch (error) {
    if (error instanceof NotRe2) return { refused: error.message }
    throw error
  }
}

/** Of a part of an expression. */
interface Part {
  /** Matches the empty text. */
  readonly empty: boolean
  /** How often its inside is repeated at most by counts: `(a{10}){20}` 200 times. */
  readonly repeated: number
}

interface Group {
  /** Alternatives that are complete. */
  alternatives: Part[]
  /** Of the one that is not, the parts before the last. */
  before: Part
  last: Part | undefined
}

const NOTHING: Part = { empty: true, repeated: 0 }
const CHARACTER: Part = { empty: false, repeated: 0 }

const newGroup = (): Group => ({ alternatives: [], before: NOTHING, last: undefined })

const both = (a: Part, b: Part): Part => ({ empty: a.empty && b.empty, repeated: Math.max(a.repeated, b.repeated) })
const either = (a: Part, b: Part): Part => ({ ...both(a, b), empty: a.empty || b.empty })

function push(group: Group, part: Part): void {
  group.before = both(group.before, group.last ?? NOTHING)
  group.last = part
}

function nextAlternative(group: Group): void {
  group.alternatives.push(both(group.before, group.last ?? NOTHING))
  group.before = NOTHING
  group.last = undefined
}

function close(group: Group): Part {
  nextAlternative(group)
  return group.alternatives.reduce(either)
}

const DEEPEST = 1000

class Reader {
  readonly #text: string
  readonly #groups: Group[] = [newGroup()]
  #at = 0
  /** The last thing was a repetition, which may not be repeated itself. */
  #repeated = false

  constructor(text: string) {
    this.#text = text
  }

  get #group(): Group {
    return this.#groups.at(-1) ?? newGroup()
  }

  read(): Part {
    while (this.#at < this.#text.length) {
      const repeated = this.#step(this.#text[this.#at] ?? '')
      this.#repeated = repeated
    }
    if (this.#groups.length > 1) throw new NotRe2("a ')' is missing")
    return close(this.#group)
  }

  /** True after a repetition. */
  #step(character: string): boolean {
    if ('*+?'.includes(character)) return this.#repeat(character === '+' ? 1 : 0, undefined, 1)
    if (character === '{') return this.#counted()
    if (character === '(') this.#open()
    else if (character === ')') this.#close()
    else if (character === '|') this.#bar()
    else if (character === '[') this.#push(CHARACTER, classAt(this.#text, this.#at))
    else if (character === '\\') this.#backslash()
    else
      this.#push(
        '^$'.includes(character) ? NOTHING : CHARACTER,
        String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0).length,
      )
    return false
  }

  #push(part: Part, length: number): void {
    push(this.#group, part)
    this.#at += length
  }

  #bar(): void {
    nextAlternative(this.#group)
    this.#at++
  }

  #open(): void {
    const flags = flagsAt(this.#text, this.#at)
    this.#at += flags?.length ?? 1
    if (flags && !flags.opens) return
    this.#groups.push(newGroup())
    if (this.#groups.length > DEEPEST) throw new NotRe2('it is nested too deeply')
  }

  #close(): void {
    const group = this.#groups.pop()
    if (!group || this.#groups.length === 0) throw new NotRe2("a ')' closes nothing")
    this.#push(close(group), 1)
  }

  #counted(): boolean {
    const [written, least = '', comma, most = ''] = COUNT.exec(this.#text.slice(this.#at, this.#at + 40)) ?? []
    if (written === undefined) {
      this.#push(CHARACTER, 1)
      return false
    }
    const min = Number(least)
    const max = comma === undefined ? min : most === '' ? undefined : Number(most)
    if (min > 1000 || (max ?? 0) > 1000 || (max !== undefined && min > max)) {
      throw new NotRe2(`the count '${written}' is none: at most 1000, the smaller one first`)
    }
    return this.#repeat(min, max ?? (min === 0 ? 1 : min), written.length, max === 0)
  }

  /** @param times how often the inside may come; undefined where nothing is counted */
  #repeat(least: number, times: number | undefined, length: number, never = false): boolean {
    const written = this.#text.slice(this.#at, this.#at + length)
    const lazy = this.#text[this.#at + length] === '?' ? 1 : 0
    if (this.#repeated) throw new NotRe2(`'${written}' repeats a repetition`)
    const group = this.#group
    const { last } = group
    if (!last) throw new NotRe2(`'${written}' has nothing before it that it could repeat`)
    const repeated = never ? 0 : times === undefined ? last.repeated : times * Math.max(last.repeated, 1)
    if (repeated > 1000) throw new NotRe2(`'${written}' makes more than 1000 repetitions`)
    group.last = { empty: last.empty || least === 0, repeated }
    this.#at += length + lazy
    return true
  }

  #backslash(): void {
    const letter = this.#text[this.#at + 1] ?? ''
    if (letter === 'Q') this.#quoted()
    else if ('AzB'.includes(letter) && letter !== '') this.#push(NOTHING, 2)
    else if ('bdDsSwW'.includes(letter) && letter !== '') this.#push(CHARACTER, 2)
    else this.#push(CHARACTER, unicodeClassAt(this.#text, this.#at) ?? escapeAt(this.#text, this.#at))
  }

  #quoted(): void {
    const end = this.#text.indexOf('\\E', this.#at + 2)
    const literal = this.#text.slice(this.#at + 2, end === -1 ? undefined : end)
    for (const _ of literal) this.#push(CHARACTER, 0)
    this.#at = end === -1 ? this.#text.length : end + 2
  }
}

/** Numbers have no leading zeros; anything else in braces is itself. */
const COUNT = /^\{(0|[1-9]\d*)(?:(,)(0|[1-9]\d*)?)?\}/

const parse = (text: string): Part => new Reader(text).read()
