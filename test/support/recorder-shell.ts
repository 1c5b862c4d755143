import { PassThrough } from 'node:stream'
import { Sensitive } from '../../src/model/sensitive.ts'
import type { Ran, RunOptions, Shell } from '../../src/shell/shell.ts'

/** What a command was given; `[REDACTED]` where its input is a secret. */
export interface RecordedRun {
  readonly words: readonly string[]
  readonly stdin: string
  readonly become: boolean
}

interface Answer {
  readonly code?: number
  readonly stdout?: string
  readonly stderr?: string
}

export interface RecorderShell extends Shell {
  readonly runs: readonly RecordedRun[]
}

/** A shell without a machine: it writes down what it is asked to run, and answers what the test says. */
export function createRecorderShell(answer: (run: RecordedRun) => Answer = () => ({})): RecorderShell {
  const runs: RecordedRun[] = []
  const record = (words: readonly string[], { stdin = '', become = true }: Partial<RunOptions>): Ran => {
    const text = stdin instanceof Sensitive ? String(stdin) : Buffer.from(stdin).toString('utf8')
    const run = { words, stdin: text, become }
    runs.push(run)
    const { code = 0, stdout = '', stderr = '' } = answer(run)
    return { code, signal: undefined, stdout: Buffer.from(stdout), stderr: Buffer.from(stderr) }
  }
  return {
    where: 'the recorder',
    root: true,
    runs,
    run: async (words, options) => record(words, options),
    stream: async (words) => new PassThrough().end(record(words, {}).stdout),
    openUnixSocket: async () => new PassThrough(),
    openTcp: async () => new PassThrough(),
    dispose: async () => {},
  }
}
