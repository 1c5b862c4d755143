import { ReconcileError } from '../model/error.ts'
import type { Collaborators, RunOptions } from './engine.ts'
import type { FleetLive } from './observe.ts'

/** The word with which a person says that another key is meant. */
const keyGuard = (print: string): string => `key:${print.slice(0, 8)}`

/**
 * All identity of secret content is a MAC under the operator's key (rule 9): under another one every secret and config
 * looks changed, and everything that uses one would restart. So the key is known again by a MAC of a constant, which the
 * database keeps, and, for the day that it is lost, each target's record.
 * @throws ReconcileError `InvalidSettings`
 */
export function checkKey(engine: Collaborators, live: Pick<FleetLive, 'records'>, options: RunOptions): void {
  const { keyPrint: print, store } = engine
  if (print === undefined) return
  const fleet = store.fleet()
  const other = otherKey(print, fleet.keyPrint, live)
  if (other !== undefined && !(options.confirm ?? []).includes(keyGuard(print))) throw anotherKey(print, other)
  if (!options.readOnly && fleet.keyPrint !== print) store.putFleet({ ...fleet, keyPrint: print })
}

export const isKeyGuard = (name: string, { keyPrint }: Pick<Collaborators, 'keyPrint'>): boolean =>
  keyPrint !== undefined && name === keyGuard(keyPrint)

/** Who knows another key; the database's word counts before that of a target, which may have been away. */
function otherKey(
  print: string,
  known: string | undefined,
  { records }: Pick<FleetLive, 'records'>,
): string | undefined {
  if (known !== undefined) return known === print ? undefined : 'the database'
  return [...records].find(([, { key }]) => key !== undefined && key !== print)?.[0]
}

const anotherKey = (print: string, other: string): ReconcileError =>
  new ReconcileError('InvalidSettings', {
    message: `the \`key\` of the settings is not the one that ${other} was written with: every secret and config would look changed`,
    todo:
      'put the old key back; if it is lost or leaked, ' +
      `\`swarmkeeper apply --confirm ${keyGuard(print)}\` begins with this one, and restarts what uses a secret or config`,
  })
