import type { Reason } from '../../model/error.ts'
import type { Step, StepNote } from '../../model/target.ts'
import type { Ran } from '../../shell/shell.ts'
import type { ChangeScript } from './apply-script.ts'

export interface Outcome {
  readonly step: Step
  readonly note: StepNote
}

/** Of the lock of an install, that stayed taken for as long as a script waits for it. */
export const BUSY = 'a script of an earlier run still goes on there (a unit that starts slowly, mostly)'

/** Exit codes of the words of the script. */
const REASONS: Readonly<Record<string, Reason>> = {
  '8': 'Conflict',
  '9': 'VersionConflict',
  '10': 'DependencyNotReady',
}

/** What became of each change, by what the script printed until it ended, or was ended. */
export function outcomesOf({ stdout, stderr }: Ran, changes: readonly ChangeScript[]): readonly Outcome[] {
  const lines = stdout
    .toString('utf8')
    .split('\n')
    .map((line) => line.split(' '))
  const has = (word: string) => lines.some(([first]) => first === word)
  // No judgement of what was to be applied: the next apply goes on.
  if (has('busy')) return changes.map(() => failed(`nothing was written: ${BUSY}`, 'LeaseHeld'))
  if (has('full')) return changes.map(() => failed(`nothing can be written there: ${stderr.toString('utf8').trim()}`))
  const reload = lines.find(([word]) => word === 'reload')
  return changes.map(({ daemonReload }, at) => {
    const told = lines.filter(([word, which]) => (word === 'first' || word === 'last') && which === String(at))
    const bad = told.find(([, , code]) => code !== '0')
    if (bad) return failed(text64(bad[3]), REASONS[bad[2] ?? ''])
    if (told.length < 2)
      return { step: 'unknown', note: { reason: 'TargetUnreachable', message: 'its end was not seen' } }
    return reload && daemonReload ? failed(text64(reload[3])) : { step: 'applied', note: {} }
  })
}

const failed = (message: string, reason: Reason = 'TargetRefused'): Outcome => ({
  step: 'failed',
  note: { reason, message },
})

const text64 = (base64 = ''): string => Buffer.from(base64, 'base64').toString('utf8').trim()
