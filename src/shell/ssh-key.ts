import ssh2 from 'ssh2'
import type { Sensitive } from '../model/sensitive.ts'

const CERTIFICATE = /^\s*\S+-cert-v\d+@openssh\.com\s/
const PUBLIC = /^\s*(ssh-|ecdsa-sha2-|sk-)\S+ AAAA/

/** For every message about them: ssh2 knows no certificates of users. */
export const NO_CERTIFICATES =
  'certificates of users are not supported: name the private key itself, and put its public key into authorized_keys on the hosts'

/** Why nobody can log in with this key; undefined: it can be used. Never quotes from it. */
export function problemOfKey(privateKey: Sensitive, passphrase?: Sensitive): string | undefined {
  const head = privateKey.reveal().subarray(0, 200).toString('latin1')
  if (CERTIFICATE.test(head)) return `it is a certificate, and ${NO_CERTIFICATES}`
  if (PUBLIC.test(head)) return 'it is a public key: name the private one, which stands beside it without `.pub`'
  const parsed = ssh2.utils.parseKey(privateKey.reveal(), passphrase?.reveal())
  if (parsed instanceof Error) return `it cannot be read: ${parsed.message}`
  return parsed.isPrivateKey() ? undefined : 'it is no private key'
}
