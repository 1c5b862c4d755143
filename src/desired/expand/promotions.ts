import { didYouMean } from '../../lib/nearest.ts'
import type { Document } from '../document.ts'
import type { Findings } from './findings.ts'
import { appNamed, keeperOf } from './handling.ts'

/** `keeper: {after: {app}}` names another app of this fleet: what follows nobody would wait for ever. */
export function checkPromotions(documents: readonly Document[], apps: ReadonlySet<string>, findings: Findings): void {
  for (const document of documents) {
    const written = keeperOf(document.value).after?.app
    if (written === undefined) continue
    const app = appNamed(written)
    if (app === document.app) findings.error(document, '/keeper/after/app', `${app} cannot follow itself`)
    else if (!apps.has(app)) {
      findings.error(document, '/keeper/after/app', `there is no app '${app}'${didYouMean(app, apps)}`)
    }
  }
}
