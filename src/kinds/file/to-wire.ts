import { InternalError } from '../../model/error.ts'
import { mergeJson, ownedPointers } from './json-merge.ts'
import type { FileLive, FileSpec } from './spec.ts'

export interface FileToWire {
  /** Of a secret. */
  readonly content?: Uint8Array
  /** What is there, to merge into; undefined: nothing. */
  readonly live?: FileLive
}

/** The bytes to write, and what the host's record keeps of them beside their digest. */
export interface FileWrite {
  readonly bytes: Buffer
  readonly mac?: string
  readonly owns?: readonly string[]
}

/** Merging into what is no JSON object throws; `refusalOfFile` says so before. */
export function fileToWire({ path, content }: FileSpec, { content: revealed, live }: FileToWire): FileWrite {
  if (content === undefined) throw new InternalError(`the content of ${path} is not ours`)
  if ('sha256' in content) return { bytes: Buffer.from(content.base64, 'base64') }
  if ('mac' in content) {
    if (!revealed) throw new InternalError(`the content of ${path} was not revealed`)
    return { bytes: Buffer.from(revealed), mac: content.mac }
  }
  const text = live?.base64 === undefined ? undefined : Buffer.from(live.base64, 'base64').toString('utf8')
  const merged = mergeJson(text, content.merge, live?.owns ?? [])
  return { bytes: Buffer.from(merged), owns: ownedPointers(content.merge) }
}
