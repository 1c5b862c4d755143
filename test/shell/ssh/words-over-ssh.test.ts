import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRealClock } from '../../../src/lib/real-clock.ts'
import { Sensitive } from '../../../src/model/sensitive.ts'
import { runScript } from '../../../src/shell/script.ts'
import type { Shell } from '../../../src/shell/shell.ts'
import { createSshPool } from '../../../src/shell/ssh-pool.ts'
import { upload } from '../../../src/shell/upload.ts'
import { NASTY, nastyText } from '../../support/nasty.ts'
import { type SshServer, sshPossible, startSshServer } from '../../support/ssh-server.ts'

const { signal } = new AbortController()

/** Valid in its own right only where an argument of a program can hold it. */
const canArrive = (words: readonly string[]) => words.every((one) => !one.includes('\0') && !/\p{Surrogate}/u.test(one))

/** `SWARMKEEPER_SEED=…` looks elsewhere. */
const SEED = Number(process.env.SWARMKEEPER_SEED ?? 4)

describe.skipIf(!sshPossible())(`words, names and values over a real sshd (SEC-4, SEC-5; seed ${SEED})`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'swarmkeeper-words-'))
  let server: SshServer
  let shell: Shell
  beforeAll(async () => {
    server = await startSshServer(join(folder, 'sshd'))
    const privateKey = new Sensitive(readFileSync(server.keyFile))
    shell = createSshPool({ clock: createRealClock(), random: () => 1 }).shell({
      ...{ host: '127.0.0.1', port: server.port, user: server.user, hostKey: server.hostKey },
      ...{ privateKey, become: 'none' },
    })
  })
  afterAll(async () => {
    await shell?.dispose()
    await server?.stop()
    rmSync(folder, { recursive: true })
  })

  const runs = process.env.SWARMKEEPER_TEST_FULL ? 2000 : 60

  it('arrive byte by byte, or are refused before anything is sent', async () => {
    let refused = 0
    const property = fc.asyncProperty(fc.array(nastyText, { minLength: 1, maxLength: 12 }), async (words) => {
      const running = shell.run(['printf', '%s\\0', ...words], { signal })
      if (!canArrive(words)) {
        refused += 1
        await expect(running).rejects.toThrow(TypeError)
        return
      }
      const { code, stdout } = await running
      expect({ code, stdout }).toEqual({ code: 0, stdout: Buffer.from(words.map((one) => `${one}\0`).join('')) })
    })
    await fc.assert(property, { numRuns: runs, seed: SEED })
    expect(refused).toBeGreaterThan(0)
  })

  it('arrive alone, each of the worst of them', async () => {
    const words = NASTY.filter((one) => canArrive([one]))
    const { stdout } = await shell.run(['printf', '%s\\0', ...words], { signal })
    expect(stdout.toString().split('\0').slice(0, -1)).toEqual(words)
  })

  it('arrive as arguments of a script', async () => {
    const words = NASTY.filter((one) => canArrive([one]))
    const { stdout } = await runScript(shell, { text: 'printf "%s\\0" "$@"', args: words }, { signal })
    expect(stdout.toString().split('\0').slice(0, -1)).toEqual(words)
  })

  it('are contents and paths of files as they were', async () => {
    const names = NASTY.filter((one) => canArrive([one]) && !one.includes('/'))
    const sent = names.map(async (name, at) => {
      const path = join(folder, `${at}${name}`)
      const content = Buffer.from([...Buffer.from(name), 0, 0xff, 0x0a])
      await upload(shell, { path, content, mode: '0600' }, { signal })
      expect(readFileSync(path).equals(content)).toBe(true)
    })
    await Promise.all(sent)
  })

  it('may be secret on standard input, and are then in no list of processes', async () => {
    const secret = new Sensitive('canary-7f3a')
    const script =
      'read -r value; tr "\\0" " " </proc/$PPID/cmdline; tr "\\0" " " </proc/$$/cmdline; printf "%s" "$value"'
    const { stdout } = await shell.run(['sh', '-c', script], { signal, stdin: secret })
    expect(stdout.toString().split('canary-7f3a').length).toBe(2)
  })
})
