import type { Kind } from '../../model/kind.ts'
import type { Job } from '../../model/written/job.ts'
import { serviceAsApplied } from '../service/as-applied.ts'
import { serviceImage } from '../service/image.ts'
import { publishedPorts, serviceKind } from '../service/kind.ts'
import { referring } from '../service/referring.ts'
import { compareJob, runKeyOf } from './compare.ts'
import { normalizeJob } from './normalize.ts'
import type { JobLive, JobSpec } from './spec.ts'

export const jobKind: Kind<Job, JobSpec, JobLive> = {
  name: 'Job',
  rank: 50,
  names: 'service',
  normalize: normalizeJob,
  compare: compareJob,
  asApplied: (spec) => ({
    service: serviceAsApplied({ ...spec.service, triggers: spec.triggers }),
    ranFor: runKeyOf(spec),
  }),
  suspend: () => undefined,
  referring: (spec, nameOf) => ({ ...spec, service: referring(spec.service, nameOf) }),
  job: true,
  stampless: true,
  image: {
    written: (spec) => serviceImage.written(spec.service),
    pinned: (spec) => serviceImage.pinned(spec.service),
    pin: (spec, pin) => ({ ...spec, service: serviceImage.pin(spec.service, pin) }),
    ofLive: (spec, live) => serviceImage.ofLive(spec.service, live.service),
  },
  hasData: (spec) => serviceKind.hasData?.(spec.service) ?? false,
  ports: (spec) => publishedPorts(spec.service),
  trigger: (spec, name, token) => ({ ...spec, triggers: { ...spec.triggers, [name]: token } }),
  irreversible: (spec) => spec.irreversible,
}
