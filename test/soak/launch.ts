import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import type { Launched } from '../support/live-daemon.ts'
import type { Measured } from './daemon.ts'

export interface Soaked extends Launched {
  measure(): Promise<Measured>
}

/** Starts `daemon.ts` of this folder, with its lines in a file. */
export async function launchSoaked(
  settingsFile: string,
  of: { readonly speed: number; readonly logFile: string },
): Promise<Soaked> {
  const program = new URL(import.meta.url.endsWith('.ts') ? 'daemon.ts' : 'daemon.js', import.meta.url)
  const child = fork(program, [settingsFile, String(of.speed)], {
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  child.stdout?.pipe(createWriteStream(of.logFile))
  const exited = once(child, 'exit')
  const { url } = (await answer(child)) as { readonly url: string }
  return {
    url,
    measure: async () => {
      child.send('measure')
      return (await answer(child)) as Measured
    },
    stop: async () => {
      child.kill('SIGTERM')
      await exited
    },
  }
}

async function answer(child: ChildProcess): Promise<unknown> {
  const over = new AbortController()
  const died = once(child, 'exit', { signal: over.signal }).then(([code]) => {
    throw new Error(`the daemon ended with ${code}`)
  })
  died.catch(() => undefined)
  try {
    const [message] = await Promise.race([once(child, 'message', { signal: over.signal }), died])
    return message
  } finally {
    over.abort()
  }
}
