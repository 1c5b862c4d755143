import type { ArtifactSpec } from '../../kinds/artifact/spec.ts'
import { messageOf, ReconcileError } from '../../model/error.ts'
import type { ResourceId } from '../../model/id.ts'
import type { Change } from '../../model/plan.ts'
import type { Wanted } from '../../model/resource.ts'
import type { ApplyOptions, CallOptions, Unfit } from '../../model/target.ts'
import { runScript } from '../../shell/script.ts'
import type { Shell } from '../../shell/shell.ts'
import { upload } from '../../shell/upload.ts'
import { quoteWords } from '../../shell/words.ts'
import { FUNCTIONS, prelude } from './apply-script.ts'
import type { Download } from './download.ts'
import { RECORDS, sha256Of } from './entry.ts'
import { pathWord } from './path-word.ts'

export interface StockPlace {
  readonly install: string
  readonly shell: Shell
  /** Absent: nothing is downloaded here. */
  readonly download?: Download
}

type Bringing = CallOptions & Pick<ApplyOptions, 'reveal'>

export const artifactsOf = (changes: readonly Change[]): readonly Wanted<ArtifactSpec>[] =>
  changes.flatMap((change) =>
    'to' in change && change.to.kind === 'Artifact' && MAKES.has(change.action)
      ? [change.to as Wanted<ArtifactSpec>]
      : [],
  )

const MAKES: ReadonlySet<Change['action']> = new Set(['create', 'update', 'replace'])

/**
 * Brings to a host what it lacks of these, into a folder of ours: what comes from far, and may fail, is done before
 * anything is changed. What the host has kept, or has at the path, is not downloaded again.
 * Gives what could not be had. @throws what the shell throws: the host cannot be asked, or cannot hold it
 */
export async function stockArtifacts(
  wanted: readonly Wanted<ArtifactSpec>[],
  place: StockPlace,
  bringing: Bringing,
): Promise<ReadonlyMap<ResourceId, ReconcileError>> {
  const failures = new Map<ResourceId, ReconcileError>()
  for (const one of await lacked(wanted, place, bringing)) {
    try {
      await bring(one, place, bringing)
    } catch (error) {
      bringing.signal.throwIfAborted()
      if (error instanceof ReconcileError && error.reason === 'TargetUnreachable') throw error
      failures.set(one.id, unavailable(one, error))
    }
  }
  return failures
}

/**
 * Before the first write of the app: why it cannot work. A host that cannot be asked, or is written to by another, is found
 * again when it is to be changed.
 */
export async function prepareArtifacts(
  changes: readonly Change[],
  place: StockPlace,
  preparing: Bringing & Pick<ApplyOptions, 'guard'>,
): Promise<readonly Unfit[]> {
  const wanted = artifactsOf(changes)
  if (wanted.length === 0 || !place.shell.root) return []
  try {
    await preparing.guard()
    const lacking = await stockArtifacts(wanted, place, preparing)
    return [...lacking].map(([id, { reason, message }]) => ({ id, reason, message }))
  } catch (error) {
    preparing.signal.throwIfAborted()
    if (error instanceof ReconcileError) return []
    throw error
  }
}

const unavailable = ({ id }: Wanted, error: unknown): ReconcileError =>
  error instanceof ReconcileError
    ? error
    : new ReconcileError('ArtifactUnavailable', { message: `${id}: ${messageOf(error)}` })

/** What is left of an apply that never came to its end goes after a day. */
const PREPARE = `
mkdir -p -m 0700 -- "$base/incoming"
find "$base/incoming" -type f -mmin +1440 -delete
# has <path as written> <sha256> <path>
has() {
  for from in "$(incoming "$1" "$2")" "$(shelf "$3")/$2"; do
    if [ -f "$from" ]; then touch -- "$from"; return 0; fi
  done
  (is "$3" "$2") 2>/dev/null
}
`

async function lacked(
  wanted: readonly Wanted<ArtifactSpec>[],
  { install, shell }: StockPlace,
  { signal }: CallOptions,
): Promise<readonly Wanted<ArtifactSpec>[]> {
  if (wanted.length === 0) return []
  const asks = wanted.map(
    ({ spec }, at) => `has ${quoteWords([spec.path, spec.sha256])} ${pathWord(spec)} || echo lacks ${at}`,
  )
  const text = [FUNCTIONS, prelude(install), PREPARE, ...asks, 'echo end'].join('\n')
  const { stdout, stderr } = await runScript(shell, { text, args: ['stock'] }, { signal, timeoutMs: ASKING_MS })
  const lines = stdout.toString('utf8').split('\n')
  if (!lines.includes('end')) {
    const said = stderr.toString('utf8').trim().slice(-500)
    throw new ReconcileError('TargetRefused', {
      message: `${shell.where}: it cannot be asked what it has kept: ${said}`,
    })
  }
  return wanted.filter((_, at) => lines.includes(`lacks ${at}`))
}

/** It may have to read large files. */
const ASKING_MS = 300_000

async function bring({ spec }: Wanted<ArtifactSpec>, place: StockPlace, { signal, reveal }: Bringing): Promise<void> {
  const content = await contentOf(spec, place, { signal, reveal })
  const found = sha256Of(content)
  if (found !== spec.sha256) {
    const message = `what was read for ${spec.path} has the sha256 ${found}, and the document says ${spec.sha256}`
    throw new ReconcileError('ArtifactUnavailable', { message })
  }
  const path = `${RECORDS}/${place.install}/incoming/${sha256Of(spec.path).slice(0, 40)}-${spec.sha256}`
  // 200 kB a second, and a minute
  await upload(place.shell, { path, content, mode: '0600' }, { signal, timeoutMs: 60_000 + content.length / 200 })
}

async function contentOf(
  { source, sha256 }: ArtifactSpec,
  { download }: StockPlace,
  bringing: Bringing,
): Promise<Buffer> {
  if ('blob' in source) return (await bringing.reveal(source.blob)).reveal()
  if (download) return download({ url: source.url, sha256 }, bringing)
  throw new ReconcileError('ArtifactUnavailable', { message: 'nothing is downloaded here' })
}
