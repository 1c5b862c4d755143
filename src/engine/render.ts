import { createHmac } from 'node:crypto'
import { stackComposite } from '../compose/expand/stack-composite.ts'
import { composeSchemas } from '../compose/load/schema.ts'
import type { Documents } from '../desired/document.ts'
import { agentComposite } from '../desired/expand/agent-composite.ts'
import { alertRulesComposite } from '../desired/expand/alert-rules.ts'
import type { Composite } from '../desired/expand/composite.ts'
import { expandDesired } from '../desired/expand/expand.ts'
import { hostComposite } from '../desired/expand/hosts.ts'
import type { RenderSources, SecretOf } from '../desired/expand/render.ts'
import { createParseCache } from '../desired/parse-cache.ts'
import { fromRoot } from '../desired/places.ts'
import { readDocuments } from '../desired/read-documents.ts'
import { compileSchemas } from '../desired/schemas.ts'
import { normalizeHost } from '../kinds/host/normalize.ts'
import { HOST_KINDS } from '../kinds/host-registry.ts'
import { KINDS } from '../kinds/registry.ts'
import { loadComposeSchemas, loadSchemas } from '../lib/load-schemas.ts'
import type { Desired } from '../model/desired.ts'
import { digestOf } from '../model/digest.ts'
import type { Problem } from '../model/problem.ts'
import { Sensitive } from '../model/sensitive.ts'
import type { Snapshot } from '../model/source.ts'
import { normalizeCheckedQuery } from './checked-query.ts'
import { createBlobCache, openRepository } from './repository-files.ts'
import { readRuleFile } from './rule-files.ts'

const CACHE_BYTES = 256 * 1024 * 1024

/** What the operator's settings add to a revision. */
export interface RenderSettings {
  /** 32 bytes: identity of secret content is an HMAC under it (rule 9). */
  readonly key: Sensitive
  readonly secrets: ReadonlyMap<string, Sensitive>
}

/** `target/Kind/name` as people write it -> the app that it belongs to, by the record. */
type Owners = ReadonlyMap<string, string>

export type Render = (snapshot: Snapshot, owners?: Owners) => Promise<Desired>

/** From a snapshot to what it declares. Parsed files and blobs are kept by object id from one revision to the next. */
export const createRender = (settings: RenderSettings): Render => createRenders(settings).render

export interface Renders {
  readonly render: Render
  /**
   * For what nobody has reviewed (architecture, section 4): it knows the MACs of secrets that a reviewed revision declares
   * the same way, and of no other content. Whoever guesses a secret in a pull request is not told that the guess is right
   * (SEC-9, SEC-11).
   */
  readonly sealed: Render
}

export function createRenders(settings: RenderSettings): Renders {
  const schemas = compileSchemas(loadSchemas())
  const composites = [
    stackComposite(composeSchemas(loadComposeSchemas())),
    agentComposite,
    alertRulesComposite(readRuleFile),
    ...[...HOST_KINDS.keys()].map(hostComposite),
  ]
  const works: Works = { schemas, composites, cache: createParseCache(), blobs: createBlobCache(CACHE_BYTES) }
  const { reviewed, sealed } = createSecretMacs(settings.key)
  const { secrets } = settings
  const mac = (parts: readonly (string | Uint8Array)[]) => macOf(settings.key, parts)
  const named = new Sensitive('')
  const settingsSecret = (name: string) => (secrets.has(name) ? named : undefined)
  return {
    render: renderWith(works, { mac, secretMac: reviewed, settingsSecret: (name) => secrets.get(name) }),
    sealed: renderWith(works, { mac, secretMac: sealed, settingsSecret }),
  }
}

