import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clip, clipLines } from '../../src/chat/clip.ts'
import { discordMessage, escapeDiscord } from '../../src/chat/discord-message.ts'
import { escapeSlack, escapeSlackText, slackMessage } from '../../src/chat/slack-message.ts'
import { openOf, resolvedOf } from '../support/incidents.ts'
import { NASTY, nastyText } from '../support/nasty.ts'

const SAYING = { install: 'prod', perhapsSent: false }

/** What somebody may write into a repository, a log line or a name, so that chat does something. */
const HOSTILE = [
  ...['@everyone', '@here', '<@123456789>', '<@!123456789>', '<@&123456789>', '<#123456789>', '</apply:123456789>'],
  ...['<:party:123456789>', '<a:party:123456789>', '<t:0:R>', '||spoiler||', '**bold**', '__under__', '~~gone~~'],
  ...[
    '[click](https://evil.example)',
    '[click](javascript:alert(1))',
    'https://evil.example/x',
    '```',
    '``` ```js',
    '`x`',
  ],
  ...['<!channel>', '<!here>', '<!everyone>', '<@U1>', '<#C1>', '<https://evil.example|click>', '<!subteam^S1>'],
  ...[
    '<!date^0^{date}|x>',
    '*bold*',
    '_it_',
    '&lt;!channel&gt;',
    ':rotating_light:',
    '</details>',
    '<!-- swarmkeeper -->',
  ],
  ...['\u202eevil', '\u200b', '\u001b[31m', '\r\n# heading', '> quote', '\\', '\\\\@everyone'],
]
const hostileText = fc.oneof(
  fc.array(fc.constantFrom(...HOSTILE, ...NASTY), { maxLength: 12 }).map((parts) => parts.join('')),
  nastyText,
)

/** What a part of it does not have unless it was escaped wrongly. The signs that we write ourselves are taken out before. */
const ACTIVE_DISCORD = [
  ...[/@everyone/, /@here/, /(?<!\\)<[@#:a/t]/, /https?:\/\//, /(?<!\\)\[[^\]]*\]\(/],
  ...[/(?<!\\)(\\\\)*[*_~|`]/],
]

describe('SEC-18: text of others in Discord', () => {
  it.each(HOSTILE)('%j in a headline does nothing', (text) => {
    const { content } = discordMessage(openOf({ app: text, title: text }), SAYING)
    const theirs = content.replace(/^🔴 critical · (\*\*)?/u, '').replace(/\*\* · /, '')
    for (const active of ACTIVE_DISCORD) expect(theirs).not.toMatch(active)
  })

  it('whatever it is, every formatting sign has a backslash of its own, and no mention or link is whole', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const { content } = discordMessage(openOf({ app: 'web', title: `x${text}` }), SAYING)
        const theirs = content.slice(content.indexOf('** · ') + 5).replace(/\\[^0-9A-Za-z\s]/g, '')
        expect(theirs).not.toMatch(/[*_~|`<[\]]|@everyone|@here|:\/\//)
      }),
      { numRuns: 500 },
    )
  })

  it('a code block cannot be left, whatever stands in it', () => {
    fc.assert(
      fc.property(fc.array(hostileText, { minLength: 1, maxLength: 5 }), (lines) => {
        const [embed] = discordMessage(openOf({ lines, command: lines.join(' ') }), SAYING).embeds
        for (const block of [embed?.description, embed?.fields[0]?.value]) {
          expect(block).toMatch(/^```\n/)
          expect(block).toMatch(/\n```$/)
          expect(block?.match(/``+/g)).toEqual(['```', '```'])
        }
      }),
      { numRuns: 500 },
    )
  })

  it('nobody is called, by the message itself', () => {
    expect(discordMessage(openOf({ title: '@everyone' }), SAYING).allowed_mentions).toEqual({ parse: [] })
  })
})

describe('SEC-18: text of others in Slack', () => {
  it.each(HOSTILE)('%j does nothing', (text) => {
    const message = slackMessage(openOf({ app: text, title: text, lines: [text], command: text }), SAYING)
    const texts = textsOf(message).map((one) => one.replace(/^since <!date\^\d+\^[^<>]*>/, 'since'))
    for (const one of texts) expect(one).not.toMatch(/[<>]|&(?!(amp|lt|gt);)/)
    // In code Slack makes nothing of a name; outside of it only `link_names` would, which we do not ask for.
    for (const one of texts.filter((each) => !isCode(each))) expect(one).not.toMatch(/@channel|@here|@everyone/)
  })

  it('whatever it is, formatting is held apart from what it would format, and code blocks cannot be left', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const message = slackMessage(openOf({ title: `x${text}`, lines: [`x${text}`], command: `x${text}` }), SAYING)
        expect(message.text).not.toMatch(/[<>]|(?<!\u200b)[*_~`]|[*_~`](?!\u200b)|:\/\//)
        for (const block of textsOf(message).filter(isCode)) {
          expect(block.match(/``+/g)).toEqual(['```', '```'])
          expect(block.replaceAll('```', '')).not.toMatch(/[<>]/)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('headings are plain text, in which nothing is formatted', () => {
    const [header] = slackMessage(openOf({ title: '*x* :tada:' }), SAYING).blocks
    expect(header).toMatchObject({ type: 'header', text: { type: 'plain_text', emoji: false } })
  })

  it('a time that is none is text', () => {
    const message = slackMessage({ ...resolvedOf(), since: '<!channel>', resolvedAt: '*' }, SAYING)
    expect(JSON.stringify(message)).not.toContain('<!')
  })
})

const isCode = (text: string): boolean => /^(To type:\n)?```\n/.test(text)

const textsOf = ({ text, blocks }: ReturnType<typeof slackMessage>): readonly string[] => [
  text,
  ...blocks.flatMap((block) => (block.type === 'context' ? block.elements.map((one) => one.text) : [block.text.text])),
]

describe('what is clipped', () => {
  const inerts = { escapeDiscord, escapeSlack, escapeSlackText, none: (sign: string) => sign }

  it.each(Object.entries(inerts))(
    'is never longer than it may be, and cut in no escape and no surrogate pair: %s',
    (_, inert) => {
      const text = fc.oneof(hostileText, fc.string({ unit: 'grapheme', maxLength: 80 }))
      fc.assert(
        fc.property(text, fc.integer({ min: 1, max: 60 }), (long, longest) => {
          const short = clip(long, longest, inert)
          const whole = [...long].map(inert)
          expect(short.length).toBeLessThanOrEqual(longest)
          const starts = [...whole.keys(), whole.length].map((n) => whole.slice(0, n).join(''))
          expect(short === whole.join('') || starts.includes(short.slice(0, -1))).toBe(true)
        }),
        { numRuns: 300 },
      )
    },
  )

  it('of lines keeps the first and the last, and says how many are missing', () => {
    const lines = Array.from({ length: 100 }, (_, n) => `line ${n}`)
    const shown = clipLines(lines, { longest: 120, longestLine: 50, inert: (sign) => sign })
    expect(shown).toEqual([...lines.slice(0, 5), '… 88 lines left out …', ...lines.slice(93)])
  })

  it('of lines never takes more room than there is', () => {
    const some = fc.array(hostileText, { maxLength: 60 })
    fc.assert(
      fc.property(some, fc.integer({ min: 100, max: 900 }), (lines, longest) => {
        const shown = clipLines(lines, { longest, longestLine: 50, inert: escapeSlack })
        expect(shown.join('\n').length).toBeLessThanOrEqual(longest)
      }),
      { numRuns: 200 },
    )
  })
})
