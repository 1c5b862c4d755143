import { type NormalizeContext, type Normalized, NormalizeProblem } from '../../model/kind.ts'
import type { Artifact } from '../../model/written/artifact.ts'
import { sha256Of } from '../content-digest.ts'
import { ownersUsed, placeOf } from '../ownership.ts'
import { exactlyOne } from '../written-values.ts'
import type { ArtifactSource, ArtifactSpec } from './spec.ts'

/** @throws NormalizeProblem */
export function normalizeArtifact(written: Artifact, context: NormalizeContext): Normalized<ArtifactSpec> {
  exactlyOne(written, ['url', 'file'], '')
  const place = placeOf(written, '0755')
  const spec: ArtifactSpec = { ...place, source: sourceOf(written, context), sha256: written.sha256 }
  return { name: spec.path, spec, uses: ownersUsed(spec, context) }
}

function sourceOf({ url, file, sha256 }: Artifact, context: NormalizeContext): ArtifactSource {
  if (url !== undefined) return { url: addressOf(url) }
  const found = sha256Of(context.file(file ?? '', '/file'))
  if (found !== sha256) throw new NormalizeProblem('/sha256', `the file has sha256 ${found}`)
  return { blob: context.opaque({ file: file ?? '' }, '/file').secret }
}

function addressOf(url: string): string {
  if (!URL.canParse(url)) throw new NormalizeProblem('/url', `'${url}' is no address`)
  const { username, password } = new URL(url)
  if (username === '' && password === '') return url
  throw new NormalizeProblem(
    '/url',
    'the address has a name or a password in it: whoever reads the repository has them',
  )
}
