import { refusalOfFile } from '../../kinds/file/kind.ts'
import type { FileLive, FileSpec } from '../../kinds/file/spec.ts'
import { type LiveEntry, type PlacedSpec, refusalOfEntry } from '../../kinds/ownership.ts'
import type { ProgramLive } from '../../kinds/program/spec.ts'
import type { Clock } from '../../model/clock.ts'
import { ReconcileError } from '../../model/error.ts'
import { partsOf, type ResourceId } from '../../model/id.ts'
import type { Kinds } from '../../model/kind.ts'
import type { LiveState } from '../../model/live.ts'
import type { Change } from '../../model/plan.ts'
import type { CallOptions, Target, Unfit } from '../../model/target.ts'
import type { Shell } from '../../shell/shell.ts'
import { createSlots } from '../../shell/slots.ts'
import { applyOnHost } from './apply.ts'
import { prepareArtifacts } from './artifact-stock.ts'
import { runHostCheck } from './command-check.ts'
import type { Download } from './download.ts'
import { examineHost } from './examine.ts'
import { lookAt } from './look-at.ts'
import { behindSymlinks, unfounded } from './preflight.ts'
import { takeHostLease, writeHostRecord } from './record.ts'
import { createHostRuns } from './runs.ts'
import { diagnoseProgram, programLogs } from './supervisord/logs.ts'
import { DEFAULT_SUPERVISOR, type Supervisor } from './supervisord/reach.ts'
import { surveyHost } from './survey.ts'

export interface HostTargetOptions {
  readonly name: string
  readonly install: string
  readonly shell: Shell
  readonly clock: Clock
  readonly kinds: Kinds
  /** Where its supervisord is; as Debian's package has it where it is not said. */
  readonly supervisor?: Supervisor
  /** Of what artifacts name by address. */
  readonly download?: Download
}

/** A machine with systemd: one channel for a look, one script for a stage; nothing of ours runs there in between. */
export function createHostTarget(options: HostTargetOptions): Target {
  const { name, install, shell, clock, kinds, download, supervisor = DEFAULT_SUPERVISOR } = options
  const seen = new Map<ResourceId, string>()
  const turns = createSlots(1)
  const place = { name, install, shell, clock, kinds, supervisor, turns, seen, ...(download ? { download } : {}) }
  let recordText: string | undefined
  let remembered: readonly ResourceId[] = []
  const says = async (words: readonly string[], { signal }: CallOptions): Promise<string> => {
    const { code, stdout, stderr } = await shell.run(words, { signal })
    if (code === 0) return stdout.toString('utf8').trimEnd()
    throw new ReconcileError('TargetRefused', {
      message: `${shell.where}: ${stderr.toString('utf8').trim().slice(-500)}`,
    })
  }
  const journal = async (id: ResourceId, lines: number, options: CallOptions): Promise<readonly string[]> => {
    const { kind, name: unit } = partsOf(id)
    if (kind !== 'Unit') return []
    const words = ['journalctl', '--no-pager', '-o', 'short-iso', '-n', String(lines), `--unit=${unit}`]
    return (await says(words, options)).split('\n').filter((line) => line !== '')
  }
  const programOf = async (id: ResourceId, options: CallOptions): Promise<ProgramLive | undefined> => {
    const found = (await lookAt([{ id }], place, options)).of.get(id)
    return found?.state === 'present' ? (found.live as ProgramLive) : undefined
  }
  const said = async (id: ResourceId, lines: number, { read, ...options }: CallOptions & { readonly read: Read }) => {
    if (partsOf(id).kind !== 'Program') return journal(id, lines, options)
    const live = await programOf(id, options)
    return live ? read(live, place, { ...options, lines }) : []
  }
  return {
    name,
    identifiedBy: 'machine-id',
    identity: async (options) => machineIdOf(await says(['cat', '/etc/machine-id'], options), shell),
    observe: async (wanted, options) => {
      const looked = await lookAt(wanted, place, { ...options, also: remembered })
      const identity = machineIdOf(looked.facts.machineId, shell)
      recordText = looked.recordText
      remembered = looked.unasked
      for (const [id, seen] of looked.of) place.seen.set(id, seen.state === 'present' ? seen.version : '-')
      const facts = new Map([[name, looked.facts]])
      return { at: clock.now(), of: looked.of, facts, record: looked.record, identity }
    },
    survey: (options) => surveyHost(place, options),
    apply: (stage, applying) => applyOnHost(stage, applying, place),
    writeRecord: async (next, { signal }) => {
      recordText = await writeHostRecord(next, recordText, { place, signal })
    },
    lease: (holder, { signal }) => takeHostLease(holder, { place, clock, signal }),
    preflight: (changes, live) => (shell.root ? unfitOnHost(changes, live) : unfitWithoutRoot(changes, shell)),
    prepare: (changes, preparing) => prepareArtifacts(changes, place, preparing),
    resolveImage: async (reference, options) => {
      await says(['true'], options)
      throw new ReconcileError('ImageUnresolved', {
        message: `${name} is a host: it knows no images, nor ${reference}`,
      })
    },
    logs: (id, lines, options) => said(id, lines, { ...options, read: programLogs }),
    diagnose: (id, options) => said(id, 20, { ...options, read: diagnoseProgram }),
    time: async (options) => new Date(Number(await says(['date', '+%s%3N'], options))),
    runCheck: (check, options) => runHostCheck(check, shell, options),
    runs: createHostRuns(place),
    openTcp: (to, options) => shell.openTcp(to, options),
    examine: (options) => examineHost(place, options),
    dispose: () => shell.dispose(),
  }
}

/** An image that was never booted has none, or `uninitialized`: all its copies would be one machine (SEC-26). */
function machineIdOf(text: string, { where }: Shell): string {
  if (/^[0-9a-f]{32}$/.test(text)) return text
  throw new ReconcileError('TargetMismatch', {
    message: `${where}: its /etc/machine-id is '${text.slice(0, 40)}' and tells no machine from another`,
    todo: 'run `systemd-machine-id-setup` there',
  })
}

type Read = typeof programLogs

const PLACED = new Set(['File', 'Directory', 'Artifact'])

/** Nothing is tried that needs root, and all that we do to a host does. */
function unfitWithoutRoot(changes: readonly Change[], { where }: Shell): readonly Unfit[] {
  const message = `${where} is only looked at: its user is not root, and does not become root`
  return changes
    .filter(({ action }) => action !== 'unchanged')
    .map(({ id }) => ({ id, message, reason: 'RootRefused' }))
}

/** What would be refused on the host is said before anything is written (SEC-2). */
function unfitOnHost(changes: readonly Change[], live: LiveState): readonly Unfit[] {
  const refused = changes.flatMap((change) => {
    const seen = live.of.get(change.id)
    if (!('to' in change) || seen?.state !== 'present' || !PLACED.has(change.to.kind)) return []
    const { kind, spec } = change.to
    const message =
      kind === 'File'
        ? refusalOfFile(spec as FileSpec, seen.live as FileLive)
        : refusalOfEntry(spec as PlacedSpec, seen.live as LiveEntry)
    return message === undefined ? [] : [{ id: change.id, message, reason: 'Conflict' as const }]
  })
  return [...refused, ...behindSymlinks(changes, live), ...unfounded(changes, live)]
}
