import type { Clock } from '../model/clock.ts'
import { ReconcileError } from '../model/error.ts'
import type { GitHub, PullComment } from '../model/github.ts'
import type { Loop } from '../model/loop.ts'
import type { Outbox } from '../model/message.ts'
import type { Shelf } from '../model/shelf.ts'
import type { Store } from '../model/store.ts'
import type { CallOptions } from '../model/target.ts'
import { failedAnswer, HOW_TO_ASK, outcomeAnswer, plannedAnswer, refusedAnswer } from './answer.ts'
import { carryOut } from './carry-out.ts'
import type { KeptCommand, ReadUntil } from './kept-command.ts'
import type { KeptPull } from './kept-pull.ts'
import { whyNot } from './may-do.ts'
import { isSaid, maySay } from './may-say.ts'
import { answerMessage } from './messages.ts'
import { commandsIn } from './parse-command.ts'

export interface CommandsOptions {
  readonly github: GitHub
  readonly outbox: Outbox
  readonly store: Store
  readonly clock: Clock
  readonly loop: Pick<Loop, 'reconcile' | 'engine'>
  readonly signal: AbortSignal
  failed(error: unknown): void
  pullOf(number: number): KeptPull | undefined
  /** Asks GitHub how a pull request stands now. */
  refresh(number: number, options: CallOptions): Promise<void>
  /** Plans it again, and gives what is kept of it then. */
  replan(number: number, options: CallOptions): Promise<KeptPull | undefined>
}

export interface Commands {
  /** Reads the comments since the last time, and begins what they ask for. */
  look(options: CallOptions): Promise<void>
  settled(): Promise<void>
}

const SINCE = 'since'
/** GitHub lists a comment a little later than it says that it was written. */
const OVERLAP_MS = 120_000
/** Nobody redelivers a comment of last month. */
const KEPT_MS = 30 * 24 * 3_600_000

/** What comments ask for, by whom it may be asked for, each once, one after the other (SEC-12, SEC-13). */
export function createCommands(options: CommandsOptions): Commands {
  const { github, outbox, store, clock } = options
  const shelf: Shelf<KeptCommand | ReadUntil> = store.shelf('command')
  const now = (): string => clock.now().toISOString()
  const open = new Map<number, KeptCommand>()
  const begun = new Set<number>()
  let until = readUntil(shelf, now())
  let last: Promise<void> = Promise.resolve()
  let reading: Promise<void> = Promise.resolve()

  const keep = (kept: KeptCommand, text?: string): void => {
    store.transaction(() => {
      shelf.put(String(kept.comment), kept, now())
      if (text !== undefined) outbox.put([answerMessage(kept.comment, kept.pull, text)])
    })
    if (kept.state === 'done') open.delete(kept.comment)
    else open.set(kept.comment, kept)
  }

  const take = async (comment: PullComment, call: CallOptions): Promise<void> => {
    const { id, pull, author, createdAt: at } = comment
    if (shelf.get(String(id)) || !isSaid(comment, until.from)) return
    const [command, ...more] = commandsIn(comment.body)
    if (!command || !(await maySay(comment, github, call))) return
    const kept = { comment: id, pull, author, at }
    if (more.length === 0 && command.verb !== 'unknown') return keep({ ...kept, command, state: 'waiting' })
    keep({ ...kept, command: { verb: 'plan' }, state: 'done' }, more.length > 0 ? ONE_AT_A_TIME : HOW_TO_ASK)
  }

  const run = async (kept: KeptCommand): Promise<void> => {
    const { command, pull } = kept
    await options.refresh(pull, options)
    const refused = whyNot(kept, options.pullOf(pull))
    const done: KeptCommand = { ...kept, state: 'done' }
    if (refused !== undefined) return keep(done, refusedAnswer(command, refused))
    keep({ ...kept, state: 'running' })
    try {
      keep(done, await answerOf(kept))
    } catch (error) {
      // Stopped in the middle: the next start does it again, where it was not done.
      if (options.signal.aborted || isAborted(error)) throw error
      keep(done, failedAnswer(command, error))
    }
  }

  const answerOf = async (kept: KeptCommand): Promise<string> => {
    if (kept.command.verb === 'plan') return plannedAnswer(await options.replan(kept.pull, options))
    return outcomeAnswer(kept.command, await carryOut(kept, options))
  }

  /** What could not be begun, for GitHub did not answer, is begun by the next look. */
  const begin = (kept: KeptCommand): void => {
    begun.add(kept.comment)
    const ended = last.then(() => run(kept)).finally(() => begun.delete(kept.comment))
    last = ended.catch((error: unknown) => {
      if (!options.signal.aborted) options.failed(error)
    })
  }

  const read = async (call: CallOptions): Promise<void> => {
    const since = new Date(Date.parse(until.since) - OVERLAP_MS).toISOString()
    const comments = await github.commentsSince(since, call)
    const taken: PromiseSettledResult<void>[] = []
    for (const comment of comments) taken.push(...(await Promise.allSettled([take(comment, call)])))
    const { updatedAt: newest = until.since } = comments.at(-1) ?? {}
    // One of whose author GitHub did not tell is read again, and keeps no other from being heard.
    const failed = taken.find((one) => one.status === 'rejected')
    if (!failed && newest > until.since) {
      until = { ...until, since: newest }
      shelf.dropBefore(new Date(clock.now().getTime() - KEPT_MS).toISOString())
      shelf.put(SINCE, until, now())
    }
    for (const kept of open.values()) if (!begun.has(kept.comment)) begin(kept)
    if (failed) throw failed.reason
  }

  for (const { value } of shelf.all()) if ('comment' in value && value.state !== 'done') open.set(value.comment, value)
  return {
    look: (call) => {
      reading = reading.catch(() => undefined).then(() => read(call))
      return reading
    },
    settled: async () => {
      await reading.catch(() => undefined)
      await last
    },
  }
}

const isAborted = (error: unknown): boolean => error instanceof ReconcileError && error.reason === 'Aborted'

/** What was said before we were ever started was said to nobody. */
function readUntil(shelf: Shelf<KeptCommand | ReadUntil>, now: string): ReadUntil {
  const known = shelf.get(SINCE)
  if (known && 'since' in known) return known
  const first = { since: now, from: now }
  shelf.put(SINCE, first, now)
  return first
}

const ONE_AT_A_TIME = `One command in a comment, please: none of these was done.\n\n${HOW_TO_ASK}`
