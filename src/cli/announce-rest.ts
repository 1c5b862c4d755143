import { KINDS } from '../kinds/registry.ts'
import type { Wanted } from '../model/resource.ts'
import { describeDiff } from '../report/describe-change.ts'
import type { CliContext } from './context.ts'
import type { Session } from './session.ts'

/** What a suspension stops, and, as it expires, its undo: shown before it is done. */
export async function announceRest(
  context: CliContext,
  { engine, ask, paint }: Session,
  of: { readonly app: string; readonly forMs: number },
): Promise<void> {
  const { app } = of
  const wanted = (await engine.desired(ask)).apps.get(app)?.wanted ?? []
  const rests = wanted.flatMap(restOf)
  const ends = new Date(context.clock.now().getTime() + of.forMs).toISOString().replace(/\.\d+Z$/, 'Z')
  const until = `until ${ends}, or \`swarmkeeper resume ${app}\``
  const lines =
    rests.length === 0
      ? [`${app} declares nothing that can rest: nothing of it is stopped`]
      : [
          `a suspension of ${app} stops all tasks of:`,
          ...rests.map(({ id, stop }) => `  ${paint.bad('-')} ${id}  ${stop}`),
          `${until}; then they run again:`,
          ...rests.map(({ id, undo }) => `  ${paint.good('+')} ${id}  ${undo}`),
        ]
  context.err.write(`${lines.join('\n')}\n`)
}

interface Rest {
  readonly id: string
  readonly stop: string
  readonly undo: string
}

/** What cannot rest (a job, a network, a secret) stays as it is; what rests already, by its document, as well. */
function restOf({ id, kind: name, spec, handling }: Wanted): readonly Rest[] {
  const kind = KINDS.get(name)
  const atRest = handling.suspend ? undefined : kind?.suspend(spec)
  if (!kind || atRest === undefined) return []
  const asLive = (one: unknown): unknown => kind.asApplied?.(one) ?? one
  const told = (to: unknown, from: unknown): string =>
    kind
      .compare(to, asLive(from))
      .flatMap((diff) => describeDiff(diff))
      .join(', ')
  return [{ id, stop: told(atRest, spec), undo: told(spec, atRest) }]
}
