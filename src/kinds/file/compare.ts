import type { FieldDiff } from '../../model/live.ts'
import { compareEntry } from '../ownership.ts'
import { jsonDiffs } from './json-merge.ts'
import type { FileLive, FileSpec } from './spec.ts'
import { jsonOf, textOf } from './text.ts'

/** Nothing runs in a file: what reacts to it has a trigger (rule 4). */
export function compareFile(spec: FileSpec, live: FileLive): readonly FieldDiff[] {
  const entry = compareEntry(spec, live, 'file')
  return live.type === 'file' ? [...entry, ...compareContent(spec, live)] : entry
}

function compareContent({ content }: FileSpec, live: FileLive): readonly FieldDiff[] {
  const path = '/content'
  if (content === undefined) return []
  if ('mac' in content) return live.mac === content.mac ? [] : [{ path, opaque: true, effect: 'none' }]
  if ('sha256' in content) {
    if (live.sha256 === content.sha256) return []
    return [{ path, from: shown(live), to: textOf(content.base64) ?? `sha256:${content.sha256}`, effect: 'none' }]
  }
  const json = jsonOf(live.base64)
  if ('why' in json) return [{ path, from: `no JSON object: ${json.why}`, to: content.merge, effect: 'none' }]
  return jsonDiffs(json.value, content.merge, live.owns ?? []).map(({ pointer, from, to }) => ({
    path: `${path}${pointer}`,
    from,
    to,
    effect: 'none' as const,
  }))
}

/** What it was before is not shown where it may have been a secret, which has no digest either. */
const shown = ({ base64, sha256 }: FileLive): unknown =>
  (base64 === undefined ? undefined : textOf(base64)) ?? (sha256 === undefined ? undefined : `sha256:${sha256}`)
