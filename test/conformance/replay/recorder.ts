import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { canonicalJson } from '../../../src/model/digest.ts'
import { dockerVersion, stackDeploy } from '../stacks/docker-cli.ts'
import { type EngineStandIn, type RecordedRequest, startEngine } from '../stacks/engine-stand-in.ts'
import type { Body } from '../stacks/meaning.ts'
import type { StackVersion } from './history.ts'

/** What the stock docker CLI sent for a version of a stack. */
export interface Recording {
  readonly accepted: boolean
  /** Last line of what it said, where it refused. */
  readonly message: string
  /** Bodies of the create requests. */
  readonly services: readonly Body[]
  readonly secrets: readonly Body[]
  readonly configs: readonly Body[]
}

/** Where every tree stands, as far as recordings tell. */
export const TREE = '/replay'

export interface RecordOptions {
  /** Kept between runs, by content. */
  readonly cache: string
  readonly variables: Readonly<Record<string, string>>
  /** How many docker CLIs run at once. */
  readonly parallel: number
  readonly blobs: ReadonlyMap<string, Buffer>
}

/** Recordings of all versions, in their order; what was recorded before is not recorded again. */
export async function recordAll(
  versions: readonly StackVersion[],
  options: RecordOptions,
): Promise<{ readonly recordings: readonly Recording[]; readonly fresh: number }> {
  const keys = await keysOf(versions, options)
  const missing = new Map(versions.map((version, index) => [keys[index] ?? '', version]))
  for (const key of keys) if (existsSync(fileOf(key, options))) missing.delete(key)
  mkdirSync(options.cache, { recursive: true, mode: 0o700 })
  const queue = [...missing]
  const workers = Math.min(options.parallel, queue.length)
  await Promise.all(Array.from({ length: workers }, () => work(queue, options)))
  const recordings = keys.map((key) => JSON.parse(readFileSync(fileOf(key, options), 'utf8')) as Recording)
  return { recordings, fresh: missing.size }
}

async function keysOf(versions: readonly StackVersion[], { variables }: RecordOptions): Promise<readonly string[]> {
  const version = await dockerVersion()
  return versions.map(({ path, files }) => {
    const all = { format: 1, version, variables, path, files: Object.fromEntries(files) }
    return createHash('sha256').update(canonicalJson(all)).digest('hex')
  })
}

const fileOf = (key: string, { cache }: RecordOptions): string => join(cache, `${key}.json`)

async function work(queue: (readonly [string, StackVersion])[], options: RecordOptions): Promise<void> {
  const engine = await startEngine()
  const folder = mkdtempSync(join(tmpdir(), 'swarmkeeper-replay-'))
  try {
    for (let next = queue.pop(); next; next = queue.pop()) {
      const [key, version] = next
      const tree = join(folder, key)
      const text = JSON.stringify(await recordOne(version, { tree, engine, options }))
      rmSync(tree, { recursive: true, force: true })
      const file = fileOf(key, options)
      writeFileSync(`${file}.${process.pid}`, text, { mode: 0o600 })
      renameSync(`${file}.${process.pid}`, file)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
    await engine.stop()
  }
}

async function recordOne(
  version: StackVersion,
  at: { readonly tree: string; readonly engine: EngineStandIn; readonly options: RecordOptions },
): Promise<Recording> {
  for (const [path, oid] of version.files) {
    const file = join(at.tree, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, at.options.blobs.get(oid) ?? '')
  }
  const files = { paths: [join(at.tree, version.path)], variables: at.options.variables }
  const { result, requests } = await stackDeploy(files, at.engine)
  const message = result.code === 0 ? '' : (result.err.trim().split('\n').at(-1) ?? '')
  const recording = { accepted: result.code === 0, message, ...bodiesOf(requests) }
  return JSON.parse(JSON.stringify(recording).replaceAll(at.tree, TREE)) as Recording
}

function bodiesOf(requests: readonly RecordedRequest[]): Pick<Recording, 'services' | 'secrets' | 'configs'> {
  const created = (what: string): readonly Body[] =>
    requests.filter(({ path }) => path === `/${what}/create`).map(({ body }) => body as Body)
  return { services: created('services'), secrets: created('secrets'), configs: created('configs') }
}