/** MACs of the secrets that reviewed revisions declare, by their documents and where their content comes from. */
function createSecretMacs(key: Sensitive): Readonly<Record<'reviewed' | 'sealed', (of: SecretOf) => string>> {
  const known = new Map<string, string>()
  const keyOf = ({ parts, secret }: SecretOf): string => JSON.stringify([...parts, secret])
  return {
    reviewed: (of) => {
      const mac = macOf(key, [...of.parts, of.content])
      known.delete(keyOf(of))
      known.set(keyOf(of), mac)
      for (const oldest of known.keys()) if (known.size > SECRETS_KEPT) known.delete(oldest)
      return mac
    },
    sealed: (of) => known.get(keyOf(of)) ?? macOf(key, ['not read', ...of.parts, of.secret]),
  }
}

const SECRETS_KEPT = 20_000

/** What all renderings share. */
interface Works {
  readonly schemas: ReturnType<typeof compileSchemas>
  readonly composites: readonly Composite[]
  readonly cache: ReturnType<typeof createParseCache>
  readonly blobs: ReturnType<typeof createBlobCache>
}

type Secrets = Omit<RenderSources, 'files'>

function renderWith({ schemas, composites, cache, blobs }: Works, sources: Secrets): Render {
  /** Files that the last revision referred to: most likely this one does, too. */
  let expected: ReadonlySet<string> = new Set()
  const rendered = new Map<string, Promise<Desired>>()
  const render = async (snapshot: Snapshot, owners: Owners): Promise<Desired> => {
    const repository = await openRepository(snapshot, blobs, expected)
    const read = await repository.complete((files) => readDocuments({ files, schemas, cache }))
    const documents = withRefused(read, snapshot)
    const desired = await repository.complete((files) =>
      expandDesired({
        ...{ documents, kinds: KINDS, composites, normalizeHost, files },
        ...{ normalizeCheck: normalizeCheckedQuery, ...sources, owners },
      }),
    )
    expected = repository.asked
    return desired
  }
  return (snapshot, owners = new Map()) => {
    const key = `${snapshot.revision.tree} ${snapshot.root ?? ''} ${digestOf([...owners])}`
    const known = rendered.get(key)
    const next = known ?? render(snapshot, owners)
    // The tip is asked for at every tick: plans of many pull requests between them do not push it out.
    rendered.delete(key)
    rendered.set(key, next)
    if (known) return known
    // Only what could be rendered is kept, and of that the last few revisions.
    next.catch(() => rendered.delete(key))
    for (const oldest of [...rendered.keys()].slice(0, -8)) rendered.delete(oldest)
    return next
  }
}

/** By which a key is known again: nothing of it can be told from this. */
export const printOf = (key: Sensitive): string => macOf(key, ['swarmkeeper', 'key']).slice(0, 32)

/** Every part with its length before it: no two lists of parts have the same text. */
function macOf(key: Sensitive, parts: readonly (string | Uint8Array)[]): string {
  const mac = createHmac('sha256', key.reveal())
  for (const part of parts) {
    const bytes = Buffer.from(part)
    mac.update(`${bytes.length}:`).update(bytes)
  }
  return mac.digest('hex')
}

/**
 * What stands in the tree and is not read (a symlink, say) is an error of the app that it stands in, whether something
 * refers to it or not. Outside of the root it concerns only who refers to it.
 */
function withRefused(documents: Documents, snapshot: Snapshot): Documents {
  if (snapshot.refused.length === 0) return documents
  const told = new Set(documents.problems.map((problem) => problem.position.path))
  const untold = snapshot.refused.filter(({ path }) => !told.has(path))
  const refused = untold.flatMap(({ path, message }): readonly Problem[] => {
    const place = fromRoot(path, snapshot.root)
    if (place === undefined) return []
    const app = appOf(place)
    const position = { path, line: 1, column: 1 }
    const severity = app !== undefined || place.startsWith('targets/') ? 'error' : 'warning'
    return [{ severity, position, pointer: '', message, ...(app ? { app } : {}) }]
  })
  const broken = new Set([...documents.broken, ...refused.flatMap((problem) => problem.app ?? [])])
  return { ...documents, problems: [...refused, ...documents.problems], broken }
}

const appOf = (path: string): string | undefined => /^apps\/([^/]+)\/./.exec(path)?.[1]
