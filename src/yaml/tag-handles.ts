import type { Directive, Tag, Token } from './token.ts'
import { YamlError } from './yaml-error.ts'

const CORE = 'tag:yaml.org,2002:'

/** What `!`, `!!` and the handles of %TAG stand for. */
export class TagHandles {
  readonly #prefixes = new Map([
    ['!', '!'],
    ['!!', CORE],
  ])
  readonly #given = new Set<string>()

  /** @throws YamlError for what was said already, and for a version that is not read */
  direct({ directive, at }: Token & { readonly type: 'directive' }): void {
    const name = nameOf(directive)
    if (this.#given.has(name)) throw new YamlError(at, `${name} stands here a second time`)
    this.#given.add(name)
    if ('handle' in directive) this.#prefixes.set(directive.handle, directive.prefix)
  }

  /** `!!` for YAML's own; empty for `!`, which says nothing. @throws YamlError */
  expand({ handle, suffix }: Tag, at: number): string {
    const prefix = handle === '' ? '' : this.#prefixes.get(handle)
    if (prefix === undefined) {
      throw new YamlError(at, `the tag handle '${handle}' is not known; a text that begins with '!' needs quotes`)
    }
    const whole = prefix + suffix
    if (whole === '!') return ''
    return whole.startsWith(CORE) ? `!!${whole.slice(CORE.length)}` : whole
  }
}

const nameOf = (directive: Directive): string => ('version' in directive ? '%YAML' : directive.handle)
