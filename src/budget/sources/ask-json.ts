import { ReconcileError } from '../../model/error.ts'
import { credentialFor } from '../../settings/credential-for.ts'
import type { Credential, Settings } from '../../settings/settings.ts'
import { callJson, type JsonAnswer, type JsonCall } from '../../web/json-call.ts'
import type { Resolve } from '../../web/reach.ts'

/** A source does not tell: the message says why, without any secret. */
export class SourceFault extends Error {
  override readonly name = 'SourceFault'
}

export interface Web {
  readonly settings: Pick<Settings, 'credentials'>
  readonly resolve?: Resolve
}

export interface VendorCall extends Pick<JsonCall, 'url' | 'headers' | 'signal'> {
  /** The credential's name, and how it proves us. */
  readonly credential: string
  readonly proof: (credential: Credential) => NonNullable<JsonCall['secretHeader']>
}

const MOST_SAID = 300

/** The JSON of a 200; everything else is a fault. */
export async function askJson(
  { url, headers, signal, credential: name, proof }: VendorCall,
  web: Web,
): Promise<JsonAnswer> {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  const credential = credentialFor(web.settings, name, `${url.hostname}:${port}`)
  const { addresses: allowed } = credential
  const { resolve } = web
  const sent = { url, allowed, signal, secretHeader: proof(credential), ...(headers ? { headers } : {}) }
  const answer = await callJson({ ...sent, ...(resolve ? { resolve } : {}) })
  const { status, text, json } = answer
  const where = `${url.host}${url.pathname}`
  if (status === 401 || status === 403) throw new SourceFault(`${where} refuses the credential '${name}' (${status})`)
  if (status !== 200) throw new SourceFault(`${where} answered ${status}: ${text.trim().slice(0, MOST_SAID)}`)
  if (json === undefined) throw new SourceFault(`${where} answered what is no JSON`)
  return answer
}

/** @throws ReconcileError `InvalidSettings` */
export function tokenOf(credential: Credential, name: string): NonNullable<JsonCall['secretHeader']>['value'] {
  if (credential.type === 'token') return credential.token
  throw new ReconcileError('InvalidSettings', {
    message: `the credential '${name}' is of type ${credential.type}; this takes one of type token`,
  })
}
