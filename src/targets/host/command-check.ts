import type { CheckResult, CheckSpec } from '../../model/check.ts'
import { messageOf } from '../../model/error.ts'
import type { CallOptions } from '../../model/target.ts'
import type { Shell } from '../../shell/shell.ts'

const SHOWN = 200
const MAX_BYTES = 64 * 1024

/** One attempt of a command check, as root and in no shell: passes on exit code 0. Its words say what it printed last. */
export async function runHostCheck(check: CheckSpec, shell: Shell, { signal }: CallOptions): Promise<CheckResult> {
  const { name, probe, timeoutMs } = check
  if (probe.type !== 'host-command') {
    return { name, ok: false, message: 'the command names an image, and a host runs none: leave `image` out' }
  }
  const variables = Object.entries(probe.env).map(([key, value]) => `${key}=${value}`)
  const words = variables.length > 0 ? ['env', ...variables, ...probe.command] : probe.command
  try {
    const { code, stdout, stderr } = await shell.run(words, { signal, timeoutMs, maxBytes: MAX_BYTES })
    if (code === 0) return { name, ok: true, message: `${probe.command[0]} ended with 0` }
    const said = lastLine(stderr.toString('utf8')) || lastLine(stdout.toString('utf8'))
    return { name, ok: false, message: `${probe.command[0]} ended with ${code ?? 'a signal'}${said && `: ${said}`}` }
  } catch (error) {
    signal.throwIfAborted()
    return { name, ok: false, message: `the command could not be run: ${messageOf(error)}` }
  }
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.slice(0, SHOWN) ?? ''
