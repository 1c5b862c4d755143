import { randomUUID } from 'node:crypto'
import type { Clock } from '../../model/clock.ts'
import { sameValue } from '../../model/digest.ts'
import { ReconcileError } from '../../model/error.ts'
import type { CallOptions, Lease, TargetRecord } from '../../model/target.ts'
import { runScript } from '../../shell/script.ts'
import type { Ran } from '../../shell/shell.ts'
import { quoteWords } from '../../shell/words.ts'
import { FUNCTIONS, prelude } from './apply-script.ts'
import { sha256Of } from './entry.ts'
import type { Place } from './look-at.ts'
import { BUSY } from './outcomes.ts'

/** A holder that was not heard of for so long is gone; by the host's clock. */
const STALE_S = 60
/** Longer than it waits for the lock. */
const TIMEOUT_MS = 90_000
/** A lease that was confirmed so lately is believed. */
const BELIEVED_MS = 2_000

/** The text that stands there then. */
export async function writeHostRecord(
  next: TargetRecord,
  seen: string | undefined,
  { place, signal }: { readonly place: Place; readonly signal: AbortSignal },
): Promise<string | undefined> {
  if (seen !== undefined && sameValue(JSON.parse(seen), next)) return seen
  if (!place.shell.root) return seen // where nothing can be done, there is nothing to remember
  const text = `${JSON.stringify(next)}\n`
  const before = seen === undefined ? '-' : sha256Of(seen)
  const steps = ['set -eu', `is "$base/record.json" ${before}`, `save "$base/record.json" ${base64(text)}`]
  const { code, stdout, stderr } = await run('record', [...steps, 'echo saved'], place, { signal })
  const told = stdout.toString('utf8').trim()
  if (code === 0 && told === 'saved') return text
  if (told === 'busy') {
    const message = `the record of ${place.name} was not written: ${BUSY}`
    throw new ReconcileError('LeaseHeld', { message, retryable: true })
  }
  const said = stderr.toString('utf8').trim().slice(-500)
  const message = `the record of ${place.name} was not written: ${said}`
  throw new ReconcileError(code === 9 ? 'VersionConflict' : 'TargetRefused', { message, retryable: code === 9 })
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

const run = (verb: string, steps: readonly string[], { shell, install }: Place, { signal }: CallOptions) =>
  runScript(
    shell,
    { text: [FUNCTIONS, prelude(install), ...steps].join('\n'), args: [verb] },
    { signal, timeoutMs: TIMEOUT_MS },
  )

/** Who may not write needs no right to it: apply says so itself. */
const NOTHING_TO_WRITE: Lease = { check: async () => {}, release: async () => {} }

const WORDS = `
held= token= at=0
[ ! -f "$base/lease" ] || read -r held token at <"$base/lease" || :
now=$(date +%s)
hold() { save "$base/lease" "$(printf '%s %s %s\\n' "$1" "$2" "$now" | b)"; }
`

/** Who comes under the same name is the successor, and the one before has lost it (rule 23). */
export async function takeHostLease(
  holder: string,
  { place, clock, signal }: { readonly place: Place; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Lease> {
  if (!place.shell.root) return NOTHING_TO_WRITE
  const [who, token] = [base64(holder), randomUUID()]
  const take = `
[ -z "$held" ] || [ "$held" = ${quoteWords([who])} ] || [ $((now - at)) -gt ${STALE_S} ] || { echo "held $held"; exit 0; }
hold ${quoteWords([who, token])} && echo taken`
  refuseUntaken(await ask(take, place, { signal }), place)
  let confirmed = clock.now().getTime()
  return {
    check: async (options) => {
      if (clock.now().getTime() - confirmed < BELIEVED_MS) return
      const mine = `[ "$token" = ${token} ] && hold "$held" "$token" && echo mine || :`
      if (wordOf(await ask(mine, place, options)) !== 'mine') {
        throw new ReconcileError('LeaseLost', { message: `${place.name}: another one writes now`, retryable: true })
      }
      confirmed = clock.now().getTime()
    },
    release: async () => {
      confirmed = 0
      const { signal: never } = new AbortController()
      await ask(`[ "$token" != ${token} ] || rm -f -- "$base/lease"`, place, { signal: never })
    },
  }
}

const ask = (steps: string, place: Place, options: CallOptions): Promise<Ran> =>
  run('lease', [WORDS, steps], place, options)

const wordOf = ({ stdout }: Ran): string => stdout.toString('utf8').trim()

function refuseUntaken(ran: Ran, { name }: Place): void {
  const [word, other = ''] = wordOf(ran).split(' ')
  if (word === 'taken') return
  if (word !== 'held' && word !== 'busy') {
    const message = `${name}: nothing can be written there: ${ran.stderr.toString('utf8').trim().slice(-500)}`
    throw new ReconcileError('TargetRefused', { message })
  }
  const message = word === 'busy' ? `${name}: ${BUSY}` : `${Buffer.from(other, 'base64')} writes to ${name} now`
  throw new ReconcileError('LeaseHeld', { message, retryable: true })
}
