import type { Lab } from '../lab/lab.mjs'
import type { WrittenDocument } from './live-fleet.ts'

/** Times for tests: proven after a second without a restart, no bake. */
const QUICK = { stableFor: '1s', bake: '0s', timeout: '40s' }

/** Documents of a lab's images that prove themselves, and end, quickly. */
export function createDocuments(lab: Lab): {
  service(name: string, image: string, fields?: Fields): WrittenDocument
  job(name: string, image: string, fields?: JobFields): WrittenDocument
} {
  const quickly = {
    update: { monitor: '1s' },
    restart: { delay: '500ms' },
    stopGracePeriod: '1s',
  }
  return {
    service: (name, image, { keeper, ...fields } = {}) => ({
      kind: 'Service',
      name,
      image: lab.registry.reference(image),
      ...quickly,
      ...fields,
      keeper: { ...QUICK, ...keeper },
    }),
    job: (name, image, { keeper, service, ...fields } = {}) => ({
      kind: 'Job',
      name,
      ...fields,
      service: { image: lab.registry.reference(image), ...service },
      keeper: { ...QUICK, ...keeper },
    }),
  }
}

type Written = Readonly<Record<string, unknown>>
type Fields = Written & { readonly keeper?: Written }
type JobFields = Fields & { readonly service?: Written }
