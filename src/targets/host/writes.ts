import type { ArtifactLive, ArtifactSpec } from '../../kinds/artifact/spec.ts'
import type { DirectorySpec } from '../../kinds/directory/spec.ts'
import { refusalOfFile } from '../../kinds/file/kind.ts'
import type { FileLive, FileSpec } from '../../kinds/file/spec.ts'
import { fileToWire } from '../../kinds/file/to-wire.ts'
import type { GroupSpec } from '../../kinds/group/spec.ts'
import { groupToWire } from '../../kinds/group/to-wire.ts'
import { type LiveEntry, type Ownership, type PlacedSpec, refusalOfEntry } from '../../kinds/ownership.ts'
import type { UnitLive, UnitSpec } from '../../kinds/unit/spec.ts'
import { unitToWire } from '../../kinds/unit/to-wire.ts'
import type { UserLive, UserSpec } from '../../kinds/user/spec.ts'
import { userToWire } from '../../kinds/user/to-wire.ts'
import { ReconcileError } from '../../model/error.ts'
import type { Wanted } from '../../model/resource.ts'
import { quoteWords } from '../../shell/words.ts'
import type { ChangeScript } from './apply-script.ts'
import { type Entry, keyOf, lineOf, sha256Of } from './entry.ts'

export interface WriteInput {
  readonly to: Wanted
  /** What the last look saw; undefined: nothing is there. */
  readonly live: unknown
  /** Revealed, or downloaded. */
  readonly content?: Uint8Array
}

const words = (...all: readonly string[]): string => quoteWords(all)
const base64 = (content: string | Uint8Array): string => Buffer.from(content).toString('base64') || "''"
const note = (word: 'note' | 'intend', { to }: WriteInput, more: Partial<Entry> = {}): string =>
  `${word} ${keyOf(to.id)} ${base64(lineOf(entryFor(to, more)))}`

const entryFor = ({ kind, id, app, digest, spec }: Wanted, more: Partial<Entry>): Entry => ({
  kind,
  name: (spec as { readonly path?: string }).path ?? (spec as { readonly name?: string }).name ?? id,
  app,
  digest,
  ...more,
})

type Writer = (input: WriteInput) => ChangeScript

/** What makes the host as the spec says. */
export function writeOf(input: WriteInput): ChangeScript {
  const writer = WRITERS[input.to.kind]
  if (writer) return writer(input)
  throw new ReconcileError('TargetRefused', { message: `${input.to.id}: hosts take no ${input.to.kind} yet` })
}

/** Ours from now on, and nothing else: adoption and move. */
export function claimOf(input: WriteInput): ChangeScript {
  const { to, live } = input
  const key = keyOf(to.id)
  const then = [note('note', input, rememberedOf(to, live))]
  const { name } = to.spec as UnitSpec
  return { first: [], daemonReload: false, last: to.kind === 'Unit' ? [...then, `ran ${key} ${words(name)}`] : then }
}

/** What the entry knows of a thing that is as its document says. */
function rememberedOf({ kind, spec }: Wanted, live: unknown): Partial<Entry> {
  switch (kind) {
    case 'Unit': {
      const { dropIns, program, triggers } = spec as UnitSpec
      return {
        unit: { dropIns: Object.keys(dropIns), program: (live as UnitLive | undefined)?.program ?? program, triggers },
      }
    }
    case 'User':
      return { user: { groups: (spec as UserSpec).groups } }
    case 'File': {
      const { sha256, mac, owns } = (live ?? {}) as Partial<FileLive>
      return { file: { ...(sha256 ? { sha256 } : {}), ...(mac ? { mac } : {}), ...(owns ? { owns } : {}) } }
    }
    default:
      return {}
  }
}

const WRITERS: Readonly<Record<string, Writer>> = {
  Unit: writeUnit,
  File: writeFile,
  Artifact: writeArtifact,
  Directory: writeDirectory,
  User: (input) => {
    const spec = input.to.spec as UserSpec
    const made = userToWire(spec, input.live as UserLive | undefined)
    const user = { groups: spec.groups }
    return simple(input, made ? [words(...made)] : [], { user })
  },
  Group: (input) => simple(input, input.live ? [] : [words(...groupToWire(input.to.spec as GroupSpec))], {}),
}

const simple = (input: WriteInput, steps: readonly string[], more: Partial<Entry>): ChangeScript => ({
  first: [note('intend', input, more), ...steps],
  daemonReload: false,
  last: [note('note', input, more)],
})

function refuse(why: string | undefined): void {
  if (why !== undefined) throw new ReconcileError('Conflict', { message: why })
}

