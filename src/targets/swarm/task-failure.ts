import { groupBy } from '../../lib/group-by.ts'
import { isComplete, isFailed, isWanted, newestFirst, slotOf, taskName, timeOf } from './generation.ts'
import type { WireTask } from './wire.ts'

/** So many ends of one slot, and it is a crash loop. */
const CRASH_LOOP = 3
/** Ends that lie further back than this before the newest task are another story. */
const REMEMBERED_MS = 600_000

export interface SlotTrouble {
  readonly ends: number
  readonly newest: WireTask
  /** Nothing stands in this slot any more, and nothing will. */
  readonly final: boolean
}

/**
 * Slots in which nothing runs now and something has ended. A slot that runs again is at peace: whether it stays so is
 * what the engine's measure of stability asks. `begun`, in milliseconds: what was over before then is another story, too.
 */
export function troubledSlots(tasks: readonly WireTask[], begun = 0): readonly SlotTrouble[] {
  return [...groupBy(tasks, slotOf)].flatMap(([, mine]) => {
    const sorted = newestFirst(mine)
    const [newest] = sorted
    if (!newest || sorted.some((task) => isWanted(task) && task.Status?.State === 'running')) return []
    const since = Math.max(begun, timeOf(newest.CreatedAt) - REMEMBERED_MS)
    const ends = sorted.filter((task) => hasEnded(task) && endOf(task) >= since)
    const [last] = ends
    return last ? [{ ends: ends.length, newest: last, final: !sorted.some(isPending) }] : []
  })
}

/** By the clock of its node, which may be behind that of the manager. */
const endOf = (task: WireTask): number => Math.max(timeOf(task.CreatedAt), timeOf(task.Status?.Timestamp))
const hasEnded = (task: WireTask): boolean => isFailed(task) || isComplete(task)
const isPending = (task: WireTask): boolean => isWanted(task) && !hasEnded(task)

export const isCrashLoop = (trouble: SlotTrouble): boolean => trouble.ends >= CRASH_LOOP

/** `task hello.2 failed 3 times: task: non-zero exit (1)` */
export function describeTrouble(name: string, { ends, newest }: SlotTrouble): string {
  const times = ends === 1 ? '' : ` ${ends} times`
  return `task ${taskName(name, newest)} ${isComplete(newest) ? 'ended' : 'failed'}${times}: ${reasonOf(newest)}`
}

export function reasonOf(task: WireTask): string {
  const code = task.Status?.ContainerStatus?.ExitCode
  const text = task.Status?.Err || task.Status?.Message || task.Status?.State || 'no reason given'
  const coded = code === undefined || code === 0 || text.includes(`(${code})`) ? '' : ` (exit code ${code})`
  return isComplete(task) ? 'its command ended with exit code 0' : `${text}${coded}`
}
