import { stringify } from 'yaml'
import { draftOfHost, type HostDraft } from '../import/host/draft.ts'
import { findOnHost, type HostFound } from '../import/host/found.ts'
import { hazardsOnHost } from '../import/host/hazards.ts'
import { proveHostDraft } from '../import/host/prove.ts'
import { KINDS } from '../kinds/registry.ts'
import type { Desired } from '../model/desired.ts'
import { ReconcileError } from '../model/error.ts'
import type { HostImportOptions, HostImportReport, ImportNote } from '../model/import.ts'
import type { Target } from '../model/target.ts'
import type { Settings } from '../settings/settings.ts'
import { createMemorySource } from '../source/memory.ts'
import { folderOf } from './import-swarm.ts'
import type { Render } from './render.ts'

export interface HostImportContext {
  readonly target: Target
  readonly render: Render
  readonly settings: Pick<Settings, 'repository'>
}

/**
 * Survey, draft, proof, as for a Swarm: the drafted files are read as the engine reads any repository, and compared with
 * live. What would change anything is left out, with why, so that whatever is returned was proven.
 */
export async function importHost(
  options: HostImportOptions,
  { target, render, settings }: HostImportContext,
): Promise<HostImportReport> {
  const { name } = options.target
  if (!target.survey)
    throw new ReconcileError('Usage', { message: `${name} is no Host`, todo: `say: import swarm ${name}` })
  const found = findOnHost(name, await target.survey(options))
  const { draft, leftOut } = await provenDraft(found, options, render)
  const count = (kind: string): number => draft.things.filter((thing) => thing.kind === kind).length
  return {
    target: name,
    files: draft.files,
    counts: { units: count('Unit'), programs: count('Program'), files: count('File'), users: count('User') },
    owned: found.owned,
    notes: [...secretNotes(draft, found), ...placeNotes(draft)],
    leftOut: [...[...leftOut].map(([subject, message]) => ({ subject, message })), ...found.survey.apart],
    hazards: hazardsOnHost(found, draft.things),
    ...folderOf(settings.repository),
  }
}

const secretNotes = ({ proposed }: HostDraft, { secretFiles }: HostFound): readonly ImportNote[] =>
  [...proposed].map(([path, name]) => ({
    subject: `File/${path}`,
    message: `${secretFiles.get(path)?.forAll ? 'most likely holds secrets' : 'is not for everybody to read'}: its content is written nowhere; the settings can have it as the secret ${name}, its document waits as a comment`,
  }))

const placeNotes = ({ things }: HostDraft): readonly ImportNote[] =>
  things.flatMap((thing) =>
    thing.kind === 'Unit' && thing.path !== undefined
      ? [
          {
            subject: `Unit/${thing.name}`,
            message: `its file stays at ${thing.path} and is not declared; 'file:' would put one into /etc/systemd/system`,
          },
        ]
      : [],
  )

/** Each round leaves at least one thing out. */
const ROUNDS = 40

async function provenDraft(
  found: HostFound,
  options: HostImportOptions,
  render: Render,
): Promise<{ readonly draft: HostDraft; readonly leftOut: ReadonlyMap<string, string> }> {
  let leftOut = found.leftOut
  for (let round = 0; round < ROUNDS; round++) {
    const draft = draftOfHost(found, leftOut)
    const desired = await rendered(draft, found.target, { options, render })
    const failures = proveHostDraft(draft, desired, { found, kinds: KINDS })
    if (failures.size === 0) return { draft: readWhole(draft, desired), leftOut }
    leftOut = new Map([...leftOut, ...failures])
  }
  throw new ReconcileError('InvalidDesired', {
    message: `no documents were found that mean what is installed on ${found.target}`,
    todo: 'report this',
  })
}

/** @throws ReconcileError where something was not read, and nobody knows what that was */
function readWhole(draft: HostDraft, { problems }: Desired): HostDraft {
  const errors = problems.filter(({ severity }) => severity === 'error')
  if (errors.length === 0) return draft
  throw new ReconcileError('InvalidDesired', {
    message: 'the documents of what is installed cannot be read',
    todo: 'report this',
    problems: errors,
  })
}

/** What the files declare, alone in a repository with the host. */
async function rendered(
  draft: HostDraft,
  host: string,
  { options: { signal }, render }: { readonly options: HostImportOptions; readonly render: Render },
): Promise<Desired> {
  const source = createMemorySource({
    'swarmkeeper.yaml': stringify({ kind: 'Fleet', version: 1 }),
    'targets/host.yaml': stringify({ kind: 'Host', name: host, address: 'local' }),
    ...Object.fromEntries(draft.files.map(({ path, content }) => [path, content])),
  })
  return render(await source.read(await source.resolve({ signal }), { signal }))
}
