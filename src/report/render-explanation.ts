import type { Explanation } from '../model/engine.ts'
import { partsOf } from '../model/id.ts'
import { commandOf } from '../model/outcome.ts'
import type { Change } from '../model/plan.ts'
import { isUnread } from './count-changes.ts'
import { aside, describeDetails, disturbance, SYMBOLS } from './describe-change.ts'
import type { Paint } from './paint.ts'
import { oneLine, printable, shortRevision } from './printable.ts'
import { renderDepartureOf } from './render-departures.ts'
import { renderHeld } from './render-plan.ts'

/** Why it would change, is held, or stays as it is. */
export function renderExplanation(explanation: Explanation, paint: Paint): readonly string[] {
  const { id, app, change, held, guards, after } = explanation
  const told = explanation.departures?.some(({ why }) => why === 'held-back') === true
  return [
    `${paint.strong(id)}${paint.quiet(` of the app ${app}, revision ${shortRevision(explanation.revision)}`)}`,
    `  ${originWords(explanation)}`,
    ...(change && isChange(change) ? explainChange(change, explanation) : []),
    ...(explanation.followers ?? []).map(followerWords),
    ...(explanation.departures ?? []).flatMap((departure) => renderDepartureOf(id, departure, paint)),
    ...(held && !(told && held.why === 'held-back') ? renderHeld(held, paint) : []),
    ...(explanation.instead ? insteadLines(explanation.instead, paint) : []),
    ...calmWords(explanation),
    ...blockedWords(explanation, paint),
    ...guards.map((guard) => `  guard: ${printable(guard.message)}; ${commandOf(guard)}`),
    ...(after.length > 0 ? [`  comes after ${after.join(', ')}`] : []),
  ]
}

const isChange = (change: Change): boolean => change.action !== 'unchanged'

function originWords({ origin, blocked }: Explanation): string {
  if (origin) return `written at ${origin.path}:${origin.line}`
  return isUnread(blocked ? { blocked } : {})
    ? 'nothing that could be read of this revision declares it'
    : 'no document declares it'
}

/** Only what stands where the revision wants it is as desired. */
function calmWords({ id, change, held, departures, blocked }: Explanation): readonly string[] {
  if ((change && isChange(change)) || held) return []
  if (departures?.some(({ ids }) => ids.includes(id))) return ['  nothing would be sent']
  if (isUnread(blocked ? { blocked } : {})) return []
  return ['  it is as desired: nothing would be sent']
}

function blockedWords({ blocked }: Explanation, paint: Paint): readonly string[] {
  if (!blocked) return []
  const word = isUnread({ blocked }) ? 'its app is not planned' : 'its app waits'
  return [
    `  ${word}: ${blocked.reason}: ${oneLine(blocked.message)}`,
    ...(blocked.todo === undefined ? [] : [`    ${paint.accent('=>')} ${printable(blocked.todo)}`]),
  ]
}

const insteadLines = (instead: Change, paint: Paint): readonly string[] => [
  '  the revision asks for this, and it is not done:',
  ...describeDetails(instead).map((line) => `      ${paint.quiet(line)}`),
]

const CAUSES = {
  revision: 'the revision declares it so',
  drift: 'live differs, although nothing new was declared',
  rollback: 'it goes back to the last good state',
  budget: 'a budget asks for it',
  operator: 'an operator asked for it',
} as const

function explainChange(change: Change, explanation: Explanation): readonly string[] {
  const notes = [disturbance(change), aside(change)].filter((note) => note)
  const tail = notes.length > 0 ? ` (${notes.join(', ')})` : ''
  return [
    `  ${SYMBOLS[change.action]} ${change.action}${tail}: ${contentWords(change, explanation) ?? CAUSES[change.cause]}`,
    ...describeDetails(change).map((line) => `      ${line}`),
  ]
}

/** Content has a name of its own for each value: another name is another content, wherever that was written. */
function contentWords(change: Change, { generation }: Explanation): string | undefined {
  if (change.cause === 'revision' && change.action === 'update' && change.diffs.every(isReference)) {
    return 'what it refers to has a new generation'
  }
  if (change.action !== 'create' || !generation?.before) return undefined
  return `its content is another${sourceWords(change.to.spec)}; it takes the place of ${partsOf(generation.before).name}`
}

const isReference = ({ path }: Change['diffs'][number]): boolean => path === '/secrets' || path === '/configs'

function sourceWords(spec: unknown): string {
  const { content } = spec as { readonly content?: { readonly secret?: unknown } }
  const source = content?.secret
  return typeof source === 'string' && source.startsWith('settings:') ? ` (${printable(source)})` : ''
}

function followerWords(change: Change): string {
  return `  with it: ${change.id} ${disturbance(change) ?? `changes (${change.action})`}`
}
