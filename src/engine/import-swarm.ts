import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { binaryConfigs } from '../import/configs.ts'
import type { Decisions, Draft } from '../import/draft.ts'
import { draftOf } from '../import/draft.ts'
import { type Found, find } from '../import/found.ts'
import { hazardsOf, type Surroundings } from '../import/hazards.ts'
import { decideAgain, proveDraft } from '../import/prove.ts'
import { KINDS } from '../kinds/registry.ts'
import type { Desired } from '../model/desired.ts'
import { ReconcileError } from '../model/error.ts'
import type { ImportNote, ImportOptions, ImportReport } from '../model/import.ts'
import type { LiveState } from '../model/live.ts'
import type { Target } from '../model/target.ts'
import { adoptedNames, withAdoptedNames } from '../plan/adopted-names.ts'
import type { Settings } from '../settings/settings.ts'
import { createMemorySource } from '../source/memory.ts'
import type { SwarmFacts } from '../targets/swarm/facts.ts'
import type { Render } from './render.ts'

export interface ImportContext {
  readonly target: Target
  readonly render: Render
  readonly settings: Pick<Settings, 'repository'>
}

/**
 * Survey, draft, proof: the drafted files are read as the engine reads any repository, and compared with live. What
 * fails is written in its next form, and at last not at all, so that whatever is returned was proven.
 */
export async function importSwarm(
  options: ImportOptions,
  { target, render, settings }: ImportContext,
): Promise<ImportReport> {
  const { name } = options.target
  const live = await surveyOf(target, options)
  const found = find(name, live, options)
  const proven = await provenDraft(found, options, render)
  const { draft, decisions } = proven
  const imported = { ...found, services: found.services.filter((one) => draft.services.includes(one.live.name)) }
  return {
    target: name,
    files: draft.files,
    counts: {
      stacks: draft.stacks.length,
      services: draft.services.length,
      networks: draft.networks.length,
      secrets: draft.secrets.length,
      configs: draft.configs.length,
    },
    owned: found.owned,
    notes: [
      ...notesOf('Service/', decisions.apart, decisions.leftOut),
      ...notesOf('Network/', decisions.networksApart, decisions.leftOut),
      ...notesOf('Config/', decisions.configsApart, decisions.leftOut).filter((note) => isUsed(note, draft)),
    ],
    leftOut: notesOf('', decisions.leftOut, new Map()),
    hazards: hazardsOf(imported, surroundingsOf(live.facts.get(name))),
    ...folderOf(settings.repository),
  }
}

/** Where a person would put the files: only a repository on this machine has such a place. */
export function folderOf({ url, path }: Settings['repository']): { readonly folder?: string } {
  return url.startsWith('file://') ? { folder: join(fileURLToPath(url), path) } : {}
}

async function surveyOf(target: Target, { signal }: ImportOptions): Promise<LiveState> {
  if (target.survey) return target.survey({ signal })
  throw new ReconcileError('TargetRefused', {
    message: `${target.name} cannot list what it does not know`,
    todo: 'name a Swarm',
  })
}

const notesOf = (
  prefix: string,
  whys: ReadonlyMap<string, string>,
  without: ReadonlyMap<string, string>,
): readonly ImportNote[] =>
  [...whys]
    .map(([name, message]) => ({ subject: `${prefix}${name}`, message }))
    .filter(({ subject }) => !without.has(subject))

/** Each round takes at least one piece to its next form, and there are three forms. */
const ROUNDS = 12

async function provenDraft(
  found: Found,
  options: ImportOptions,
  render: Render,
): Promise<{ readonly draft: Draft; readonly decisions: Decisions }> {
  let decisions: Decisions = {
    apart: new Map(),
    networksApart: new Map(),
    configsApart: binaryConfigs(found),
    leftOut: new Map(),
  }
  for (let round = 0; round < ROUNDS; round++) {
    const draft = draftOf(found, decisions)
    const desired = await rendered(draft, found, { options, render })
    const failures = proveDraft(draft, desired, { found, kinds: KINDS })
    if (failures.length === 0) return { draft: readWhole(draft, desired), decisions }
    decisions = decideAgain(decisions, failures, draft, found)
  }
  throw new ReconcileError('InvalidDesired', {
    message: `no documents were found that mean what is live on ${found.target}`,
    todo: 'import a part of it with --stack or --service, and report this',
  })
}

/** @throws ReconcileError where something was not read, and nobody knows what that was */
function readWhole(draft: Draft, { problems }: Desired): Draft {
  const errors = problems.filter(({ severity }) => severity === 'error')
  if (errors.length === 0) return draft
  throw new ReconcileError('InvalidDesired', {
    message: 'the documents of what is live cannot be read',
    todo: 'import a part of it with --stack or --service, and report this',
    problems: errors,
  })
}

interface Rendering {
  readonly options: ImportOptions
  readonly render: Render
}

/** What the files declare, alone in a repository with the target and what is borrowed from the real one. */
async function rendered(
  draft: Draft,
  found: Found,
  { options: { target, signal }, render }: Rendering,
): Promise<Desired> {
  const texts = (documents: readonly unknown[]): string => documents.map((one) => stringify(one)).join('---\n')
  const source = createMemorySource({
    'swarmkeeper.yaml': stringify({ kind: 'Fleet', version: 1 }),
    'targets/target.yaml': stringify({ kind: 'Swarm', name: target.name, endpoints: ['unix:///var/run/docker.sock'] }),
    ...(draft.borrowed.length > 0 ? { 'apps/borrowed/borrowed.yaml': texts(draft.borrowed) } : {}),
    ...Object.fromEntries(draft.files.map(({ path, content }) => [path, content])),
  })
  const desired = await render(await source.read(await source.resolve({ signal }), { signal }))
  // Configs that are there under the names of their documents count as their present generations (rule 22).
  const names = adoptedNames({ apps: desired.apps, live: found.live.of, record: [], kinds: KINDS })
  return { ...desired, apps: withAdoptedNames(desired.apps, names, KINDS) }
}

const isUsed = ({ subject }: ImportNote, { configs }: Draft): boolean =>
  configs.some((name) => subject === `Config/${name}`)

function surroundingsOf(facts: unknown): Surroundings {
  const { nodes, volumes } = facts as SwarmFacts
  const names = new Map(nodes.map((node) => [node.ID, node.Description?.Hostname ?? node.ID]))
  return {
    nodes: nodes.length,
    volumes: new Map([...volumes].map(([volume, ids]) => [volume, ids.map((id) => names.get(id) ?? id)])),
  }
}
