import type { NormalizeContext, Normalized } from '../../model/kind.ts'
import type { Job } from '../../model/written/job.ts'
import { normalizeService } from '../service/normalize.ts'
import type { JobSpec } from './spec.ts'

/**
 * The digests of the triggers are filled in when everything is rendered. A job that fails is not tried again unless
 * `restart` says so: a half-done migration is for a person to see. @throws NormalizeProblem
 */
export function normalizeJob(written: Job, context: NormalizeContext): Normalized<JobSpec> {
  const mode = written.service.mode ?? 'replicated-job'
  const service = normalizeService({ ...written.service, name: written.name, mode }, context, {
    pointer: '/service',
    restartCondition: 'none',
  })
  const spec: JobSpec = {
    service: service.spec,
    when: written.when ?? 'before',
    triggers: {},
    irreversible: written.irreversible ?? false,
  }
  return { name: written.name, spec, uses: service.uses }
}
