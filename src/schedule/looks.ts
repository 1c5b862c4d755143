import type { View } from '../engine/view.ts'

/** The newest look, for those who ask what is so: a new one where something was written since. */
export interface Looks {
  newest(nudge: () => void): Promise<View>
  /** A look begins: whoever asks from now on may have changed something that it does not see. */
  begin(): void
  done(view: View): void
  failed(error: unknown): void
  outdated(): void
}

interface Waiting {
  resolve(view: View): void
  reject(error: unknown): void
}

export function createLooks(): Looks {
  let current: View | undefined
  let isOutdated = true
  /** Something was written while the look was taken. */
  let wasDisturbed = false
  let waiting: Waiting[] = []
  let served: Waiting[] = []
  return {
    newest: (nudge) => {
      if (current && !isOutdated) return Promise.resolve(current)
      const asked = new Promise<View>((resolve, reject) => waiting.push({ resolve, reject }))
      nudge()
      return asked
    },
    begin: () => {
      served = [...served, ...waiting]
      waiting = []
      wasDisturbed = false
    },
    done: (view) => {
      current = view
      isOutdated = wasDisturbed
      for (const one of served.splice(0)) one.resolve(view)
    },
    failed: (error) => {
      isOutdated = true
      for (const one of [...served.splice(0), ...waiting.splice(0)]) one.reject(error)
    },
    outdated: () => {
      isOutdated = true
      wasDisturbed = true
    },
  }
}
