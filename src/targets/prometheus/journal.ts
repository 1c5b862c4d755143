import { ReconcileError } from '../../model/error.ts'
import type { CallOptions } from '../../model/target.ts'
import type { Place } from './place.ts'

const LINES = 50
const MOST_SHOWN = 3
const LONGEST = 400
/** Its clock, and ours. */
const SLACK_MS = 5_000

/**
 * What it complained of in its log since then. Its API says only that something is wrong (`one or more errors occurred while
 * applying the new configuration`, cmd/prometheus/main.go); with what, its log does. Nothing where it cannot be read.
 */
export async function complaintsIn(
  { host }: Pick<Place, 'host'>,
  since: Date,
  options: CallOptions,
): Promise<readonly string[]> {
  const lines = await journalOf(host, since, options)
  const errors = lines.filter((line) => /\blevel=(error|ERROR)\b/.test(line))
  return [...new Set(errors.map(wordsOf))].slice(-MOST_SHOWN)
}

async function journalOf(host: Place['host'], since: Date, options: CallOptions): Promise<readonly string[]> {
  if (!host) return []
  const from = `--since=@${Math.floor((since.getTime() - SLACK_MS) / 1000)}`
  const words = ['journalctl', '--no-pager', '-o', 'cat', '-n', String(LINES), from, `--unit=${host.unit}`]
  try {
    const { code, stdout } = await host.shell.run(words, options)
    return code === 0 ? stdout.toString('utf8').split('\n') : []
  } catch (error) {
    options.signal.throwIfAborted()
    if (error instanceof ReconcileError) return []
    throw error
  }
}

/** Of a line in logfmt, what happened and why: `msg="loading groups failed" err="…"`. */
function wordsOf(line: string): string {
  const [, message = line] = /\bmsg=("(?:[^"\\]|\\.)*"|\S+)/.exec(line) ?? []
  const [, why = ''] = /\berr=("(?:[^"\\]|\\.)*"|\S+)/.exec(line) ?? []
  return [message, why]
    .filter((word) => word !== '')
    .map(unquoted)
    .join(': ')
    .slice(0, LONGEST)
}

function unquoted(word: string): string {
  try {
    return word.startsWith('"') ? String(JSON.parse(word)) : word
  } catch {
    return word
  }
}
