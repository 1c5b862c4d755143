/** What a person asks for in a comment on a pull request (surface.md, GitHub). */
export type PullCommand =
  | { readonly verb: 'plan' }
  | { readonly verb: 'reconcile' }
  | { readonly verb: 'retry'; readonly app?: string }
  | { readonly verb: 'rollback'; readonly app: string }
  | { readonly verb: 'confirm'; readonly guard: string }

/** Meant for us and not understood: the person is told what can be said. */
export interface NotUnderstood {
  readonly verb: 'unknown'
  readonly line: string
}

const CALL = /^\/swarmkeeper(?:[ \t]+(.*))?$/
// `s`: a line may hold other signs that end one, and what is tried again for each backtick takes long (SEC-21).
const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/s
const QUOTE = /^ {0,3}>/
/** Blocks in which markdown is not read, or not shown: what is pasted there is not said by who pastes it. */
const HIDDEN: readonly (readonly [begin: RegExp, end: RegExp])[] = [
  [/<!--/, /-->/],
  [/<pre\b/i, /<\/pre>/i],
  [/<code\b/i, /<\/code>/i],
  [/<blockquote\b/i, /<\/blockquote>/i],
]

/**
 * The commands of a comment: lines that begin with `/swarmkeeper`, in nothing that is quoted, code or hidden (SEC-13). Text
 * alone; who may say it is judged elsewhere.
 */
export function commandsIn(body: string): readonly (PullCommand | NotUnderstood)[] {
  return plainLines(body).flatMap((line) => {
    const [called, words = ''] = CALL.exec(line) ?? []
    return called === undefined ? [] : [understood(words.trim())]
  })
}

/** Names of apps and guards: no blank, no sign of a shell, no leading hyphen (SEC-5). */
const APP = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/
const GUARD = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,199}$/

function understood(text: string): PullCommand | NotUnderstood {
  const [verb, name, ...more] = text.split(/[ \t]+/)
  const unknown: NotUnderstood = { verb: 'unknown', line: text.slice(0, 200) }
  if (more.length > 0) return unknown
  if (verb === 'plan' || verb === 'reconcile') return name === undefined ? { verb } : unknown
  if (verb === 'retry' && name === undefined) return { verb }
  if ((verb === 'retry' || verb === 'rollback') && name !== undefined && APP.test(name)) return { verb, app: name }
  if (verb === 'confirm' && name !== undefined && GUARD.test(name)) return { verb, guard: name }
  return unknown
}

/** Where a line stands. Markdown lets a quote, and a code span, go on over the lines of a paragraph. */
interface Place {
  readonly fence?: string
  readonly hiddenUntil?: RegExp
  readonly quoted: boolean
  readonly inSpan: boolean
}

const PLAIN: Place = { quoted: false, inSpan: false }

function plainLines(body: string): readonly string[] {
  const plain: string[] = []
  let place = PLAIN
  for (const line of body.split(/\r\n|\r|\n/)) {
    const next = placeAfter(line, place)
    const isPlain = place.fence === undefined && place.hiddenUntil === undefined && !place.quoted && !place.inSpan
    if (isPlain && next.fence === undefined) plain.push(line)
    place = next
  }
  return plain
}

function placeAfter(line: string, before: Place): Place {
  if (before.fence !== undefined) return isClosed(line, before.fence) ? PLAIN : before
  if (before.hiddenUntil) return before.hiddenUntil.test(line) ? PLAIN : before
  const [, fence, after = ''] = FENCE.exec(line) ?? []
  if (fence !== undefined && !(fence.startsWith('`') && after.includes('`'))) return { ...PLAIN, fence }
  const hiddenUntil = leftOpen(line)
  if (hiddenUntil) return { ...PLAIN, hiddenUntil }
  if (line.trim() === '') return PLAIN
  const ticks = (line.match(/`+/g) ?? []).length
  return { quoted: before.quoted || QUOTE.test(line), inSpan: before.inSpan !== (ticks % 2 === 1) }
}

const isClosed = (line: string, fence: string): boolean => {
  const [, other = '', after = ''] = FENCE.exec(line) ?? []
  return other[0] === fence[0] && other.length >= fence.length && after.trim() === ''
}

/** What ends a block that this line begins and does not end. */
function leftOpen(line: string): RegExp | undefined {
  const open = HIDDEN.find(([begin, end]) => {
    const last = [...line.matchAll(new RegExp(begin, 'gi'))].at(-1)
    return last !== undefined && !end.test(line.slice(last.index))
  })
  return open?.[1]
}
