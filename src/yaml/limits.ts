/** What bounds the reading of a YAML text. */
export interface YamlLimits {
  /** Collections inside each other. */
  readonly depth: number
  /** Lexical tokens: bounds the memory of what is read. */
  readonly tokens: number
}
