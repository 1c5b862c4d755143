import type { IncidentBody } from '../model/incident.ts'
import { printable } from '../report/printable.ts'
import { clip, clipLines } from './clip.ts'
import { AGAIN, type Headline, headlineOf, headlineText, lasted, shownLines, unixOf } from './headline.ts'

/** Limits of texts (external-apis.md, Slack), with room for what stands around them. All blocks together stay below 9,000. */
const TEXT = 3_000
const HEADER = 150
const SECTION = 2_900
const LINE = 600

export interface SlackMessage {
  /** What a notification shows, and who cannot show blocks. */
  readonly text: string
  readonly blocks: readonly SlackBlock[]
}

type Mrkdwn = { readonly type: 'mrkdwn'; readonly text: string; readonly verbatim: true }

type PlainText = { readonly type: 'plain_text'; readonly text: string; readonly emoji: false }

type SlackBlock =
  | { readonly type: 'header'; readonly text: PlainText }
  | { readonly type: 'section'; readonly text: Mrkdwn | PlainText; readonly expand: true }
  | { readonly type: 'context'; readonly elements: readonly Mrkdwn[] }

export interface SlackSaying {
  readonly install: string
  readonly perhapsSent: boolean
  /** The one before it stands above, and cannot be edited. */
  readonly changed?: boolean
}

export function slackMessage(body: IncidentBody, saying: SlackSaying): SlackMessage {
  const headline = headlineOf(body)
  const lines = codeBlock(shownLines(body.incident))
  return {
    text: clip(headlineText(headline), TEXT, escapeSlackText),
    blocks: [
      ...headingOf(headline),
      ...(lines === undefined ? [] : [section(lines)]),
      ...commandOf(body),
      { type: 'context', elements: [mrkdwn(footOf(body, saying))] },
    ],
  }
}

/** What the large line has no room for stands whole below it. */
function headingOf(headline: Headline): readonly SlackBlock[] {
  const whole = headlineText(headline)
  const short = clip(whole, HEADER, escapeSlack)
  const header: SlackBlock = { type: 'header', text: { type: 'plain_text', text: short, emoji: false } }
  if (!short.endsWith('…') || whole.endsWith('…')) return [header]
  const text = clip(headline.title, SECTION, escapeSlack)
  return [header, { type: 'section', text: { type: 'plain_text', text, emoji: false }, expand: true }]
}

function commandOf({ incident: { command }, state }: IncidentBody): readonly SlackBlock[] {
  const block = command === undefined || state === 'resolved' ? undefined : codeBlock([printable(command)])
  return block === undefined ? [] : [section(`To type:\n${block}`)]
}

/** Slack shows these times in the reader's own zone. */
function footOf({ since, resolvedAt, state }: IncidentBody, { install, perhapsSent, changed }: SlackSaying): string {
  const length = state === 'resolved' && resolvedAt !== undefined ? lasted(since, resolvedAt) : undefined
  return [
    `since ${timeOf(since)}`,
    ...(state === 'resolved' && resolvedAt !== undefined ? [`resolved ${timeOf(resolvedAt)}`] : []),
    ...(length === undefined ? [] : [`after ${length}`]),
    `swarmkeeper ${clip(printable(install), 200, escapeSlackText)}`,
    ...(changed ? ['changed since it was told'] : []),
    ...(perhapsSent ? [AGAIN] : []),
  ].join(' · ')
}

function timeOf(iso: string): string {
  const unix = unixOf(iso)
  const plain = clip(printable(iso), 60, escapeSlack)
  return unix === undefined ? plain : `<!date^${unix}^{date_short_pretty} {time}|${plain}>`
}

/** `verbatim`: Slack looks for no links, names of channels or users in it. */
const mrkdwn = (text: string): Mrkdwn => ({ type: 'mrkdwn', text, verbatim: true })
/** `expand`: whole, not behind "see more". */
const section = (text: string): SlackBlock => ({ type: 'section', text: mrkdwn(text), expand: true })

/** Nothing in it can end it: no two backticks stand beside each other. */
function codeBlock(lines: readonly string[]): string | undefined {
  const shown = clipLines(lines, { longest: SECTION - 30, longestLine: LINE, inert: escapeInCode })
  return shown.length === 0 ? undefined : ['```', ...shown, '```'].join('\n')
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/** What Slack reads as a mention, a link or a date begins with `<`. */
export const escapeSlack = (sign: string): string => ENTITIES[sign] ?? (sign === '@' ? '@\u200b' : sign)

/** Slack has no sign that takes the meaning of formatting away: it is held apart from what it would format. */
export const escapeSlackText = (sign: string): string =>
  /[*_~`]/.test(sign) ? `\u200b${sign}\u200b` : sign === ':' ? ':\u200b' : escapeSlack(sign)

const escapeInCode = (sign: string): string => (sign === '`' ? '`\u200b' : (ENTITIES[sign] ?? sign))
