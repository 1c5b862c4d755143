import { createHmac, timingSafeEqual } from 'node:crypto'
import { ReconcileError } from '../model/error.ts'
import type { Sensitive } from '../model/sensitive.ts'

/** Of one body, while it arrives: what is signed are its bytes as they came, not what they say (SEC-15). */
export interface Verifier {
  update(chunk: Buffer): void
  /** Hex of the signature where one of the secrets made it. */
  matched(signature: Buffer): string | undefined
}

/**
 * @throws ReconcileError `InvalidSettings` where there is no secret or an empty one: everybody knows the signature under
 * nothing
 */
export function signedBy(secrets: readonly Sensitive[]): () => Verifier {
  if (secrets.length === 0 || secrets.some((secret) => secret.revealText().trim() === '')) {
    throw new ReconcileError('InvalidSettings', {
      message: secrets.length === 0 ? 'webhooks have no secret' : 'a secret of webhooks is empty',
      todo: 'write the secret of the webhook at GitHub into the settings, or leave webhooks out: polling finds the same',
    })
  }
  return () => createVerifier(secrets)
}

function createVerifier(secrets: readonly Sensitive[]): Verifier {
  const macs = secrets.map((secret) => createHmac('sha256', secret.reveal()))
  return {
    update: (chunk) => {
      for (const mac of macs) mac.update(chunk)
    },
    matched: (signature) => {
      const made = macs.map((mac) => mac.digest())
      // Every one is compared to its end: how long it takes tells nothing.
      const [found] = made.filter((mac) => mac.length === signature.length && timingSafeEqual(mac, signature))
      return found?.toString('hex')
    },
  }
}

/** Of `X-Hub-Signature-256`. Sent twice it is joined by a comma, which is no signature; that by SHA-1 is none either. */
export function readSignature(header: unknown): Buffer | undefined {
  const [, hex] = typeof header === 'string' ? (/^sha256=([0-9a-f]{64})$/.exec(header) ?? []) : []
  return hex === undefined ? undefined : Buffer.from(hex, 'hex')
}
