import type { Sensitive } from '../model/sensitive.ts'

/** Shorter ones would blacken words that merely look like them. */
const SHORTEST = 8

/**
 * Takes known secrets out of a line that is about to leave: the last net below `Sensitive`, for what a library puts into
 * the text of an error (SEC-7, SEC-8). As they are, as JSON writes them, as a URL does, and in base64.
 */
export function createScrub(secrets: readonly Sensitive[]): (line: string) => string {
  const forms = [...new Set(secrets.flatMap(formsOf))].sort((a, b) => b.length - a.length)
  return (line) => forms.reduce((text, form) => text.replaceAll(form, '[REDACTED]'), line)
}

function formsOf(secret: Sensitive): readonly string[] {
  const text = secret.revealText()
  const bytes = secret.reveal()
  const forms = [
    text,
    JSON.stringify(text).slice(1, -1),
    encodeURIComponent(text),
    bytes.toString('base64'),
    bytes.toString('hex'),
  ]
  return forms.filter((form) => form.trim().length >= SHORTEST)
}
