import { createHash } from 'node:crypto'

/** sha256 of bytes in hex, as `sha256sum` prints it. */
export const sha256Of = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex')