const ownerWord = ({ owner, group }: Ownership): string => words(group === undefined ? owner : `${owner}:${group}`)
/** Asked again on the host, right before the write: the path may be another by then (SEC-2). */
const guardOf = ({ path, symlinks }: PlacedSpec): readonly string[] =>
  symlinks === 'follow' ? [] : [`plain ${words(path)}`]

/** What is meant to be followed is written where it leads to: the symlink stays. */
const pathWord = ({ path, symlinks }: PlacedSpec): string =>
  symlinks === 'follow' ? `"$(realpath -m -- ${words(path)})"` : words(path)

function writeFile(input: WriteInput): ChangeScript {
  const spec = input.to.spec as FileSpec
  const live = input.live as FileLive | undefined
  refuse(live && refusalOfFile(spec, live))
  const { bytes, mac, owns } = fileToWire(spec, {
    ...(input.content ? { content: input.content } : {}),
    ...(live ? { live } : {}),
  })
  const file = { sha256: sha256Of(bytes), ...(mac ? { mac } : {}), ...(owns ? { owns } : {}) }
  const seen = live === undefined ? '-' : live.sha256
  return simple(
    input,
    [
      ...guardOf(spec),
      ...(seen === undefined ? [] : [`is ${pathWord(spec)} ${seen}`]),
      `put ${pathWord(spec)} ${spec.mode} ${ownerWord(spec)} ${base64(bytes)}`,
    ],
    { file },
  )
}

function writeArtifact(input: WriteInput): ChangeScript {
  const spec = input.to.spec as ArtifactSpec
  const live = input.live as ArtifactLive | undefined
  refuse(live && refusalOfEntry(spec, live))
  const place = `${pathWord(spec)} ${spec.mode} ${ownerWord(spec)}`
  if (input.content && sha256Of(input.content) !== spec.sha256) {
    refuse(`what was read for ${spec.path} has the digest ${sha256Of(input.content)}, and not ${spec.sha256}`)
  }
  const step = input.content ? `put ${place} ${base64(input.content)}` : `again ${place} ${spec.sha256}`
  return simple(input, [...guardOf(spec), step], {})
}

function writeDirectory(input: WriteInput): ChangeScript {
  const spec = input.to.spec as DirectorySpec
  const live = input.live as LiveEntry | undefined
  refuse(live && refusalOfEntry(spec, live))
  const path = pathWord(spec)
  const steps = [
    `[ -d ${path} ] || mkdir -- ${path}`,
    `chown -- ${ownerWord(spec)} ${path}`,
    `chmod -- ${spec.mode} ${path}`,
  ]
  return simple(input, [...guardOf(spec), ...steps], {})
}

function writeUnit(input: WriteInput): ChangeScript {
  const { to } = input
  const spec = to.spec as UnitSpec
  const live = input.live as UnitLive | undefined
  const write = unitToWire(spec, live)
  const folder = `/etc/systemd/system/${spec.name}.d`
  const unit = { dropIns: Object.keys(spec.dropIns), program: spec.program, triggers: spec.triggers }
  return {
    first: [
      ...(write.files.length > 0 ? [...draftsOf(spec), `verify ${words(spec.name)}`] : []),
      ...(live ? [] : [`is ${words(`/etc/systemd/system/${spec.name}`)} -`]),
      note('intend', input),
      ...(Object.keys(spec.dropIns).length > 0 ? [`mkdir -p -m 0755 -- ${words(folder)}`] : []),
      ...write.files.flatMap(({ path, text }) => [
        `plain ${words(path)}`,
        `put ${words(path)} 0644 root:root ${base64(text)}`,
      ]),
      ...write.removed.map((path) => `take ${words(path)}`),
    ],
    daemonReload: write.daemonReload || write.removed.length > 0,
    last: [
      ...write.systemctl.map(([verb = '', ...rest]) =>
        verb === 'reload' ? `reload ${words(spec.name)}` : `act ${verb} ${words(rest.at(-1) ?? spec.name)}`,
      ),
      note('note', input, { unit }),
      `ran ${keyOf(to.id)} ${words(spec.name)}`,
    ],
  }
}

function draftsOf({ name, file, dropIns }: UnitSpec): readonly string[] {
  const drafts = Object.entries(dropIns).map(
    ([conf, text]) => `draft ${words(name, `${name}.d/${conf}`)} ${base64(text)}`,
  )
  const whole =
    file === undefined
      ? `cp -- "$(systemctl show -p FragmentPath --value -- ${words(name)})" "$work"/${words(name)}`
      : `draft ${words(name, name)} ${base64(file)}`
  return [whole, ...drafts]
}
