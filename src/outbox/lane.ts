import { isDeepStrictEqual } from 'node:util'
import type { Delivery, Message } from '../model/message.ts'

/**
 * What waits of one (sink, subject), in order: at most the one that was tried, the newest final one, and the newest one.
 * All of it stands in one row of the shelf `outbox`, so that each step is one write.
 *
 * An entry is put with `sending: false`. `sending` is written before the call and taken back, or the entry removed, after
 * it: who finds it set without being the one who sends was killed on the way (`perhaps`).
 */
export interface Lane {
  readonly sink: string
  readonly subject: string
  readonly waiting: readonly Entry[]
}

interface Entry {
  readonly id: string
  readonly body: unknown
  readonly final: boolean
  readonly attempts: number
  readonly sending: boolean
  /** It, or one that it took the place of, may have arrived. */
  readonly perhaps: boolean
}

/** Of a subject, on the shelf `sent`. */
export interface LastSent {
  readonly body: unknown
  readonly ref?: string
}

/** The lane with a newer message; the same message as the one before it is not kept twice. */
export function withMessage(lane: Lane, message: Message, { id, sent }: { id: string; sent?: LastSent }): Lane {
  const [head] = lane.waiting
  const started = head?.sending ? [head] : []
  const body = plain(message.body)
  const entry: Entry = { id, body, final: message.final, attempts: 0, sending: false, perhaps: false }
  const rest = withoutOvertaken([...lane.waiting.slice(started.length), entry])
  return { ...lane, waiting: withoutRepeated([...started, ...rest], sent) }
}

/** As it comes back from the shelf: what JSON leaves out would make a difference where there is none. */
const plain = (body: unknown): unknown => JSON.parse(JSON.stringify(body))

/** Who takes the place of one that perhaps arrived must be sent, whatever was sent before. */
function withoutOvertaken(waiting: readonly Entry[]): readonly Entry[] {
  const lastFinal = waiting.findLastIndex(({ final }) => final)
  const kept = new Set([lastFinal, waiting.length - 1])
  let perhaps = false
  return waiting.flatMap((entry, index) => {
    perhaps ||= entry.perhaps
    if (!kept.has(index)) return []
    const stays = perhaps === entry.perhaps ? entry : { ...entry, perhaps }
    perhaps = false
    return [stays]
  })
}

/** Equal to the one that goes before it, or to what was sent last: nothing would be said by it. */
function withoutRepeated(waiting: readonly Entry[], sent: LastSent | undefined): readonly Entry[] {
  const kept: Entry[] = []
  for (const entry of waiting) {
    const before = kept.at(-1)
    const same = !entry.sending && !entry.perhaps && isDeepStrictEqual(entry.body, (before ?? sent)?.body)
    if (!same) kept.push(entry)
    else if (before && entry.final) kept[kept.length - 1] = { ...before, final: true }
  }
  return kept
}

/** What is to be sent now: marked, with what was overtaken since its last try left out. */
export function begun(lane: Lane, sent: LastSent | undefined): Lane {
  const resting = lane.waiting.map((entry) => (entry.sending ? { ...entry, sending: false, perhaps: true } : entry))
  const [head, ...rest] = withoutRepeated(withoutOvertaken(resting), sent)
  return { ...lane, waiting: head ? [{ ...head, sending: true, attempts: head.attempts + 1 }, ...rest] : [] }
}

export function deliveryOf(lane: Lane, { ref }: { readonly ref?: string | undefined } = {}): Delivery | undefined {
  const [head] = lane.waiting
  if (!head) return undefined
  const { id, body, final, attempts, perhaps } = head
  const { sink, subject } = lane
  const before = ref === undefined ? {} : { before: ref }
  return { sink, subject, body, final, id, attempts: attempts - 1, perhapsSent: perhaps, ...before }
}

/** It is sent, or never will be. What is being sent is always the head: what is put meanwhile comes after it. */
export const without = (lane: Lane, id: string): Lane => ({
  ...lane,
  waiting: lane.waiting.filter((entry, index) => index > 0 || entry.id !== id),
})

/** It stays to be tried again. */
export const resting = (lane: Lane, id: string, perhaps: boolean): Lane => ({
  ...lane,
  waiting: lane.waiting.map((entry, index) =>
    index === 0 && entry.id === id ? { ...entry, sending: false, perhaps: entry.perhaps || perhaps } : entry,
  ),
})

/** What may be given up where too many wait. */
export const onlyKept = (lane: Lane): Lane => ({
  ...lane,
  waiting: lane.waiting.filter(({ final, sending }) => final || sending),
})

export function isLane(value: unknown): value is Lane {
  return (
    typeof value === 'object' && value !== null && 'sink' in value && 'waiting' in value && isEntries(value.waiting)
  )
}

const isEntries = (waiting: unknown): boolean =>
  Array.isArray(waiting) &&
  waiting.every((entry) => typeof entry?.id === 'string' && typeof entry.attempts === 'number')
