import { messageOf, ReconcileError } from '../model/error.ts'
import type { Clone } from './clone.ts'
import type { CloneDirectory } from './clone-directory.ts'
import { unreachable } from './source-error.ts'
import { createTurns } from './turns.ts'

export interface CloneEngine {
  open(folder: string): Clone
  /** Makes an empty bare repository in a folder. */
  init(folder: string, signal: AbortSignal): Promise<void>
}

/** A clone at work. What is missing in one that is not fresh may be missing because it is damaged. */
export interface OpenClone {
  readonly clone: Clone
  readonly fresh: boolean
}

interface Work<T> {
  readonly signal: AbortSignal
  /** Brings into a fresh clone what the work needs. */
  prepare?(open: OpenClone): Promise<void>
  run(open: OpenClone): Promise<T>
}

/**
 * The clone of a source, which heals. A clone is damaged by a kill in the middle of a fetch (stale locks, half a pack), a
 * full disk, a bad block. Git has no error codes that tell these apart, so one rule serves all: what fails on the clone for
 * another reason than the remote, a limit or a cancellation is done again on a fresh one, beside it, which takes its place
 * only when the work succeeded. While the remote is down a damaged clone is therefore kept: most of it may be readable.
 */
export interface KeptClone {
  use<T>(work: Work<T>): Promise<T>
  close(): Promise<void>
}

interface Kept extends OpenClone {
  readonly folder: string
}

export function createKeptClone(directory: CloneDirectory, engine: CloneEngine): KeptClone {
  const inTurn = createTurns()
  let kept: Kept | undefined

  const keep = async (next: Kept) => {
    const before = kept
    kept = { ...next, fresh: false }
    await before?.clone.close()
  }
  const keepNamed = async () => {
    const folder = await directory.inUse()
    if (folder === undefined || folder === kept?.folder) return undefined
    await keep({ folder, clone: engine.open(folder), fresh: false })
    return kept
  }
  const onFresh = async <T>(work: Work<T>): Promise<T> => {
    const folder = await directory.fresh()
    await engine.init(folder, work.signal)
    const next: Kept = { folder, clone: engine.open(folder), fresh: true }
    try {
      await work.prepare?.(next)
      const result = await work.run(next)
      await directory.adopt(folder)
      await keep(next)
      return result
    } catch (error) {
      await next.clone.close()
      await directory.remove(folder)
      throw error instanceof ReconcileError ? error : unreachable(messageOf(error), { cause: error })
    }
  }
  /** One at a time: of many readers that find the clone damaged, the first replaces it. */
  const again = <T>(failed: Kept | undefined, work: Work<T>) =>
    inTurn(async () => {
      const other = kept !== failed ? kept : await keepNamed()
      return other === undefined ? onFresh(work) : await attempt(other, work, () => onFresh(work))
    })

  return {
    use: async (work) => {
      if (kept === undefined) await inTurn(async () => void (kept ?? (await keepNamed())))
      const first = kept
      return first === undefined ? again(first, work) : attempt(first, work, () => again(first, work))
    },
    close: async () => {
      await kept?.clone.close()
      kept = undefined
    },
  }
}

async function attempt<T>(open: OpenClone, work: Work<T>, otherwise: () => Promise<T>): Promise<T> {
  try {
    return await work.run(open)
  } catch (error) {
    if (error instanceof ReconcileError || work.signal.aborted) throw error
    return otherwise()
  }
}
