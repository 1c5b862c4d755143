import { didYouMean } from '../../lib/nearest.ts'
import type { Fleet } from '../../model/desired.ts'
import type { DriftPolicy } from '../../model/resource.ts'
import type { Document } from '../document.ts'
import type { Findings } from './findings.ts'
import { appNamed } from './handling.ts'

interface WrittenFleet {
  readonly drift?: DriftPolicy
  readonly maxFailedApps?: number
  readonly windows?: readonly { readonly deny: string; readonly timezone?: string }[]
  readonly canary?: readonly string[]
}

const DEFAULTS: Fleet = { drift: 'safe', maxFailedApps: 3, canary: [], windows: [] }

/** The `Fleet` document with its defaults filled. */
export function readFleet(document: Document | undefined, apps: ReadonlySet<string>, findings: Findings): Fleet {
  if (!document) return DEFAULTS
  const written: WrittenFleet = document.value
  return {
    drift: written.drift ?? DEFAULTS.drift,
    maxFailedApps: written.maxFailedApps ?? DEFAULTS.maxFailedApps,
    windows: (written.windows ?? []).map(({ deny, timezone }) => ({ deny, timezone: timezone ?? 'UTC' })),
    canary: (written.canary ?? []).map((entry, index) => readCanary(entry, `/canary/${index}`)),
  }

  function readCanary(entry: string, pointer: string): string {
    const app = appNamed(entry)
    if (document && !apps.has(app)) {
      findings.warn(document, pointer, `there is no app '${app}' to be the canary${didYouMean(app, apps)}`)
    }
    return app
  }
}
