import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { runCheck } from '../apply/checks/run-check.ts'
import { parseSecretReference } from '../desired/expand/secret-reference.ts'
import { KINDS } from '../kinds/registry.ts'
import type { CheckResult, CheckSpec } from '../model/check.ts'
import type { Clock } from '../model/clock.ts'
import { InternalError, ReconcileError } from '../model/error.ts'
import type { Emit } from '../model/events.ts'
import { Sensitive } from '../model/sensitive.ts'
import type { Snapshot, Source } from '../model/source.ts'
import type { Store } from '../model/store.ts'
import type { Target } from '../model/target.ts'
import type { Collaborators } from '../reconcile/engine.ts'
import type { Settings } from '../settings/settings.ts'
import { createGitSource } from '../source/git-source.ts'
import { askSent } from './ask-sent.ts'
import { gitAccess } from './credentials.ts'
import { withLocalWords } from './local-repository.ts'
import { createRenders, printOf, type Render } from './render.ts'
import { withRoot } from './rooted-source.ts'
import { holderOf } from './stores.ts'
import { createTargets, type Targets } from './targets.ts'

export interface WorldOptions {
  readonly clock: Clock
  readonly emit: Emit
  /** User id of this process, for a host that is this machine. Absent: not root. */
  readonly uid?: number
  /** In place of the configured repository, for a test. */
  readonly source?: Source
}

/** The adapters of one process: the repository, the targets, and what renders and reveals. */
export interface World {
  readonly settings: Settings
  readonly options: WorldOptions
  readonly source: Source
  readonly targets: Targets
  readonly render: Render
  /** For what nobody has reviewed: no secret is ever taken from what it reads, nor looked at. */
  readonly renderUntrusted: Render
  reveal(secret: string): Promise<Sensitive>
  dispose(): Promise<void>
}

export function createWorld(settings: Settings, options: WorldOptions): World {
  const { clock } = options
  const access = gitAccess(settings.repository)
  const opened = options.source ?? withLocalWords(openSource(settings, access.options, clock), settings.repository)
  const source = withRoot(opened, settings.repository.path)
  const targets = createTargets({ settings, clock, random, uid: options.uid ?? -1 })
  const dispose = async (): Promise<void> => {
    await targets.dispose()
    await source.dispose()
    access.dispose()
  }
  return { settings, options, source, targets, ...rendering(settings), dispose }
}

function openSource(settings: Settings, access: ReturnType<typeof gitAccess>['options'], clock: Clock): Source {
  const { url, branch } = settings.repository
  mkdirSync(dirname(settings.cache), { recursive: true, mode: 0o700 })
  // The whole repository: environments share by `extends` what stands beside them.
  return createGitSource({ url, branch, directory: settings.cache, clock, ...access })
}

/** Rendering and revealing share the snapshots: a secret file is a blob of one of them. */
function rendering(settings: Settings): Pick<World, 'render' | 'renderUntrusted' | 'reveal'> {
  const { render, sealed } = createRenders(settings)
  const snapshots: Snapshot[] = []
  return {
    renderUntrusted: sealed,
    render: (snapshot, owners) => {
      snapshots.unshift(snapshot)
      snapshots.length = Math.min(snapshots.length, SNAPSHOTS_KEPT)
      return render(snapshot, owners)
    },
    reveal: async (secret) => {
      const reference = parseSecretReference(secret)
      const fromSettings = reference?.type === 'settings' ? settings.secrets.get(reference.name) : undefined
      if (fromSettings) return fromSettings
      const content = reference?.type === 'blob' ? await blobIn(snapshots, reference.oid) : undefined
      if (content) return new Sensitive(content)
      throw new ReconcileError('InvalidSettings', {
        message: `the content of the secret '${secret}' is not at hand`,
        todo: 'put it back into the settings or the repository',
      })
    },
  }
}

/** The tip, a pinned revision, last good, a folder that a person gave: a secret may come from any of them. */
const SNAPSHOTS_KEPT = 8

async function blobIn(snapshots: readonly Snapshot[], oid: string): Promise<Buffer | undefined> {
  for (const snapshot of snapshots) {
    const content = await snapshot.blob(oid).catch((error: unknown) => {
      if (error instanceof ReconcileError) return undefined
      throw error
    })
    if (content) return content
  }
  return undefined
}

const random = (): number => randomBytes(4).readUInt32BE() / 2 ** 32
const newId = (): string => randomBytes(9).toString('base64url')

/** `write`: in the name of the database's holder. */
export function collaborators(world: World, store: Store, write: 'read' | 'write' = 'read'): Collaborators {
  const { settings, options, source } = world
  return {
    install: settings.install,
    keyPrint: printOf(settings.key),
    holder: write === 'write' ? holderOf(store, settings.database, newId) : 'a reader',
    kinds: KINDS,
    store,
    source,
    clock: options.clock,
    emit: options.emit,
    random,
    newId,
    openTarget: world.targets.open,
    render: world.render,
    reveal: world.reveal,
    runCheck: (check, { signal, targets }) =>
      runCheck(check, {
        signal,
        clock: options.clock,
        allowed: settings.allowedAddresses,
        runCommand: (command, call) => runCommand(command, targets, call),
        askPrometheus: async (asked, call) =>
          askSent(asked, { store, clock: options.clock, settings }) ?? (await askTarget(asked, targets, call)),
        openFrom: (name) => targets.get(name)?.openTcp,
      }),
    appsAtOnce: settings.parallelApps,
  }
}

/** A Prometheus answers by itself (src/targets/prometheus). */
async function askTarget(
  check: CheckSpec,
  targets: ReadonlyMap<string, Target>,
  call: { readonly signal: AbortSignal },
): Promise<CheckResult> {
  const name = 'target' in check.probe ? check.probe.target : undefined
  const target = name === undefined ? undefined : targets.get(name)
  if (target?.runCheck) return target.runCheck(check, call)
  return { name: check.name, ok: false, message: `${name ?? 'nobody'} answers no queries` }
}

function runCommand(
  check: Parameters<Collaborators['runCheck']>[0],
  targets: ReadonlyMap<string, Target>,
  call: { readonly signal: AbortSignal },
): ReturnType<Collaborators['runCheck']> {
  const target = 'target' in check.probe ? targets.get(check.probe.target) : undefined
  if (!target?.runCheck) throw new InternalError(`no target runs the command of ${check.name}`)
  return target.runCheck(check, call)
}
