import type { IncidentBody } from '../model/incident.ts'
import { printable } from '../report/printable.ts'
import { clip, clipLines } from './clip.ts'
import { AGAIN, headlineOf, lasted, shownLines, unixOf } from './headline.ts'

/** Limits of a message (external-apis.md, Discord): with room for what stands around the text. */
const CONTENT = 1_900
const LINES = 3_800
const LINE = 600
const FIELD = 1_000
const FOOTER = 200

const COLOURS = { critical: 0xd92d20, warning: 0xf79009, info: 0x2e90fa } as const
const GREEN = 0x12b76a

export interface DiscordMessage {
  readonly content: string
  readonly embeds: readonly DiscordEmbed[]
  readonly allowed_mentions: { readonly parse: readonly [] }
}

interface DiscordEmbed {
  readonly color: number
  readonly description?: string
  readonly fields: readonly DiscordField[]
  readonly footer: { readonly text: string }
}

interface DiscordField {
  readonly name: string
  readonly value: string
  readonly inline?: true
}

export interface Saying {
  readonly install: string
  readonly perhapsSent: boolean
}

/**
 * The headline is the content, because that is what a telephone shows before it is unlocked; the rest stands in an embed,
 * whose colour is seen from afar.
 */
export function discordMessage(body: IncidentBody, { install, perhapsSent }: Saying): DiscordMessage {
  const { incident, state } = body
  const footer = ['swarmkeeper', printable(install), ...(perhapsSent ? [AGAIN] : [])].join(' · ')
  const description = codeBlock(shownLines(incident), LINES)
  return {
    content: contentOf(body),
    embeds: [
      {
        color: state === 'resolved' ? GREEN : COLOURS[incident.severity],
        ...(description === undefined ? {} : { description }),
        fields: [...commandField(body), ...timeFields(body)],
        footer: { text: clip(footer, FOOTER, (sign) => sign) },
      },
    ],
    allowed_mentions: { parse: [] },
  }
}

function contentOf(body: IncidentBody): string {
  const { sign, state, app, title } = headlineOf(body)
  const name = app === undefined ? '' : `**${clip(app, 400, escapeDiscord)}** · `
  return `${sign} ${state} · ${name}${clip(title, CONTENT - name.length, escapeDiscord)}`
}

/** What a person types; once it is resolved nothing is to be done. */
function commandField({ incident: { command }, state }: IncidentBody): readonly DiscordField[] {
  const block = command === undefined || state === 'resolved' ? undefined : codeBlock([printable(command)], FIELD)
  return block === undefined ? [] : [{ name: 'To type', value: block }]
}

/** Discord shows these times in the reader's own zone. */
function timeFields({ since, resolvedAt, state }: IncidentBody): readonly DiscordField[] {
  const [from, to] = [unixOf(since), state === 'resolved' ? unixOf(resolvedAt) : undefined]
  const length = resolvedAt === undefined || to === undefined ? undefined : lasted(since, resolvedAt)
  const after = length === undefined ? '' : `, after ${length}`
  return [
    ...(from === undefined ? [] : [timeField('Since', `<t:${from}:f>${to === undefined ? `, <t:${from}:R>` : ''}`)]),
    ...(to === undefined ? [] : [timeField('Resolved', `<t:${to}:f>${after}`)]),
  ]
}

const timeField = (name: string, value: string): DiscordField => ({ name, value, inline: true })

/** Nothing in it can end it: no two backticks stand beside each other. */
function codeBlock(lines: readonly string[], longest: number): string | undefined {
  const shown = clipLines(lines, { longest: longest - 8, longestLine: LINE, inert: escapeInCode })
  return shown.length === 0 ? undefined : ['```', ...shown, '```'].join('\n')
}

const escapeInCode = (sign: string): string => (sign === '`' ? '`\u200b' : sign)

/**
 * One sign of others' text in what Discord reads as markdown (SEC-18). A backslash makes formatting, mentions, emoji and
 * links with a text plain; mentions of everybody and bare links have no sign that it takes the meaning from, and are broken
 * by a space without width.
 */
export function escapeDiscord(sign: string): string {
  if (sign === '@' || sign === ':') return `${sign}\u200b`
  return /[\\`*_~|<>[\]]/.test(sign) ? `\\${sign}` : sign
}
