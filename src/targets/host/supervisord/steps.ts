import { compareProgram } from '../../../kinds/program/compare.ts'
import type { ProgramLive, ProgramRecord, ProgramSpec } from '../../../kinds/program/spec.ts'
import { type ProgramWrite, programToWire } from '../../../kinds/program/to-wire.ts'
import type { ResourceId } from '../../../model/id.ts'
import { quoteWords } from '../../../shell/words.ts'
import { keyOf, sha256Of } from '../entry.ts'
import { guardWords } from './ask-words.ts'
import { hexOf } from './look.ts'
import type { Supervisor } from './reach.ts'

/** What is done to one program file and its groups: words for the host before and after, and in between supervisord's. */
export interface ProgramStep {
  readonly id: ResourceId
  /** Intent, what runs until now, and the file; all of it or nothing. */
  readonly begin: readonly string[]
  /** supervisord reads its files again. */
  readonly reload: boolean
  readonly write: ProgramWrite
  /** Groups that the document declares: what `reloadConfig` calls changed of them is added again. */
  readonly declared: readonly string[]
  /** Brings the file back that was there before; undefined: nobody knows which. */
  readonly takeBack: readonly string[] | undefined
  /** The file goes: other people's mistakes in other files do not keep it. */
  readonly goes?: true
  readonly end: readonly string[]
}

export interface StepInput {
  readonly id: ResourceId
  readonly path: string
  readonly daemonStarted: number
  readonly live: ProgramLive | undefined
  readonly supervisor: Supervisor
}

/** Words that write the entry: as long as nothing is done, and when it is. */
interface Notes {
  readonly intend: string
  readonly note: string
}

export function stepOfWrite(spec: ProgramSpec, input: StepInput, notes: Notes): ProgramStep {
  const { id, path, daemonStarted } = input
  const live = input.live ?? { name: spec.name, groups: {}, owns: [] }
  const write = programToWire(spec, live)
  const before = write.file === undefined ? live.before : live.file === undefined ? '-' : sha256Of(live.file)
  const running = runningWith(spec, live, daemonStarted)
  const isNew = before === '-' && Object.keys(live.groups).length === 0
  const noted = isNew ? `forget ${keyOf(id)}` : runs(id, running)
  const back = before === undefined ? undefined : [...takeBack(path, before), noted]
  const groups = Object.fromEntries(Object.entries(spec.groups).map(([name, { config }]) => [name, config]))
  return {
    id,
    begin: [
      notes.intend,
      ...(write.file === undefined ? [] : [`is ${quoteWords([path])} ${before}`]),
      runs(id, before === undefined ? running : { ...running, before }),
      ...(write.file === undefined ? [] : [put(path, write.file)]),
      ...(back ? guardWords(input.supervisor, back) : []),
    ],
    reload: write.file !== undefined || write.added.length > 0 || write.removed.length > 0 || live.before !== undefined,
    write,
    declared: Object.keys(spec.groups),
    takeBack: back,
    end: [runs(id, { groups, triggers: spec.triggers, daemonStarted }), notes.note],
  }
}

/**
 * What runs until the groups are added again, and what those that are not there will be added with. So whatever is cut short
 * leaves a difference: a group that is not there, or one that runs with something else (rule 4).
 */
function runningWith(spec: ProgramSpec, live: ProgramLive, daemonStarted: number): ProgramRecord {
  const declared = Object.entries(spec.groups).map(([name, { config }]) => {
    const group = live.groups[name]
    return [name, group ? (group.config ?? '?') : config] as const
  })
  const gone = live.owns.filter((name) => live.groups[name] && !(name in spec.groups))
  const triggered = compareProgram(spec, live).some(({ path }) => path.startsWith('/triggers/'))
  return {
    groups: Object.fromEntries([...declared, ...gone.map((name) => [name, live.groups[name]?.config ?? '?'] as const)]),
    triggers: triggered ? (live.triggers ?? {}) : spec.triggers,
    daemonStarted,
  }
}

/** Versions kept for the way back. */
const KEEP = 2

const base64 = (text: string): string => Buffer.from(text).toString('base64')

const runs = (id: ResourceId, record: ProgramRecord): string =>
  `save "$base/owned/${keyOf(id)}.run" ${base64(`${hexOf(record)}\n`)}`

/** As it is there, or as Debian has such files: what secrets are in it is for its owner to hide. */
const put = (path: string, text: string): string => {
  const word = quoteWords([path])
  return `put ${word} ${modeOf(word)} ${ownerOf(word)} ${KEEP} ${base64(text) || "''"}`
}
const modeOf = (word: string): string => `"$(stat -c %a -- ${word} 2>/dev/null || echo 644)"`
const ownerOf = (word: string): string => `"$(stat -c %u:%g -- ${word} 2>/dev/null || echo root:root)"`

function takeBack(path: string, before: string): readonly string[] {
  const word = quoteWords([path])
  return before === '-' ? [`take ${word}`] : [`again ${word} ${modeOf(word)} ${ownerOf(word)} ${KEEP} ${before}`]
}

/** Ours from now on, and nothing is restarted for it. */
export function claimSteps(spec: ProgramSpec, { id, live, daemonStarted }: StepInput): readonly string[] {
  const groups = Object.entries(spec.groups).map(([name, { config }]) => [name, live?.groups[name]?.config ?? config])
  return [runs(id, { groups: Object.fromEntries(groups), triggers: live?.triggers ?? spec.triggers, daemonStarted })]
}

/** Its file first: until the groups are gone, the entry says what is left to take out. */
export function stepOfRemoval({ id, path, live }: StepInput): ProgramStep {
  const groups = Object.keys(live?.groups ?? {})
  return {
    id,
    begin: live?.file === undefined ? [] : [`take ${quoteWords([path])}`],
    reload: live !== undefined,
    write: { removed: groups, added: [], started: [], stopped: [] },
    declared: [],
    takeBack: undefined,
    goes: true,
    end: [`forget ${keyOf(id)}`],
  }
}
