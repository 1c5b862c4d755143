import { formatSize } from '../lib/size.ts'
import { LIMITS } from './limits.ts'

export type Decoded = { readonly text: string } | { readonly refused: string }

/** UTF-8 text of a blob, a byte order mark taken off; refused when it is too large or not text. */
export function decodeText(content: Uint8Array): Decoded {
  if (content.length > LIMITS.fileBytes) {
    const size = `${formatSize(content.length)} (${content.length} bytes)`
    return { refused: `the file has ${size}; no more than ${formatSize(LIMITS.fileBytes)} is read` }
  }
  if (content.includes(0)) return { refused: 'the file is binary: it has NUL bytes' }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(content) }
  } catch {
    return { refused: 'the file is not UTF-8 text' }
  }
}
