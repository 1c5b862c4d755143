import type { NormalizeContext, Normalized } from '../../model/kind.ts'
import type { Config } from '../../model/written/config.ts'
import { CONFIG_LIMIT, checkSize, generationName } from '../generation.ts'
import { exactlyOne, labelTexts } from '../written-values.ts'
import type { ConfigContent, ConfigSpec } from './spec.ts'

/** What is external has no content and no live name of ours. @throws NormalizeProblem */
export function normalizeConfig(written: Config, context: NormalizeContext): Normalized<ConfigSpec> {
  exactlyOne(written, ['file', 'from', 'content', 'external'], '')
  const template = written.template ?? false
  const labels = labelTexts(written.labels, '/labels')
  if (written.external)
    return { name: undefined, spec: { name: written.name, labels, template, content: { base64: '' } }, uses: [] }
  const { content, mac } = contentOf(written, context)
  // A template cannot be switched on in place: it is part of the generation.
  const whole = template ? context.mac([context.target, 'Config', written.name, mac, 'template']) : mac
  const name = generationName(written.name, whole)
  return { name, spec: { name, labels, template, content }, uses: [] }
}

function contentOf(
  written: Config,
  context: NormalizeContext,
): { readonly content: ConfigContent; readonly mac: string } {
  if (written.from !== undefined) {
    const content = context.opaque({ settings: written.from.replace(/^settings:/, '') }, '/from')
    return { content, mac: content.mac }
  }
  const pointer = written.file === undefined ? '/content' : '/file'
  const bytes =
    written.file === undefined ? Buffer.from(written.content ?? '', 'utf8') : context.file(written.file, pointer)
  checkSize(bytes.length, { pointer, kind: 'config', limit: CONFIG_LIMIT })
  const mac = context.mac([context.target, 'Config', written.name, bytes])
  return { content: { base64: bytes.toString('base64') }, mac }
}
