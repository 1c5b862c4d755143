/**
 * Lines of a log answer. Without a terminal the engine multiplexes: each frame starts with its stream (0 to 2), three
 * zeros and its length; with one the bytes come as they are.
 */
export function logLines(body: Buffer): readonly string[] {
  const text = isMultiplexed(body) ? demultiplex(body) : body.toString('utf8')
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''))
  if (lines.at(-1) === '') lines.pop()
  return lines.map((line) => clean(line.slice(0, LONGEST_LINE)))
}

const HEADER = 8
const LONGEST_LINE = 2_000

const isMultiplexed = (body: Buffer): boolean =>
  body.length >= HEADER && (body[0] ?? 9) <= 2 && body[1] === 0 && body[2] === 0 && body[3] === 0

/** What was cut off at the end is left out. */
function demultiplex(body: Buffer): string {
  const parts: Buffer[] = []
  for (let at = 0; at + HEADER <= body.length; ) {
    const end = at + HEADER + body.readUInt32BE(at + 4)
    parts.push(body.subarray(at + HEADER, end))
    at = end
  }
  return Buffer.concat(parts).toString('utf8')
}

/** Terminal control would act in the terminal of who reads the report. */
const clean = (line: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
  line.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '').replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '')
