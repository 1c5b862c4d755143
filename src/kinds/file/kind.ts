import type { Kind } from '../../model/kind.ts'
import type { File } from '../../model/written/file.ts'
import { footingOfPath } from '../footing.ts'
import { fileHeld, PATH_NAMES } from '../host-path.ts'
import { entryAsApplied, refusalOfEntry } from '../ownership.ts'
import { compareFile } from './compare.ts'
import { mergeJson, ownedPointers } from './json-merge.ts'
import { normalizeFile } from './normalize.ts'
import type { FileContent, FileLive, FileSpec } from './spec.ts'
import { jsonOf } from './text.ts'

export const fileKind: Kind<File, FileSpec, FileLive> = {
  name: 'File',
  names: PATH_NAMES,
  rank: 14,
  normalize: normalizeFile,
  compare: compareFile,
  asApplied: (spec) => ({ ...entryAsApplied(spec, 'file'), ...contentAsApplied(spec.content) }),
  suspend: () => undefined,
  stampless: true,
  inert: true,
  inOrder: true,
  footing: footingOfPath,
  holds: ({ path }) => [fileHeld(path)],
}

function contentAsApplied(content: FileContent | undefined): Partial<FileLive> {
  if (content === undefined) return {}
  if ('mac' in content) return { mac: content.mac }
  if ('sha256' in content) return content
  const text = mergeJson(undefined, content.merge, [])
  return { base64: Buffer.from(text).toString('base64'), owns: ownedPointers(content.merge) }
}

/** Why this cannot be written over what is there, or undefined. */
export function refusalOfFile(spec: FileSpec, live: FileLive): string | undefined {
  const refusal = refusalOfEntry(spec, live)
  if (refusal) return refusal
  if (live.type !== 'file') return `${spec.path} is there, and no file: ${live.type}`
  if (spec.content === undefined || !('merge' in spec.content)) return undefined
  const json = jsonOf(live.base64)
  return 'value' in json ? undefined : `nothing can be merged into ${spec.path}, which is no JSON object: ${json.why}`
}
