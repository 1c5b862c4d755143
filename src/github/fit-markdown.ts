/** GitHub takes 65,536 characters; bytes are never fewer than those. */
const LONGEST_BYTES = 60_000

const NOTE = '_Cut here: this is longer than GitHub takes. All of it: `swarmkeeper plan --format markdown`._'

/** Room for what closes it: fences, folded parts, the note. */
const ROOM_BYTES = 1_000

/** Text that a comment holds: cut at the end of a line, what was open in it closed, with a note how to see the rest. */
export function fitMarkdown(markdown: string, longest = LONGEST_BYTES): string {
  if (Buffer.byteLength(markdown) <= longest) return markdown
  const kept = firstLines(markdown.split('\n'), longest - ROOM_BYTES)
  const { fence, details } = openIn(kept)
  const closing = [...(fence ? [fence] : []), ...Array.from({ length: details }, () => '\n</details>')]
  return [...kept, ...closing, '', NOTE].join('\n')
}

/** A longer fence leaves no room for its end; nobody writes one. */
const ENDLESS_FENCE = /[`~]{200,}/

function firstLines(lines: readonly string[], longest: number): readonly string[] {
  const kept: string[] = []
  let bytes = 0
  for (const line of lines) {
    bytes += Buffer.byteLength(line) + 1
    if (bytes > longest || ENDLESS_FENCE.test(line)) break
    kept.push(line)
  }
  return kept.length > 0 ? kept : [beginningOf(lines[0] ?? '', longest)]
}

/** Of one endless line a part says more than nothing. */
const beginningOf = (line: string, longest: number): string =>
  Buffer.from(line)
    .subarray(0, longest)
    .toString()
    .replace(/\uFFFD+$/, '')
    .replace(new RegExp(ENDLESS_FENCE, 'g'), '…')

interface Open {
  /** What closes the fence that is open. */
  readonly fence: string | undefined
  readonly details: number
}

/** Deeper is not folded; and what is more than these comes from the text. */
const DEEPEST = 20

/** As CommonMark reads it (0.31, 4.5): a fence ends with as many of its signs or more, alone on a line. */
function openIn(lines: readonly string[]): Open {
  let fence: string | undefined
  let details = 0
  for (const line of lines) {
    const [, signs = '', rest = ''] = /^ {0,3}(`{3,}|~{3,})(.*)$/s.exec(line) ?? []
    if (fence !== undefined) {
      if (signs.startsWith(fence) && rest.trim() === '') fence = undefined
    } else if (signs && !(signs.startsWith('`') && rest.includes('`'))) fence = signs
    else details += count(line, /<details[\s>]/g) - count(line, /<\/details>/g)
  }
  return { fence, details: Math.min(Math.max(details, 0), DEEPEST) }
}

const count = (line: string, what: RegExp): number => (line.match(what) ?? []).length
