import { lists, splitPort } from '../lib/addresses.ts'
import { didYouMean } from '../lib/nearest.ts'
import { ReconcileError } from '../model/error.ts'
import type { Credential, Settings } from './settings.ts'

/**
 * The credential of this name, for use at this address (`host` or `host:port`). The repository names credentials, so it
 * could send one anywhere: it is released only for addresses that the operator bound it to.
 * @throws ReconcileError `InvalidSettings`
 */
export function credentialFor(settings: Pick<Settings, 'credentials'>, name: string, address: string): Credential {
  const credential = credentialNamed(settings, name)
  if (lists(credential.addresses, splitPort(address.toLowerCase()))) return credential
  const listed = credential.addresses.map(({ text }) => text).join(', ')
  throw new ReconcileError('InvalidSettings', {
    message: `the credential '${name}' may be used for ${listed}, not for ${address}`,
    todo: `add ${address} to its addresses in the settings, if it is meant to go there`,
  })
}

function credentialNamed({ credentials }: Pick<Settings, 'credentials'>, name: string): Credential {
  const credential = credentials.get(name)
  if (credential) return credential
  throw new ReconcileError('InvalidSettings', {
    message: `the settings have no credential '${name}'${didYouMean(name, credentials.keys())}`,
    todo: 'add it under `credentials` in the settings, or correct its name in the repository',
  })
}
