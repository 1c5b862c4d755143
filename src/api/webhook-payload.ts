/** What cannot be read is `undefined`, which no payload is. */
export type Payload = unknown

/** Decoding ignores a byte order mark; the signature did not. */
const decode = (body: Buffer): string => new TextDecoder('utf-8', { fatal: true }).decode(body)

/** JSON, or a form whose `payload` is JSON: whichever is chosen for the webhook at GitHub. */
export function readPayload(body: Buffer, contentType: string | undefined): Payload {
  try {
    const text = decode(body)
    return JSON.parse(isForm(contentType) ? (new URLSearchParams(text).get('payload') ?? '') : text)
  } catch {
    return undefined
  }
}

const isForm = (contentType = ''): boolean => /^application\/x-www-form-urlencoded\b/i.test(contentType.trim())

/** What lies at a path of own fields, whatever stands on the way. */
export function at(payload: Payload, ...path: readonly string[]): unknown {
  let found = payload
  for (const name of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined
    found = (found as Readonly<Record<string, unknown>>)[name]
  }
  return found
}

/** GitHub's names and refs are shorter. */
const LONGEST = 512

export function textAt(payload: Payload, ...path: readonly string[]): string | undefined {
  const found = at(payload, ...path)
  return typeof found === 'string' && found !== '' && found.length <= LONGEST ? found : undefined
}

export function shaAt(payload: Payload, ...path: readonly string[]): string | undefined {
  const found = textAt(payload, ...path)
  return found !== undefined && /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(found) ? found : undefined
}

export function numberAt(payload: Payload, ...path: readonly string[]): number | undefined {
  const found = at(payload, ...path)
  return Number.isSafeInteger(found) && (found as number) > 0 ? (found as number) : undefined
}
