import type { ArtifactLive, ArtifactSpec } from '../../kinds/artifact/spec.ts'
import type { DirectorySpec } from '../../kinds/directory/spec.ts'
import { ownedPointers } from '../../kinds/file/json-merge.ts'
import { refusalOfFile } from '../../kinds/file/kind.ts'
import type { FileLive, FileSpec } from '../../kinds/file/spec.ts'
import { fileToWire } from '../../kinds/file/to-wire.ts'
import type { GroupSpec } from '../../kinds/group/spec.ts'
import { groupToWire } from '../../kinds/group/to-wire.ts'
import { type LiveEntry, type Ownership, type PlacedSpec, refusalOfEntry } from '../../kinds/ownership.ts'
import type { UnitLive, UnitSpec } from '../../kinds/unit/spec.ts'
import { unitToWire } from '../../kinds/unit/to-wire.ts'
import { isTemplate, parseUnitName } from '../../kinds/unit/unit-name.ts'
import type { UserLive, UserSpec } from '../../kinds/user/spec.ts'
import { userToWire } from '../../kinds/user/to-wire.ts'
import { ReconcileError } from '../../model/error.ts'
import type { Wanted } from '../../model/resource.ts'
import { quoteWords } from '../../shell/words.ts'
import type { ChangeScript, Lay, Note } from './apply-script.ts'
import { type Entry, keyOf, lineOf, sha256Of } from './entry.ts'
import { pathWord } from './path-word.ts'

export interface WriteInput {
  readonly to: Wanted
  /** What the last look saw; undefined: nothing is there. */
  readonly live: unknown
  /** Revealed, or downloaded. */
  readonly content?: Uint8Array
}

const words = (...all: readonly string[]): string => quoteWords(all)
const base64 = (content: string | Uint8Array): string => Buffer.from(content).toString('base64') || "''"
const noteOf = ({ to }: WriteInput, more: Partial<Entry> = {}): Note => ({
  key: keyOf(to.id),
  line: lineOf(entryFor(to, more)).trimEnd(),
})

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
export function claimOf(input: WriteInput, entry?: Entry): ChangeScript {
  const { to, live } = input
  const note = noteOf(input, rememberedOf(to, live, entry))
  const notes = to.kind === 'Unit' ? { ...note, ...startOf(to.spec as UnitSpec) } : note
  return { first: [], daemonReload: false, last: [], notes }
}

/** A template has no invocation that systemd would show. */
const startOf = ({ name }: UnitSpec): Pick<Note, 'run'> => (isTemplate(parseUnitName(name)) ? {} : { run: name })

/** What the entry knows of a thing that is as its document says. */
function rememberedOf({ kind, spec }: Wanted, live: unknown, entry: Entry | undefined): Partial<Entry> {
  switch (kind) {
    case 'Unit': {
      const { dropIns, program, triggers } = spec as UnitSpec
      return {
        unit: { dropIns: Object.keys(dropIns), program: (live as UnitLive | undefined)?.program ?? program, triggers },
      }
    }
    case 'User':
      return { user: { groups: (spec as UserSpec).groups } }
    case 'File':
      return { file: fileRemembered((spec as FileSpec).content, live as FileLive | undefined, entry) }
    default:
      return {}
  }
}

/** Of a secret the MAC says what it is, and the host alone knows the digest that goes with it (SEC-9). */
function fileRemembered(
  content: FileSpec['content'],
  live: FileLive | undefined,
  entry: Entry | undefined,
): NonNullable<Entry['file']> {
  if (content === undefined) return {}
  if ('mac' in content) return entry?.file?.mac === content.mac ? entry.file : {}
  const { sha256 } = live ?? {}
  return { ...(sha256 ? { sha256 } : {}), ...('merge' in content ? { owns: ownedPointers(content.merge) } : {}) }
}

const WRITERS: Readonly<Record<string, Writer>> = {
  Unit: writeUnit,
  File: writeFile,
  Artifact: writeArtifact,
  Directory: writeDirectory,
  User: writeUser,
  Group: writeGroup,
}

type Steps = Pick<ChangeScript, 'brings' | 'checks' | 'lays'> & { readonly steps?: readonly string[] }

const simple = (input: WriteInput, { steps = [], ...more }: Steps, entry: Partial<Entry> = {}): ChangeScript => ({
  ...more,
  intends: noteOf(input, entry),
  first: steps,
  daemonReload: false,
  last: [],
  notes: noteOf(input, entry),
})

function refuse(why: string | undefined): void {
  if (why !== undefined) throw new ReconcileError('Conflict', { message: why })
}

const ownerOf = ({ owner, group }: Ownership): string => (group === undefined ? owner : `${owner}:${group}`)

