import { partsOf } from '../model/id.ts'
import type { AppReport } from '../model/revision-report.ts'
import type { Store } from '../model/store.ts'

/** After a failure: what runs now, by the record, and the digests of its images. */
export function runningNow(app: string, word: AppReport['word'], store: Store): AppReport['running'] {
  const { lastGood, lastApplied } = store.app(app)
  // What was left for a person to look at is of no single revision.
  const revision = word === 'rolled-back' ? lastGood?.revision : word === 'failed' ? lastApplied?.revision : undefined
  const images = store.record().flatMap(({ id, app: owner, state, spec }) => {
    const image = owner === app && state === 'owned' ? imageOf(spec) : undefined
    return image === undefined ? [] : [`${partsOf(id).name}: ${image}`]
  })
  return { ...(revision === undefined ? {} : { revision }), images }
}

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Of what runs once, a run in the past says nothing of now. */
function imageOf(spec: unknown): string | undefined {
  if (!isFields(spec) || typeof spec.image !== 'string') return undefined
  const { image, pin } = spec
  return isFields(pin) && typeof pin.digest === 'string' && !image.includes('@') ? `${image}@${pin.digest}` : image
}
