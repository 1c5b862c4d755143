/** What a file of the repository may cost. One that costs more is refused, with the number in the message (SEC-21). */
export const LIMITS = {
  /** Bytes of a YAML file that we read. */
  fileBytes: 1024 * 1024,
  /** Collections inside each other. */
  depth: 64,
  /** Lexical tokens of a YAML file: bounds the memory of its syntax tree. */
  tokens: 250_000,
  /** Documents of a file. */
  documents: 1000,
  /** Values of a document once every alias stands for what it names. */
  values: 50_000,
  /** Values of all documents of a repository together. */
  repositoryValues: 5_000_000,
  /** Characters that variables may add to a document. */
  substituted: 1024 * 1024,
  /** Documents that extend each other. */
  extends: 16,
  /** Problems reported of a file. */
  problems: 100,
} as const
