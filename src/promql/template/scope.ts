/** Variables of a template, or of a definition inside it, which sees none of those around it. */
export class Scope {
  #names: string[]
  /** `{{range}}`s around this. */
  ranges = 0

  constructor(names: readonly string[]) {
    this.#names = [...names]
  }

  get names(): readonly string[] {
    return this.#names
  }

  has(name: string): boolean {
    return this.#names.includes(name)
  }

  add(name: string): void {
    this.#names.push(name)
  }

  /** Forgets what was declared since, once `{{end}}` comes. */
  mark(): () => void {
    const { length } = this.#names
    return () => {
      this.#names = this.#names.slice(0, length)
    }
  }
}
