export interface LogLine {
  readonly text: string
  /** Written to standard error, as far as the answer tells. */
  readonly isError: boolean
}

const HEADER = 8
const LONGEST_LINE = 2_000
const STDERR = 2

/**
 * Lines of a log answer. Without a terminal the engine multiplexes: each frame starts with its stream (0 to 2), three
 * zeros and its length; with one the bytes come as they are. What was cut off in the middle of a frame is left out.
 */
export function logLines(body: Buffer): readonly LogLine[] {
  return runsOf(body).flatMap(({ chunks, isError }) => {
    const lines = Buffer.concat(chunks).toString('utf8').split('\n')
    if (lines.at(-1) === '') lines.pop()
    return lines.map((line) => ({ text: clean(line.slice(0, LONGEST_LINE)), isError }))
  })
}

interface Run {
  readonly chunks: Buffer[]
  readonly isError: boolean
}

const isMultiplexed = (body: Buffer): boolean =>
  body.length >= HEADER && (body[0] ?? 9) <= STDERR && body[1] === 0 && body[2] === 0 && body[3] === 0

/** Frames of one stream that follow each other, together: a line may go over several. */
function runsOf(body: Buffer): readonly Run[] {
  if (!isMultiplexed(body)) return [{ chunks: [body], isError: false }]
  const runs: Run[] = []
  for (let at = 0; at + HEADER <= body.length; ) {
    const end = at + HEADER + body.readUInt32BE(at + 4)
    const bytes = body.subarray(at + HEADER, end)
    const isError = body[at] === STDERR
    const last = runs.at(-1)
    if (last?.isError === isError) last.chunks.push(bytes)
    else runs.push({ chunks: [bytes], isError })
    at = end
  }
  return runs
}

/** Terminal control would act in the terminal of who reads the report. */
const clean = (line: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
  line.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '').replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '')
