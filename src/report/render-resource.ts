import { stringify } from 'yaml'
import type { ResourceView } from '../model/engine.ts'
import { ageOf } from './ages.ts'
import type { Paint } from './paint.ts'
import { printable } from './printable.ts'
import { renderDepartureOf } from './render-departures.ts'
import { isFields, shownLive } from './shown-live.ts'

/** Everything known of one resource. Secrets are references here already. */
export function renderResource(view: ResourceView, now: Date, paint: Paint): readonly string[] {
  const { status, wanted, recorded, observed } = view
  const health = status.health === undefined ? '' : `, ${status.health}`
  const message = status.message === undefined ? '' : `: ${status.message}`
  const owner = observed?.state === 'present' ? ownerWords(observed.owner) : undefined
  const drift = status.drift && `first seen ${ageOf(status.drift.firstSeen, now)}`
  return [
    paint.strong(view.id),
    ...fact('app', view.app),
    ...fact('live', `${status.state}${health}${message}`),
    ...fact('owner', owner),
    ...fact('record', recorded?.state),
    ...fact('written', wanted && `${wanted.origin.path}:${wanted.origin.line}`),
    ...fact('drift', drift),
    ...(view.departures ?? []).flatMap((departure) => renderDepartureOf(view.id, departure, paint)),
    ...section(goalTitle(view), wanted?.spec, paint),
    ...section('live', shownLive(view), paint),
  ]
}

const fact = (name: string, text: string | undefined): readonly string[] =>
  text === undefined ? [] : [`  ${name.padEnd(8)} ${printable(text)}`]

const ownerWords = (owner: { readonly who: string; readonly app?: string; readonly install?: string }): string =>
  owner.who === 'us' ? 'ours' : owner.who === 'nobody' ? 'nobody: it is not ours' : `the install '${owner.install}'`

/** What it is to be, which is not what the revision declares where it is held back, pinned or suspended. */
const goalTitle = ({ departures }: ResourceView): string =>
  departures === undefined ? 'desired' : 'to be (not as the revision declares)'

/** What says nothing is left out: empty lists and maps stand for what is not used. */
function withoutEmpty(value: unknown): unknown {
  if (!isFields(value)) return value
  const entries = Object.entries(value).map(([name, item]): readonly [string, unknown] => [name, withoutEmpty(item)])
  return Object.fromEntries(entries.filter(([, item]) => !isEmpty(item)))
}

const isEmpty = (value: unknown): boolean =>
  Array.isArray(value) ? value.length === 0 : isFields(value) && Object.keys(value).length === 0

/** Content as people wrote it, where it is text. */
function withText(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withText)
  if (!isFields(value)) return value
  const entries = Object.entries(value).map(([name, item]): readonly [string, unknown] => {
    const text =
      name === 'base64' && typeof item === 'string' ? Buffer.from(item, 'base64').toString('utf8') : undefined
    return text === undefined || text.includes('\uFFFD') ? [name, withText(item)] : ['text', text]
  })
  return Object.fromEntries(entries)
}

function section(title: string, value: unknown, paint: Paint): readonly string[] {
  return value === undefined
    ? []
    : [paint.quiet(`  ${title}:`), ...yamlLines(withText(withoutEmpty(value))).map((line) => `    ${line}`)]
}

export const yamlLines = (value: unknown): readonly string[] =>
  stringify(value, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd().split('\n').map(printable)
