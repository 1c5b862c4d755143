import type { Desired } from '../model/desired.ts'
import type { Wanted } from '../model/resource.ts'
import type { Paint } from './paint.ts'
import { yamlLines } from './render-resource.ts'

/** Where a value of a resource was written; undefined where it is a default. */
export type WhereWritten = (wanted: Wanted, field: string) => string | undefined

/** Desired resources after expansion, each field with where it came from. */
export function renderDesired(
  desired: Desired,
  options: { readonly app?: string; readonly where: WhereWritten | undefined },
  paint: Paint,
) {
  const apps = [...desired.apps.values()].filter((app) => options.app === undefined || app.app === options.app)
  return apps.flatMap((app) => [
    `${paint.strong(app.app)}${app.broken ? paint.bad('  has errors: this is what could be rendered') : ''}`,
    ...app.wanted.flatMap((wanted) => renderWanted(wanted, options.where, paint)),
    '',
  ])
}

function renderWanted(wanted: Wanted, where: WhereWritten | undefined, paint: Paint): readonly string[] {
  const fields = Object.entries(wanted.spec as Readonly<Record<string, unknown>>)
  return [
    `  ${wanted.id}${paint.quiet(`  # ${wanted.origin.path}:${wanted.origin.line}`)}`,
    ...fields.flatMap(([field, value]) =>
      renderField(field, value, where ? `  # ${where(wanted, field) ?? 'default'}` : '', paint),
    ),
    ...(wanted.after.length > 0 ? [paint.quiet(`    # after ${wanted.after.join(', ')}`)] : []),
  ]
}

function renderField(field: string, value: unknown, note: string, paint: Paint): readonly string[] {
  if (value === undefined) return []
  const [first = '', ...rest] = yamlLines({ [field]: value })
  return [`    ${first}${paint.quiet(note)}`, ...rest.map((line) => `    ${line}`)]
}
