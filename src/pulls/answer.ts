import { messageOf, ReconcileError } from '../model/error.ts'
import type { AppOutcome, Departure, FleetOutcome } from '../model/outcome.ts'
import { cell, code } from '../report/markdown.ts'
import { plural } from '../report/printable.ts'
import { departureWords } from '../report/render-departures.ts'
import { WORDS } from '../report/render-outcome.ts'
import type { KeptPull } from './kept-pull.ts'
import type { PullCommand } from './parse-command.ts'

const MOST_APPS = 20

/** What was asked for, as one writes it. */
const wordsOf = (command: PullCommand): string =>
  ['/swarmkeeper', command.verb, 'app' in command ? command.app : '', 'guard' in command ? command.guard : '']
    .filter((word) => word !== '' && word !== undefined)
    .join(' ')

const answerTo = (command: PullCommand, lines: readonly string[]): string =>
  [`${code(wordsOf(command))}: ${lines[0] ?? 'done'}`, ...lines.slice(1)].join('\n')

/** What came of a reconcile, app by app. */
export function outcomeAnswer(command: PullCommand, { apps, revision }: FleetOutcome): string {
  const isAbout = (app: string): boolean => !('app' in command) || command.app === undefined || command.app === app
  const stays = ({ app, departures = [] }: AppOutcome): boolean => departures.length > 0 && isAbout(app)
  const news = apps.filter((app) => app.outcome !== 'unchanged' || stays(app))
  if (news.length === 0) {
    return answerTo(command, [`everything is as ${code(revision.slice(0, 12))} declares it; nothing was to be done`])
  }
  const shown = news.slice(0, MOST_APPS).map(({ app, outcome, message, todo, departures = [] }) => {
    if (outcome === 'unchanged') return [`- **${cell(app)}**`, ...departures.map(staysWords)].join(': ')
    const why = message === undefined ? '' : `: ${cell(message.slice(0, 500))}`
    return `- **${cell(app)}**: ${WORDS[outcome]}${why}${todo === undefined ? '' : `; next: ${cell(todo.slice(0, 300))}`}`
  })
  const more = news.length > shown.length ? [`- and ${plural(news.length - shown.length, 'more app')}`] : []
  return answerTo(command, [`at ${code(revision.slice(0, 12))}`, '', ...shown, ...more])
}

/** It is as it was to be, and that is not what the revision declares. */
const staysWords = (departure: Departure): string =>
  `${cell(departureWords(departure).slice(0, 500))}; next: ${cell(departure.todo.slice(0, 300))}`

export const plannedAnswer = (pull: KeptPull | undefined): string => {
  const { planned, head } = pull ?? {}
  const tip = planned && planned.head === head ? ` merged into ${code(planned.tip.slice(0, 7))}` : ''
  return answerTo({ verb: 'plan' }, [`planned again${tip}; the comment with the plan shows it`])
}

export const refusedAnswer = (command: PullCommand, why: string): string =>
  answerTo(command, [`not done: ${cell(why)}`])

export function failedAnswer(command: PullCommand, error: unknown): string {
  const todo = error instanceof ReconcileError && error.todo !== '' ? `; ${error.todo}` : ''
  return answerTo(command, [`not done: ${cell(`${messageOf(error)}${todo}`.slice(0, 1_000))}`])
}

/** For who may ask, and asked for nothing that there is. */
export const HOW_TO_ASK = [
  'That is no command of swarmkeeper. One of these in a comment of its own, at the beginning of a line:',
  '',
  ...[
    '/swarmkeeper plan',
    '/swarmkeeper reconcile',
    '/swarmkeeper retry [APP]',
    '/swarmkeeper rollback APP',
    '/swarmkeeper confirm GUARD',
  ].map((line) => `- ${code(line)}`),
].join('\n')
