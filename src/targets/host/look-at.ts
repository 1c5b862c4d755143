import type { FileSpec } from '../../kinds/file/spec.ts'
import type { PlacedSpec } from '../../kinds/ownership.ts'
import { ReconcileError } from '../../model/error.ts'
import { makeId, partsOf, type ResourceId } from '../../model/id.ts'
import type { Observed } from '../../model/live.ts'
import { Sensitive } from '../../model/sensitive.ts'
import type { CallOptions, TargetRecord } from '../../model/target.ts'
import { runScript } from '../../shell/script.ts'
import type { Shell } from '../../shell/shell.ts'
import { type HostFacts, readFacts } from './facts.ts'
import { factsScript, type Question } from './facts-script.ts'
import { type Asked, isSecret, observedOf } from './look.ts'
import { TornError } from './path-facts.ts'
import { programFile } from './supervisord/look.ts'
import type { Supervisor } from './supervisord/reach.ts'

export interface Place {
  readonly name: string
  readonly install: string
  readonly shell: Shell
  readonly supervisor: Supervisor
}

export interface Looked {
  readonly of: ReadonlyMap<ResourceId, Observed>
  readonly facts: HostFacts
  readonly record: TargetRecord | undefined
  /** Of the record as it stands there; undefined: there is none. */
  readonly recordText: string | undefined
  /** What the host remembers of ours and nobody asked for. */
  readonly unasked: readonly ResourceId[]
}

export interface LookOptions extends CallOptions {
  /** What the host remembered at the last look. */
  readonly also?: readonly ResourceId[]
}

/** One channel; a second one only where the host remembers something of ours that was not asked for, nor known of. */
export async function lookAt(asked: readonly Asked[], place: Place, options: LookOptions): Promise<Looked> {
  const known = new Set(asked.map(({ id }) => id))
  const also = (options.also ?? []).filter((id) => !known.has(id)).map((id) => ({ id }))
  const first = await ask([...asked, ...also], place, options)
  const unasked = unaskedOf(asked, first, place)
  const before = new Set(also.map(({ id }) => id))
  const fresh = unasked.filter(({ id }) => !before.has(id))
  const rest = fresh.length > 0 ? await ask(fresh, place, options) : first
  const recordText = first.records.get(place.install)
  const record = recordText === undefined ? undefined : recordOf(recordText, place)
  const look = { install: place.install, record, supervisor: place.supervisor }
  const of = new Map([
    ...asked.map((one) => [one.id, observedOf(one, { ...look, facts: first })] as const),
    ...unasked.map((one) => [one.id, observedOf(one, { ...look, facts: before.has(one.id) ? first : rest })] as const),
  ])
  return { of, facts: first, record, recordText, unasked: unasked.map(({ id }) => id) }
}

async function ask(asked: readonly Asked[], place: Place, options: CallOptions): Promise<HostFacts> {
  const question = questionOf(asked, place.supervisor)
  try {
    return await askFor(factsScript(question), place, options)
  } catch (error) {
    if (!(error instanceof TornError)) throw error
  }
  return askFor(factsScript(question, 1), place, options).catch((error: unknown) => {
    if (!(error instanceof TornError)) throw error
    const message = `${place.shell.where}: ${error.message} changes while it is read`
    throw new ReconcileError('TargetUnreachable', { message, retryable: true, cause: error })
  })
}

async function askFor(text: string, { shell, supervisor }: Place, { signal }: CallOptions): Promise<HostFacts> {
  const script = { text: supervisor.login ? new Sensitive(text) : text, args: ['look'] }
  const ran = await runScript(shell, script, { signal, maxBytes: 64 * 1024 * 1024 })
  if (ran.code !== 0) {
    const said = ran.stderr.toString('utf8').trim().slice(-500)
    throw new ReconcileError('TargetRefused', { message: `${shell.where}: it cannot be looked at: ${said}` })
  }
  return readFacts(ran.stdout.toString('utf8'), shell.where)
}

/** Of what is secret no content is asked for. */
function questionOf(asked: readonly Asked[], supervisor: Supervisor): Question {
  const of = (...kinds: readonly string[]) => asked.filter(({ id }) => kinds.includes(partsOf(id).kind))
  const names = (kind: string) => of(kind).map(({ id }) => partsOf(id).name)
  const isText = ({ id, spec }: Asked) =>
    partsOf(id).kind === 'File' && (spec as FileSpec | undefined)?.content !== undefined && !isSecret(spec)
  return {
    units: names('Unit'),
    paths: [
      ...of('File', 'Directory', 'Artifact').map((one) => ({
        path: partsOf(one.id).name,
        // what has none is asked with what has
        content: isText(one) || partsOf(one.id).kind === 'Directory',
        symlinks: (one.spec as Partial<PlacedSpec> | undefined)?.symlinks ?? 'refuse',
      })),
      ...names('Program').map((name) => ({
        path: programFile(supervisor.programs, name),
        content: true,
        symlinks: 'refuse' as const,
      })),
    ],
    users: names('User'),
    groups: names('Group'),
    ...(of('Program').length > 0 ? { supervisor } : {}),
  }
}

function unaskedOf(asked: readonly Asked[], { owned }: HostFacts, { name, install }: Place): readonly Asked[] {
  if (owned === 'denied') return []
  const known = new Set(asked.map(({ id }) => id))
  const mine = [...owned.values()].flat().filter((entry) => entry.install === install)
  return mine
    .map((entry) => ({ id: makeId({ target: name, kind: entry.kind, name: entry.name }) }))
    .filter(({ id }) => !known.has(id))
}

function recordOf(text: string, { shell, install }: Place): TargetRecord {
  try {
    return JSON.parse(text) as TargetRecord
  } catch (cause) {
    const message = `${shell.where}: the record of the install '${install}' is no JSON`
    throw new ReconcileError('RecordDisagrees', { message, cause })
  }
}
