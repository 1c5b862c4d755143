import { ReconcileError } from '../../model/error.ts'
import type { CallOptions } from '../../model/target.ts'
import type { Runtime } from '../../prometheus/answers.ts'
import { complaintsIn } from './journal.ts'
import type { Loaded } from './look.ts'
import type { Place } from './place.ts'

/** It was told; whether it did is seen. */
export interface Told {
  /** Has it read its configuration since? */
  isOver(runtime: Runtime): boolean
  /** Has it tried to, and could not? */
  hasFailed(runtime: Runtime): boolean
  /** How long that is waited for. */
  readonly withinMs: number
  /** Why it did not take it, in its own words. */
  refusal(): Promise<ReconcileError>
}

/** A signal is answered by nobody. */
const SIGNAL_MS = 30_000
/** It answers over HTTP once it is done; its rules take a moment to be listed. */
const LISTED_MS = 5_000

export async function tellToReload(before: Loaded, place: Place, options: CallOptions): Promise<Told> {
  return place.reload === 'http' ? byHttp(place, options) : bySignal(before, place, options)
}

/** @throws ReconcileError `TargetRefused`, with what its log says where that can be read */
async function byHttp(place: Place, options: CallOptions): Promise<Told> {
  const since = place.clock.now()
  const refusal = (said: string) => async () => new Refused(said, await complaintsIn(place, since, options))
  try {
    await place.prometheus.reload(options)
  } catch (error) {
    if (!(error instanceof ReconcileError) || error.reason !== 'TargetRefused') throw error
    const { reloadOk } = await place.prometheus.runtime(options)
    if (reloadOk === false) throw await refusal(error.message)()
    throw error
  }
  return {
    isOver: () => true,
    hasFailed: ({ reloadOk }) => reloadOk === false,
    withinMs: LISTED_MS,
    refusal: refusal('its configuration did not load'),
  }
}

async function bySignal({ runtime: before }: Loaded, place: Place, options: CallOptions): Promise<Told> {
  const since = place.clock.now()
  const { host, name } = place
  if (!host) {
    throw new ReconcileError('TargetRefused', {
      message: `the Prometheus '${name}' is told by a signal, and no host of the fleet is known that it runs on`,
      todo: 'write `rules: {host: …}` into its document, or `reload: http`',
    })
  }
  const words = ['systemctl', 'kill', '--kill-who=main', '--signal=HUP', host.unit]
  const { code, stderr } = await host.shell.run(words, options)
  if (code !== 0) {
    const said = stderr.toString('utf8').trim().slice(-500)
    throw new ReconcileError('TargetRefused', { message: `${host.shell.where}: ${words.join(' ')}: ${said}` })
  }
  return {
    isOver: ({ lastConfigTime, reloadOk }) => lastConfigTime !== before.lastConfigTime || reloadOk === undefined,
    hasFailed: ({ reloadOk }) => reloadOk === false && before.reloadOk !== false,
    withinMs: SIGNAL_MS,
    refusal: async () => new Refused('its configuration did not load', await complaintsIn(place, since, options)),
  }
}

/** It read its configuration, and did not take it. */
export class Refused extends ReconcileError {
  /** Of its log, where that can be read. */
  readonly complaints: readonly string[]

  constructor(said: string, complaints: readonly string[]) {
    super('TargetRefused', { message: [said, ...complaints].join('; ') })
    this.complaints = complaints
  }
}
