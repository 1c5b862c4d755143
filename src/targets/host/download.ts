import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { messageOf, ReconcileError } from '../../model/error.ts'
import type { CallOptions } from '../../model/target.ts'
import { nameOf, type OpenUrl, openUrl, type Reach } from './open-url.ts'

/** A file at an address, and what it must be. */
interface Remote {
  readonly url: string
  /** Hex. */
  readonly sha256: string
}

/** @throws ReconcileError `ArtifactUnavailable`, and the signal's reason */
export type Download = (remote: Remote, options: CallOptions) => Promise<Buffer>

export interface DownloadsOptions {
  /** Absolute; made where it is missing. What is in it is ours, by digest, and may be removed at any time. */
  readonly directory: string
  /** The addresses of a host that may be asked; rejects where the operator's settings allow none of them (SEC-19). */
  readonly reach: Reach
  /** Of one file. Default 512 MiB. */
  readonly maxBytes?: number
  /** Of all that is kept; what was not used for longest goes first. Default 2 GiB. */
  readonly cacheBytes?: number
  /** Default 15 minutes, and a minute without a byte. */
  readonly timeouts?: { readonly wholeMs: number; readonly idleMs: number }
  /** Certificate authorities beside those of Node.js, as PEM. */
  readonly ca?: string
}

const MIB = 1024 * 1024
const TIMEOUTS = { wholeMs: 15 * 60_000, idleMs: 60_000 }

interface Cache extends Required<Omit<DownloadsOptions, 'ca' | 'reach'>> {
  readonly open: OpenUrl
}

/** Files by digest: each is downloaded once, however many hosts get it, and checked before anything reads it. */
export function createDownloads(options: DownloadsOptions): Download {
  const { reach, ca, ...rest } = options
  const open: OpenUrl = (url, call) => openUrl(url, { ...call, reach, ...(ca === undefined ? {} : { ca }) })
  const cache = { maxBytes: 512 * MIB, cacheBytes: 2048 * MIB, timeouts: TIMEOUTS, ...rest, open }
  const running = new Map<string, Promise<void>>()
  return async (remote, { signal }) => {
    signal.throwIfAborted()
    const path = join(cache.directory, remote.sha256)
    if (!(await isWhole(path, remote.sha256))) {
      const work = running.get(remote.sha256) ?? fetchInto(path, remote, { cache, signal })
      running.set(remote.sha256, work)
      await work.finally(() => running.delete(remote.sha256))
    }
    const now = new Date()
    await utimes(path, now, now)
    return readFile(path)
  }
}

async function isWhole(path: string, sha256: string): Promise<boolean> {
  const hash = createHash('sha256')
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk)
  } catch {
    return false // not there, or not readable: it is downloaded
  }
  return hash.digest('hex') === sha256
}

interface Fetching extends CallOptions {
  readonly cache: Cache
}

/** Written beside its place and renamed: what stands there is whole, whoever was killed. */
async function fetchInto(path: string, { url, sha256 }: Remote, { cache, signal }: Fetching): Promise<void> {
  await mkdir(cache.directory, { recursive: true, mode: 0o700 })
  await removeLeftovers(cache.directory)
  const temporary = `${path}.${randomBytes(6).toString('hex')}.part`
  const timeout = AbortSignal.timeout(cache.timeouts.wholeMs)
  try {
    const response = await cache.open(url, {
      signal: AbortSignal.any([signal, timeout]),
      idleMs: cache.timeouts.idleMs,
    })
    const found = await receive(response, temporary, cache.maxBytes)
    if (found !== sha256) {
      throw unavailable(url, `what came has the sha256 ${found}, and the document says ${sha256}`)
    }
    await rename(temporary, path)
    await makeRoom(cache, sha256)
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof ReconcileError) throw error
    const late = timeout.aborted ? `it did not come within ${cache.timeouts.wholeMs / 1000} s` : messageOf(error)
    throw unavailable(url, late, error)
  } finally {
    await rm(temporary, { force: true })
  }
}

function unavailable(url: string, why: string, cause?: unknown): ReconcileError {
  return new ReconcileError('ArtifactUnavailable', { message: `${nameOf(url)}: ${why}`, retryable: true, cause })
}

/** Its sha256. */
async function receive(response: IncomingMessage, path: string, maxBytes: number): Promise<string> {
  const tooLarge = () => new Error(`it has more than ${maxBytes} bytes`)
  if (Number(response.headers['content-length'] ?? 0) > maxBytes) throw tooLarge()
  const file = await open(path, 'wx', 0o600)
  const hash = createHash('sha256')
  let length = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > maxBytes) throw tooLarge()
      hash.update(chunk)
      await file.writeFile(chunk)
    }
    if (!response.complete) throw new Error('the connection ended in the middle of it')
    await file.sync()
  } finally {
    response.destroy()
    await file.close()
  }
  return hash.digest('hex')
}

const HOUR_MS = 3_600_000

/** Of a process that was killed; an hour old, so that nothing that another one writes is touched. */
async function removeLeftovers(directory: string): Promise<void> {
  for (const { name, at } of await filesOf(directory)) {
    if (name.endsWith('.part') && Date.now() - at > HOUR_MS) await rm(join(directory, name), { force: true })
  }
}

async function makeRoom({ directory, cacheBytes }: Cache, keep: string): Promise<void> {
  const files = (await filesOf(directory)).filter(({ name }) => /^[0-9a-f]{64}$/.test(name))
  let room = cacheBytes - files.reduce((sum, { size }) => sum + size, 0)
  for (const { name, size } of files.sort((a, b) => a.at - b.at)) {
    if (room >= 0) return
    if (name === keep) continue
    await rm(join(directory, name), { force: true })
    room += size
  }
}

async function filesOf(directory: string) {
  const names = await readdir(directory)
  const found = await Promise.all(names.map((name) => stat(join(directory, name)).catch(() => undefined)))
  return names.flatMap((name, at) => {
    const file = found[at]
    return file ? [{ name, size: file.size, at: file.mtimeMs }] : []
  })
}
