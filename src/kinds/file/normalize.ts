import { type NormalizeContext, type Normalized, NormalizeProblem } from '../../model/kind.ts'
import type { File } from '../../model/written/file.ts'
import { sha256Of } from '../content-digest.ts'
import { ownersUsed, placeOf } from '../ownership.ts'
import { exactlyOne, texts } from '../written-values.ts'
import { envLines } from './env-lines.ts'
import { ownedPointers } from './json-merge.ts'
import type { FileContent, FileSpec, JsonObject } from './spec.ts'

/** What a spec may carry: it stands in the database and in plans. Larger things are Artifacts. */
const LARGEST = 1024 * 1024

/** @throws NormalizeProblem */
export function normalizeFile(written: File, context: NormalizeContext): Normalized<FileSpec> {
  const source = exactlyOne(written, ['content', 'file', 'env', 'json', 'secret'], '')
  const place = placeOf(written, source === 'secret' ? '0600' : '0644')
  if (source === 'secret' && /[4-7]$/.test(place.mode)) {
    context.warn('/mode', `with mode ${place.mode} every user of the host can read this secret`)
  }
  const spec: FileSpec = { ...place, content: contentOf(written, source, context) }
  return { name: spec.path, spec, uses: ownersUsed(spec, context) }
}

type Source = 'content' | 'file' | 'env' | 'json' | 'secret'

function contentOf(written: File, source: Source, context: NormalizeContext): FileContent {
  if (source === 'json') return { merge: mergeOf((written.json?.merge ?? {}) as JsonObject) }
  if (source === 'secret') return secretOf(written.secret ?? {}, context)
  if (source === 'env') return whole(Buffer.from(envLines(texts(written.env), '/env')), '/env')
  if (source === 'file') return whole(context.file(written.file ?? '', '/file'), '/file')
  return whole(Buffer.from(written.content ?? ''), '/content')
}

/** A key that no object of JavaScript can hold in the usual way: nobody means it. */
function mergeOf(merge: JsonObject): JsonObject {
  if (ownedPointers(merge).every((pointer) => !pointer.split('/').includes('__proto__'))) return merge
  throw new NormalizeProblem('/json/merge', "'__proto__' is no key that is merged")
}

function secretOf({ file, from }: NonNullable<File['secret']>, context: NormalizeContext): FileContent {
  if (file !== undefined) return context.opaque({ file }, '/secret/file')
  return context.opaque({ settings: (from ?? '').replace(/^settings:/, '') }, '/secret/from')
}

function whole(content: Buffer, pointer: string): FileContent {
  if (content.length <= LARGEST) return { base64: content.toString('base64'), sha256: sha256Of(content) }
  throw new NormalizeProblem(
    pointer,
    `the content has ${content.length} bytes; a File takes ${LARGEST}: use an Artifact`,
  )
}
