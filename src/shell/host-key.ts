import { createHash, timingSafeEqual } from 'node:crypto'
import { ReconcileError } from '../model/error.ts'

export interface HostKey {
  readonly type: string
  readonly key: Buffer
}

/** `ssh-ed25519 AAAA…`, as a line of known_hosts or a .pub file has it; a comment may follow. */
export function parseHostKey(text: string): HostKey {
  const [type = '', base64 = ''] = text.trim().split(/\s+/)
  const key = Buffer.from(base64, 'base64')
  if (!/^[a-z0-9@.-]+$/.test(type) || embeddedType(key) !== type) {
    throw new ReconcileError('InvalidSettings', {
      message: `'${text.slice(0, 60)}' is not an SSH host key`,
      todo: "write the type and the base64 text of the host's public key, as `ssh-keyscan HOST` prints them",
    })
  }
  if (!TYPES.includes(type)) {
    throw new ReconcileError('InvalidSettings', {
      message: `host keys of type ${type} cannot be checked`,
      todo: `pin one of another type: ${TYPES.join(', ')}`,
    })
  }
  return { type, key }
}

/** Those that ssh2 can check. Left out: DSA, which is broken, keys in hardware and certificates, which it does not know. */
const TYPES: readonly string[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
]

/** A key starts with the length and text of its type (RFC 4253, 6.6). */
function embeddedType(key: Buffer): string | undefined {
  return key.length > 4 ? key.toString('ascii', 4, 4 + Math.min(key.readUInt32BE(0), 64)) : undefined
}

export function isSameKey(pinned: HostKey, offered: Buffer): boolean {
  return pinned.key.length === offered.length && timingSafeEqual(pinned.key, offered)
}

/** `ssh-ed25519 SHA256:…`, as `ssh-keygen -l` and ssh itself print it. */
export function fingerprintOf(key: Buffer): string {
  const digest = createHash('sha256').update(key).digest('base64').replace(/=+$/, '')
  return `${embeddedType(key) ?? 'a key'} SHA256:${digest}`
}

/** Signature algorithms that prove a key of this type: the server must show the pinned key and no other. */
/** Of every type that can be checked: for a look at what a host shows. */
export const ALL_ALGORITHMS: readonly string[] = TYPES.flatMap(algorithmsFor)

export function algorithmsFor(type: string): readonly string[] {
  return type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [type]
}
