import { didYouMean } from '../lib/nearest.ts'
import type { DesiredTarget } from '../model/desired.ts'
import { ReconcileError } from '../model/error.ts'
import type { Prometheus as Written } from '../model/written/prometheus.ts'
import { createPrometheus, type Prometheus } from '../prometheus/prometheus.ts'
import { credentialFor } from '../settings/credential-for.ts'
import type { Settings } from '../settings/settings.ts'

type Allowing = Pick<Settings, 'credentials' | 'allowedAddresses'>

/**
 * The Prometheus that a document declares. The repository says where it is: it is asked where its credential is bound to, or
 * where the settings allow (SEC-19). Nothing is kept open.
 * @throws ReconcileError `InvalidSettings`
 */
export function prometheusOf({ name, config }: DesiredTarget, settings: Allowing): Prometheus {
  const { url, credential: credentialName } = config as Written
  if (credentialName === undefined) return createPrometheus({ name, url, allowed: settings.allowedAddresses })
  const { hostname, port, protocol } = new URL(url)
  const address = `${hostname}:${port === '' ? (protocol === 'https:' ? 443 : 80) : port}`
  const credential = credentialFor(settings, credentialName, address)
  if (credential.type === 'token') {
    return createPrometheus({ name, url, allowed: credential.addresses, token: credential.token })
  }
  throw new ReconcileError('InvalidSettings', {
    message: `the credential '${credentialName}' of the Prometheus '${name}' is of type ${credential.type}`,
    todo: 'name one of type token in the target document, or correct the settings',
  })
}

/**
 * The one of that name among the targets of a revision.
 * @throws ReconcileError `NotFound`, `InvalidSettings`
 */
export function prometheusNamed(name: string, targets: readonly DesiredTarget[], settings: Allowing): Prometheus {
  const declared = targets.filter(({ kind }) => kind === 'Prometheus')
  const found = declared.find((target) => target.name === name)
  if (found) return prometheusOf(found, settings)
  const names = declared.map((target) => target.name)
  throw new ReconcileError('NotFound', {
    message: `no Prometheus is called '${name}'${didYouMean(name, names)}`,
    todo: 'declare it under targets/, or correct the name',
  })
}
