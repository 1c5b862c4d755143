/** What became of asking once. */
export interface Attempt {
  readonly ok: boolean
  readonly message: string
  /** Asking again cannot help: it is not allowed, or not possible. */
  readonly final: boolean
}

export const passed = (message: string): Attempt => ({ ok: true, message, final: false })

export const failed = (message: string, { final = false } = {}): Attempt => ({ ok: false, message, final })

const SHOWN = 200

/** The beginning of a foreign text, on one line, without what could steer a terminal or turn the text around. */
export function excerpt(text: string): string {
  const plain = text
    .slice(0, SHOWN * 4)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal escapes are what is taken out
    .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .replace(/[\p{Cf}\p{Co}\p{Cs}]/gu, '')
    .trim()
  return plain.length > SHOWN ? `${plain.slice(0, SHOWN)}…` : plain
}

/** A value of a JSON answer, or one that was expected there. */
export const show = (value: unknown): string => excerpt(JSON.stringify(value) ?? String(value))
