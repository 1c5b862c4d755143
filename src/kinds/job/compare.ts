import { type Digest, digestOf } from '../../model/digest.ts'
import type { FieldDiff } from '../../model/live.ts'
import type { JobLive, JobSpec } from './spec.ts'

/** What a job runs: another key is another run. Neither the tag's digest nor when it runs is part of it. */
export function runKeyOf(spec: JobSpec): Digest {
  const { pin: _, triggers: __, ...service } = spec.service
  return digestOf(service)
}

/**
 * One difference at most: it has to run. Fields of a finished job are never healed, for any update runs it again
 * (swarm.md 16). A trigger that only live has is no difference, as for services.
 */
export function compareJob(spec: JobSpec, live: JobLive): readonly FieldDiff[] {
  const key = runKeyOf(spec)
  const moved = Object.keys(spec.triggers).filter((name) => spec.triggers[name] !== live.service.triggers[name])
  if (live.ranFor === key && moved.length === 0) return []
  const to = moved.length > 0 && live.ranFor === key ? `after ${moved.sort().join(', ')}` : key
  return [
    { path: '/run', from: live.ranFor, to, effect: live.service.mode === spec.service.mode ? 'restart' : 'replace' },
  ]
}
