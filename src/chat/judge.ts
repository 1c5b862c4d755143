import type { Sent } from '../model/message.ts'
import { type Answer, quoted } from './call.ts'

/** What an HTTP status of a sink means where it is not a success. `said`: the other side's own words. */
export function judge(answer: Answer, said: string, secrets: readonly string[]): Sent {
  const { status } = answer
  const words = said === '' ? '' : `: ${quoted(said, secrets)}`
  const message = `HTTP ${status}${words}`
  const waitMs = waitOf(answer)
  const asked = waitMs === undefined ? {} : { waitMs }
  if (status === 429 || status === 503) return { state: 'later', message, ...asked }
  if (status === 401 || status === 403 || status === 404 || status === 410) return { state: 'stopped', message }
  if (status >= 300 && status < 400)
    return { state: 'later', message: `${message}: it redirects, which is not followed` }
  if (status >= 500 || status === 408 || status === 425) return { state: 'later', message, perhaps: true, ...asked }
  return { state: 'refused', message }
}

/** Milliseconds: Discord's `retry_after` is a fraction of seconds; `Retry-After` whole seconds. */
function waitOf({ json, headers }: Answer): number | undefined {
  const inBody = json?.retry_after
  if (typeof inBody === 'number') return Math.ceil(inBody * 1000)
  return secondsOf(headers.get('retry-after'))
}

/** Milliseconds of a header of seconds. A date in it is left alone: the clocks may differ. */
export function secondsOf(header: string | null): number | undefined {
  return header !== null && /^\d+(\.\d+)?$/.test(header.trim()) ? Math.ceil(Number(header) * 1000) : undefined
}
