import type { NormalizeContext, Normalized } from '../../model/kind.ts'
import type { Opaque } from '../../model/resource.ts'
import type { Secret } from '../../model/written/secret.ts'
import { checkSize, generationName, SECRET_LIMIT } from '../generation.ts'
import { exactlyOne, labelTexts, texts } from '../written-values.ts'
import type { SecretDriver, SecretSpec } from './spec.ts'

/** What is external has no content and no live name of ours. @throws NormalizeProblem */
export function normalizeSecret(written: Secret, context: NormalizeContext): Normalized<SecretSpec> {
  exactlyOne(written, ['file', 'from', 'driver', 'external'], '')
  const template = written.template ?? false
  const labels = labelTexts(written.labels, '/labels')
  if (written.external) return { name: undefined, spec: { name: written.name, labels, template }, uses: [] }
  const driver = written.driver && { name: written.driver.name, options: texts(written.driver.options) }
  const content = driver ? undefined : contentOf(written, context)
  const name = generationName(written.name, macOf(written.name, { content, driver, template, context }))
  const spec = { name, labels, template, ...(content ? { content } : {}), ...(driver ? { driver } : {}) }
  return { name, spec, uses: [] }
}

function contentOf(written: Secret, context: NormalizeContext): Opaque {
  if (written.file === undefined)
    return context.opaque({ settings: (written.from ?? '').replace(/^settings:/, '') }, '/from')
  checkSize(context.file(written.file, '/file').length, { pointer: '/file', kind: 'secret', limit: SECRET_LIMIT })
  return context.opaque({ file: written.file }, '/file')
}

interface Identity {
  readonly content: Opaque | undefined
  readonly driver: SecretDriver | undefined
  readonly template: boolean
  readonly context: NormalizeContext
}

/** Of everything that cannot change in place. */
function macOf(name: string, { content, driver, template, context }: Identity): string {
  if (content && !template) return content.mac
  const parts = [content?.mac ?? '', driver ? JSON.stringify(driver) : '', template ? 'template' : '']
  return context.mac([context.target, 'Secret', name, ...parts])
}
