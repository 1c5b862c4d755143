import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { GitFailed, type GitProgram, killGit, startGit } from './git-process.ts'

/** A reader that nobody asks goes away after this. */
const IDLE_MS = 1_000

export interface BatchReader {
  read(oid: string): Promise<Buffer>
  close(): void
}

interface Waiting {
  readonly oid: string
  readonly resolve: (content: Buffer) => void
  readonly reject: (error: Error) => void
}

/**
 * Blobs through one `git cat-file --batch`, which answers in the order of the questions: ten thousand blobs cost one
 * process. It is started by the first question and ends when nobody has asked for a second.
 */
export function createBatchReader(program: GitProgram, words: readonly string[], silenceMs: number): BatchReader {
  let session: Session | undefined
  return {
    read: (oid) => {
      if (!session?.open()) session = startSession(startGit(program, words), silenceMs)
      return session.ask(oid)
    },
    close: () => session?.close(),
  }
}

interface Session {
  open(): boolean
  ask(oid: string): Promise<Buffer>
  close(): void
}

function startSession(child: ChildProcessWithoutNullStreams, silenceMs: number): Session {
  const waiting: Waiting[] = []
  const parser = createAnswerParser()
  let open = true
  let timer: NodeJS.Timeout | undefined

  const end = (why: string) => {
    open = false
    clearTimeout(timer)
    killGit(child)
    for (const one of waiting.splice(0)) one.reject(new GitFailed(`reading blob ${one.oid}: ${why}`))
  }
  const wait = () => {
    clearTimeout(timer)
    const idle = waiting.length === 0
    timer = setTimeout(() => end(`silence for ${silenceMs / 1000} s`), idle ? IDLE_MS : silenceMs)
    if (idle) timer.unref()
  }
  const take = (chunk: Buffer) => {
    for (const answer of parser.take(chunk)) settle(waiting.shift(), answer)
    wait()
  }

  child.stdout.on('data', take)
  child.stderr.resume()
  child.stdin.on('error', () => undefined)
  child.on('error', () => end('git could not be started'))
  child.on('close', () => end('git ended'))
  return {
    open: () => open,
    ask: (oid) =>
      new Promise((resolve, reject) => {
        waiting.push({ oid, resolve, reject })
        child.stdin.write(`${oid}\n`)
        if (waiting.length === 1) wait()
      }),
    close: () => end('the source is closed'),
  }
}

interface Answer {
  readonly type: string
  readonly content: Buffer
}

function settle(asked: Waiting | undefined, answer: Answer): void {
  if (answer.type === 'blob') asked?.resolve(answer.content)
  else asked?.reject(new GitFailed(`reading blob ${asked.oid}: git answers '${answer.type}'`))
}

/** Answers are `<oid> <type> <size>\n<content>\n`, or `<oid> missing\n`; they come in chunks of any length. */
function createAnswerParser() {
  let chunks: Buffer[] = []
  let size = 0
  let needed = 1

  function* answers(): Generator<Answer> {
    let bytes = Buffer.concat(chunks)
    for (;;) {
      const lineEnd = bytes.indexOf(10)
      const [, type = '', length] = lineEnd < 0 ? [] : bytes.toString('latin1', 0, lineEnd).split(' ')
      const contentEnd = lineEnd + 1 + Number(length ?? -1)
      needed = lineEnd < 0 ? bytes.length + 1 : contentEnd + 1
      if (bytes.length < needed) break
      yield { type, content: Buffer.from(bytes.subarray(lineEnd + 1, Math.max(contentEnd, lineEnd + 1))) }
      bytes = bytes.subarray(needed)
    }
    chunks = [bytes]
    size = bytes.length
  }
  return {
    // A large blob comes in many chunks: they are joined once, when the whole of it is there.
    take: (chunk: Buffer): readonly Answer[] => {
      chunks.push(chunk)
      size += chunk.length
      return size < needed ? [] : [...answers()]
    },
  }
}
