import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createRealClock } from '../../src/lib/real-clock.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import { createLocalShell } from '../../src/shell/local-shell.ts'
import { runScript } from '../../src/shell/script.ts'
import { upload } from '../../src/shell/upload.ts'
import { waitUntil } from '../lab/wait.mjs'
import { createFakeClock } from '../support/fake-clock.ts'
import { createRecorderShell } from '../support/recorder-shell.ts'

const { signal } = new AbortController()
const folder = mkdtempSync(join(tmpdir(), 'swarmkeeper-shell-'))
afterAll(() => rmSync(folder, { recursive: true }))
const shell = createLocalShell({ clock: createRealClock(), become: 'none', uid: 1 })

describe('a shell on this machine', () => {
  it('runs words as they are, with no shell in between, and tells how they ended', async () => {
    const words = ['printf', '%s|', '$HOME', 'a b', "it's", '-n', 'ä\n']
    const { stdout, ...rest } = await shell.run(words, { signal })
    expect(stdout.toString()).toBe("$HOME|a b|it's|-n|ä\n|")
    expect(rest).toMatchObject({ code: 0, signal: undefined })
    expect(await shell.run(['sh', '-c', 'echo no >&2; exit 3'], { signal })).toMatchObject({
      code: 3,
      stderr: Buffer.from('no\n'),
    })
    expect(await shell.run(['no-such-program'], { signal })).toMatchObject({ code: 127 })
  })

  it('gives a program nothing of the environment of this process', async () => {
    process.env.SWARMKEEPER_CANARY = 'secret'
    const { stdout } = await shell.run(['env'], { signal })
    delete process.env.SWARMKEEPER_CANARY
    expect(stdout.toString()).toMatch(/^PATH=\S+\n$/)
  })

  it('hands over input byte by byte', async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 256))
    const { stdout } = await shell.run(['cat'], { signal, stdin: bytes })
    expect(stdout.equals(bytes)).toBe(true)
    expect((await shell.run(['true'], { signal, stdin: bytes })).code).toBe(0) // that nobody reads
  })

  it('ends a command that takes too long, with all that it started', async () => {
    const clock = createFakeClock()
    const file = join(folder, 'pid')
    const words = ['sh', '-c', 'sleep 60 & echo $! >"$1"; wait', 'sh', file]
    const slow = createLocalShell({ clock, become: 'none', uid: 1 }).run(words, { signal, timeoutMs: 300 })
    const late = expect(slow).rejects.toMatchObject({ reason: 'TimedOut', message: expect.stringContaining('0.3 s') })
    const child = await waitUntil('the command', () => existsSync(file) && Number(readFileSync(file, 'utf8')))
    expect(isAlive(child)).toBe(true)
    await clock.advance(300)
    await late
    await waitUntil('its child to end', () => !isAlive(child))
  })

  it('ends a command that nobody waits for any more', async () => {
    const impatient = new AbortController()
    const running = shell.run(['sleep', '60'], { signal: impatient.signal })
    impatient.abort(new Error('enough'))
    await expect(running).rejects.toThrow('enough')
    await expect(shell.run(['true'], { signal: impatient.signal })).rejects.toThrow('enough')
  })

  it('reads no more than it may, and of messages the end', async () => {
    const much = shell.run(['head', '-c', '1000000', '/dev/zero'], { signal, maxBytes: 1000 })
    await expect(much).rejects.toMatchObject({
      reason: 'TargetRefused',
      message: expect.stringContaining('1000 bytes'),
    })
    const talkative = ['sh', '-c', 'head -c 100000 /dev/zero >&2; printf end >&2']
    const { stderr } = await shell.run(talkative, { signal, maxBytes: 1000 })
    expect(stderr.length).toBe(1000)
    expect(stderr.subarray(-3).toString()).toBe('end')
  })

  it('streams until the signal says otherwise', async () => {
    const end = new AbortController()
    const stream = await shell.stream(['cat'], { signal: end.signal })
    stream.write('hello')
    expect(String(await new Promise((resolve) => stream.once('data', resolve)))).toBe('hello')
    const closed = new Promise((resolve) => stream.once('close', resolve))
    end.abort()
    await closed
  })

  it('connects to sockets, and says what refuses', async () => {
    const path = join(folder, 'socket')
    const server = createServer((socket) => socket.end('hello'))
    await new Promise<void>((resolve) => server.listen(path, resolve))
    const stream = await shell.openUnixSocket(path, { signal })
    expect(String(await new Promise((resolve) => stream.once('data', resolve)))).toBe('hello')
    server.close()
    await expect(shell.openUnixSocket(`${path}-no`, { signal })).rejects.toMatchObject({ reason: 'TargetRefused' })
  })
})

describe('a script', () => {
  it('gets its arguments, and does not travel in words', async () => {
    const ran = await runScript(shell, { text: 'printf "%s," "$@"', args: ['a b', '-e', '$x'] }, { signal })
    expect(ran.stdout.toString()).toBe('a b,-e,$x,')
    const recorder = createRecorderShell()
    await runScript(recorder, { text: new Sensitive('echo canary') }, { signal })
    expect(JSON.stringify(recorder.runs)).not.toContain('canary')
  })

  it('does nothing at all where it was cut off on the way', async () => {
    const recorder = createRecorderShell()
    await runScript(recorder, { text: "echo one\ncat <<'END'\ntwo\nEND\necho three" }, { signal })
    const [{ words, stdin } = { words: [], stdin: '' }] = recorder.runs
    expect((await shell.run(words, { signal, stdin })).stdout.toString()).toBe('one\ntwo\nthree\n')
    for (let length = 0; length < stdin.length - 'main "$@"\n'.length; length += 7) {
      const ran = await shell.run(words, { signal, stdin: stdin.slice(0, length) })
      expect(ran.stdout.toString()).toBe('')
    }
  })
})

describe('an upload', () => {
  it('puts a file there with its mode, secret or not', async () => {
    const path = join(folder, "it's $HOME")
    await upload(shell, { path, content: new Sensitive('s3cret\0\xff'), mode: '0640' }, { signal })
    expect(readFileSync(path, 'utf8')).toBe('s3cret\0\xff')
    expect(statSync(path).mode & 0o7777).toBe(0o640)
  })

  it('leaves what was there where not all arrives', async () => {
    const path = join(folder, 'file')
    writeFileSync(path, 'before')
    const cut = { ...shell, run: (words: readonly string[]) => shell.run(words, { signal, stdin: 'aft' }) }
    await expect(upload(cut, { path, content: 'after', mode: '0600' }, { signal })).rejects.toMatchObject({
      reason: 'TargetRefused',
      message: expect.stringContaining('not all of it arrived'),
    })
    expect(readFileSync(path, 'utf8')).toBe('before')
    expect((await shell.run(['ls', '-A', folder], { signal })).stdout.toString()).not.toContain('file.')
  })

  it('takes no relative path, and names what cannot be written', async () => {
    const file = { content: '', mode: '0600' }
    await expect(upload(shell, { path: '-x', ...file }, { signal })).rejects.toThrow(TypeError)
    await expect(upload(shell, { path: join(folder, 'no', 'x'), ...file }, { signal })).rejects.toMatchObject({
      reason: 'TargetRefused',
    })
  })
})

function isAlive(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0] !== 'Z'
  } catch {
    return false
  }
}