const placeWords = (spec: PlacedSpec): string => `${pathWord(spec)} ${spec.mode} ${words(ownerOf(spec))}`

/** How many earlier versions of a file stay on the host: people look for what was there before. */
const FILES_KEPT = 2

const layOf = (spec: PlacedSpec, content: Uint8Array): Lay => ({
  path: spec.path,
  mode: spec.mode,
  owner: ownerOf(spec),
  keep: FILES_KEPT,
  content,
})

function writeFile(input: WriteInput): ChangeScript {
  const spec = input.to.spec as FileSpec
  const live = input.live as FileLive | undefined
  refuse(live && refusalOfFile(spec, live))
  // `ignore: /content`: what is in it is left to whoever writes it
  if (spec.content === undefined) return simple(input, { steps: [`own ${placeWords(spec)}`] })
  const { bytes, mac, owns } = fileToWire(spec, {
    ...(input.content ? { content: input.content } : {}),
    ...(live ? { live } : {}),
  })
  const file = { sha256: sha256Of(bytes), ...(mac ? { mac } : {}), ...(owns ? { owns } : {}) }
  const seen = live === undefined ? '-' : live.sha256
  const checks = seen === undefined ? [] : [`is ${pathWord(spec)} ${seen}`]
  if (spec.symlinks === 'follow') {
    return simple(input, { checks, steps: [`put ${placeWords(spec)} ${FILES_KEPT} ${base64(bytes)}`] }, { file })
  }
  return simple(input, { checks, lays: [layOf(spec, bytes)] }, { file })
}

/** Its content was brought to the host before (`artifact-stock.ts`), or is still there. */
function writeArtifact(input: WriteInput): ChangeScript {
  const spec = input.to.spec as ArtifactSpec
  const live = input.live as ArtifactLive | undefined
  refuse(live && refusalOfEntry(spec, live))
  const { keep } = input.to.handling
  const checks = live === undefined ? [`is ${pathWord(spec)} -`] : []
  return simple(input, {
    brings: spec.path,
    checks,
    steps: [`again ${placeWords(spec)} ${keep} ${spec.sha256} ${words(spec.path)}`],
  })
}

function writeDirectory(input: WriteInput): ChangeScript {
  const spec = input.to.spec as DirectorySpec
  const live = input.live as LiveEntry | undefined
  refuse(live && refusalOfEntry(spec, live))
  return simple(input, { steps: [`folder ${placeWords(spec)}`] })
}

function writeUser(input: WriteInput): ChangeScript {
  const spec = input.to.spec as UserSpec
  const user = { groups: spec.groups }
  const made = userToWire(spec, input.live as UserLive | undefined)
  if (!made) return simple(input, { steps: [] }, { user })
  // its 8 is a process of that user, and no word of ours
  if (input.live !== undefined) return simple(input, { steps: [`${words(...made)} || exit 1`] }, { user })
  if (spec.group !== undefined) return simple(input, { steps: [words(...made)] }, { user })
  // its own group may be there already: useradd makes it, and takes none that exists
  const joined = userToWire({ ...spec, group: spec.name }, undefined) ?? []
  const step = `if getent group -- ${words(spec.name)} >/dev/null; then ${words(...joined)}; else ${words(...made)}; fi`
  return simple(input, { steps: [step] }, { user })
}

function writeGroup(input: WriteInput): ChangeScript {
  return simple(input, { steps: input.live ? [] : [words(...groupToWire(input.to.spec as GroupSpec))] })
}

function writeUnit(input: WriteInput): ChangeScript {
  const { to } = input
  const spec = to.spec as UnitSpec
  const live = input.live as UnitLive | undefined
  const { name, file, dropIns } = spec
  const write = unitToWire(spec, live)
  const unit = { dropIns: Object.keys(dropIns), program: spec.program, triggers: spec.triggers }
  const place = { mode: '0644', owner: 'root:root', keep: FILES_KEPT }
  return {
    ...(write.files.length > 0 ? { draft: { unit: name, file, dropIns } } : {}),
    checks: live ? [] : [`is ${words(`/etc/systemd/system/${name}`)} -`],
    intends: noteOf(input),
    first: [
      ...(Object.keys(dropIns).length > 0 ? [`mkdir -p -m 0755 -- ${words(`/etc/systemd/system/${name}.d`)}`] : []),
      ...write.removed.map((path) => `take ${words(path)}`),
    ],
    lays: write.files.map(({ path, text }) => ({ ...place, path, content: text })),
    daemonReload: write.daemonReload || write.removed.length > 0,
    acts: write.systemctl.map(([verb = '', ...rest]) => [verb, rest.at(-1) ?? name]),
    last: [],
    notes: { ...noteOf(input, { unit }), ...startOf(spec) },
  }
}
