import { Sensitive } from '../model/sensitive.ts'
import type { ReadValue } from './build-settings.ts'

const BYTES = 32
const HOW = 'make one with `openssl rand -hex 32`'

/** 32 bytes from 64 hex digits, or from base64 in either alphabet. */
export function parseKey(read: ReadValue | undefined, refuse: (message: string) => void): Sensitive | undefined {
  if (!read) return undefined
  const text = read.value.revealText().trim()
  const bytes = /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : fromBase64(text)
  if (bytes?.length !== BYTES) {
    refuse(
      `the key is not ${BYTES} bytes in hex (64 digits) or base64 (44 characters); it has ${text.length} characters: ${HOW}`,
    )
    return undefined
  }
  // Random bytes with so few different ones do not occur: this is a placeholder.
  if (new Set(bytes).size < 8) {
    refuse(`the key is not random: ${HOW}`)
    return undefined
  }
  return new Sensitive(bytes)
}

function fromBase64(text: string): Buffer | undefined {
  return /^[A-Za-z0-9+/_-]{43}=?$/.test(text) ? Buffer.from(text, 'base64') : undefined
}
