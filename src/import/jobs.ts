import { isJobMode } from '../kinds/service/fields.ts'
import type { Found } from './found.ts'

/** Adoption would have to mark them, and any update of a job runs it again (swarm.md 16). */
export function jobsLeftOut(found: Found): ReadonlyMap<string, string> {
  const jobs = found.services.filter(({ live }) => isJobMode(live.mode))
  const why = 'it is a job, which any update would run again: a Job document can take its place'
  return new Map(jobs.map(({ live }) => [`Service/${live.name}`, why]))
}
