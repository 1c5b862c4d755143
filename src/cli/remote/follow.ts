import type { IncomingMessage } from 'node:http'
import type { Emit, EngineEvent } from '../../model/events.ts'
import { ask, type DaemonAddress } from './http.ts'

/** What a person who waits wants to see; a look and a plan of the daemon's ticks are none of theirs. */
const SHOWN: ReadonlySet<string> = new Set<EngineEvent['type']>([
  'guard:not-pending',
  'change',
  'proof:waiting',
  'check',
  'app:rolling-back',
])

/** How long a stream may take to begin: progress is a convenience, and nothing waits for it longer. */
const BEGIN_MS = 2_000
const LONGEST_LINE = 1024 * 1024

/** Shows progress while something is done by the daemon. What it cannot hear, it does not tell. */
export async function following<T>(
  { address, app, emit }: { readonly address: DaemonAddress; readonly app: string | undefined; readonly emit: Emit },
  signal: AbortSignal,
  body: () => Promise<T>,
): Promise<T> {
  const ends = new AbortController()
  const leave = (): void => ends.abort()
  signal.addEventListener('abort', leave, { once: true })
  const path = app === undefined ? '/events' : `/events?app=${encodeURIComponent(app)}`
  try {
    const stream = await ask(address, { method: 'GET', path, signal: ends.signal, silentMs: BEGIN_MS }).catch(
      () => undefined,
    )
    if (stream?.statusCode === 200) void listen(stream, emit)
    else stream?.destroy()
    return await body()
  } finally {
    signal.removeEventListener('abort', leave)
    leave()
  }
}

async function listen(stream: IncomingMessage, emit: Emit): Promise<void> {
  stream.socket.setTimeout(0)
  stream.setEncoding('utf8')
  let rest = ''
  try {
    for await (const chunk of stream as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      if (rest.length > LONGEST_LINE) return
      for (const line of lines) if (line.startsWith('data: ')) tell(line.slice('data: '.length), emit)
    }
  } catch {
    // It ended with what was waited for.
  }
}

function tell(data: string, emit: Emit): void {
  const event = JSON.parse(data) as EngineEvent
  if (SHOWN.has(event.type)) emit(event)
}
