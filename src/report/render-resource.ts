import { stringify } from 'yaml'
import type { Explanation, ResourceView } from '../model/engine.ts'
import { ageOf } from './ages.ts'
import { aside, describeDiff, disturbance, SYMBOLS } from './describe-change.ts'
import type { Paint } from './paint.ts'
import { printable, shortRevision } from './printable.ts'
import { renderHeld } from './render-plan.ts'

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
    ...section('desired', wanted?.spec, paint),
    ...section('live', observed?.state === 'present' ? observed.live : undefined, paint),
  ]
}

const fact = (name: string, text: string | undefined): readonly string[] =>
  text === undefined ? [] : [`  ${name.padEnd(8)} ${printable(text)}`]

const ownerWords = (owner: { readonly who: string; readonly app?: string; readonly install?: string }): string =>
  owner.who === 'us' ? 'ours' : owner.who === 'nobody' ? 'nobody: it is not ours' : `the install '${owner.install}'`

function section(title: string, value: unknown, paint: Paint): readonly string[] {
  return value === undefined ? [] : [paint.quiet(`  ${title}:`), ...yamlLines(value).map((line) => `    ${line}`)]
}

export const yamlLines = (value: unknown): readonly string[] =>
  stringify(value, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd().split('\n').map(printable)

/** Why it would change, is held, or stays as it is. */
export function renderExplanation(explanation: Explanation, paint: Paint): readonly string[] {
  const { id, app, change, held, blocked, guards, after, origin } = explanation
  const calm = !change || change.action === 'unchanged'
  return [
    `${paint.strong(id)}${paint.quiet(` of the app ${app}, revision ${shortRevision(explanation.revision)}`)}`,
    ...(origin ? [`  written at ${origin.path}:${origin.line}`] : ['  no document declares it']),
    ...(change && !calm ? explainChange(change) : []),
    ...(held ? renderHeld(held, paint) : []),
    ...(calm && !held ? ['  it is as desired: nothing would be sent'] : []),
    ...(blocked ? [`  its app waits: ${blocked.reason}: ${printable(blocked.message)}`] : []),
    ...guards.map((guard) => `  guard: ${printable(guard.message)}; swarmkeeper apply --confirm ${guard.name}`),
    ...(after.length > 0 ? [`  comes after ${after.join(', ')}`] : []),
  ]
}

const CAUSES = {
  revision: 'the revision declares it so',
  drift: 'live differs, although nothing new was declared',
  rollback: 'it goes back to the last good state',
  budget: 'a budget asks for it',
  operator: 'an operator asked for it',
} as const

function explainChange(change: NonNullable<Explanation['change']>): readonly string[] {
  const notes = [disturbance(change), aside(change)].filter((note) => note)
  const tail = notes.length > 0 ? ` (${notes.join(', ')})` : ''
  return [
    `  ${SYMBOLS[change.action]} ${change.action}${tail}: ${CAUSES[change.cause]}`,
    ...change.diffs.map((diff) => `      ${describeDiff(diff)}`),
  ]
}
