/**
 * Which subjects of one sink have something that waits, and when each is due, in monotonic milliseconds. It is a hint to
 * the shelf: it may name one that is not there (a transaction that was undone), and never lacks one that is.
 */
export interface Queue {
  readonly size: number
  add(subject: string, at: string): void
  /** ISO time since which the one waits that came first. */
  readonly first: () => { readonly subject: string; readonly at: string } | undefined
  due(now: number): string | undefined
  /** Monotonic time at which the next one is due. */
  readonly nextAt: () => number | undefined
  /** To the end, not before: others of the sink come before it. */
  defer(subject: string, notBefore: number): void
  /** Nothing of it waits. */
  remove(subject: string): void
  /** What is there as the shelf has it: subjects with the ISO time of their first message. */
  match(there: ReadonlyMap<string, string>): void
  /** Everything is due: what kept it was the sink, and that is well again. */
  hurry(): void
}

interface Hint {
  readonly at: string
  readonly notBefore: number
}

export function createQueue(): Queue {
  const hints = new Map<string, Hint>()
  return {
    get size() {
      return hints.size
    },
    add: (subject, at) => {
      if (!hints.has(subject)) hints.set(subject, { at, notBefore: 0 })
    },
    first: () => {
      let first: { subject: string; at: string } | undefined
      for (const [subject, { at }] of hints) if (!first || at < first.at) first = { subject, at }
      return first
    },
    due: (now) => {
      for (const [subject, { notBefore }] of hints) if (notBefore <= now) return subject
      return undefined
    },
    nextAt: () => {
      let next: number | undefined
      for (const { notBefore } of hints.values()) if (next === undefined || notBefore < next) next = notBefore
      return next
    },
    defer: (subject, notBefore) => {
      const hint = hints.get(subject)
      if (!hint) return
      hints.delete(subject)
      hints.set(subject, { ...hint, notBefore })
    },
    remove: (subject) => void hints.delete(subject),
    match: (there) => {
      for (const subject of hints.keys()) if (!there.has(subject)) hints.delete(subject)
      for (const [subject, at] of there) hints.set(subject, { at, notBefore: hints.get(subject)?.notBefore ?? 0 })
    },
    hurry: () => {
      for (const [subject, hint] of hints) hints.set(subject, { ...hint, notBefore: 0 })
    },
  }
}
