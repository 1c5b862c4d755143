import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createRealClock } from '../../../src/lib/real-clock.ts'
import { Sensitive } from '../../../src/model/sensitive.ts'
import { agentKeys } from '../../../src/shell/agent-keys.ts'
import type { Shell } from '../../../src/shell/shell.ts'
import { createSshPool, type SshAccess, type SshPool } from '../../../src/shell/ssh-pool.ts'
import { waitUntil } from '../../lab/wait.mjs'
import { createFakeClock } from '../../support/fake-clock.ts'
import { type Relay, startRelay } from '../../support/relay.ts'
import { type SshServer, sshPossible, startSshServer, strangeHostKey } from '../../support/ssh-server.ts'

const { signal } = new AbortController()

describe.skipIf(!sshPossible())('a shell by ssh', () => {
  const folder = mkdtempSync(join(tmpdir(), 'swarmkeeper-ssh-shell-'))
  const shells: Shell[] = []
  let server: SshServer
  let relay: Relay
  beforeAll(async () => {
    server = await startSshServer(join(folder, 'sshd'))
    relay = await startRelay(server.port)
  })
  afterEach(async () => {
    for (const shell of shells.splice(0)) await shell.dispose()
  })
  afterAll(async () => {
    await relay?.close()
    await server?.stop()
    rmSync(folder, { recursive: true })
  })

  const newPool = (): SshPool => createSshPool({ clock: createRealClock(), random: () => 1 })
  const access = (own: Partial<SshAccess> = {}): SshAccess => ({
    host: '127.0.0.1',
    port: relay.port,
    user: server.user,
    hostKey: server.hostKey,
    privateKey: new Sensitive(readFileSync(server.keyFile)),
    become: 'none',
    ...own,
  })
  const shellOf = (own: Partial<SshAccess> = {}, pool = newPool()): Shell => {
    const shell = pool.shell(access(own))
    shells.push(shell)
    return shell
  }
  /** As ssh-keygen prints it. */
  const printOf = (hostKey: string): string => {
    const said = execFileSync('ssh-keygen', ['-lf', '-'], { input: `${hostKey}\n` }).toString()
    return `${hostKey.split(' ')[0]} ${said.split(' ')[1]}`
  }
  const echo = async (shell: Shell): Promise<string> =>
    (await shell.run(['echo', 'up'], { signal })).stdout.toString().trim()

  describe('and its one connection', () => {
    it('opens none before it is needed, and one for any number of commands and shells', async () => {
      const before = relay.count
      const pool = newPool()
      const [one, other] = [shellOf({}, pool), shellOf({}, pool)]
      expect(relay.count).toBe(before)
      const running = Array.from({ length: 30 }, (_, at) => (at % 2 ? one : other).run(['echo', `${at}`], { signal }))
      const printed = (await Promise.all(running)).map(({ stdout }) => Number(stdout.toString()))
      expect(printed).toEqual(Array.from({ length: 30 }, (_, at) => at))
      await one.dispose()
      expect(await echo(other)).toBe('up')
      expect(relay.count - before).toBe(1)
    })

    it('runs more commands than sshd has sessions for, five at a time', async () => {
      const shell = shellOf()
      const most = 'mkdir -p "$1" && touch "$1/$$" && ls "$1" | wc -l; sleep 0.2; rm "$1/$$"'
      const words = ['sh', '-c', most, 'sh', join(folder, 'count')]
      const ran = await Promise.all(Array.from({ length: 20 }, () => shell.run(words, { signal })))
      const counts = ran.map(({ stdout }) => Number(stdout.toString()))
      expect(Math.max(...counts)).toBeGreaterThan(2)
      expect(Math.max(...counts)).toBeLessThanOrEqual(5)
    })

    it('waits for its turn where sshd allows fewer than it wants', async () => {
      const eager = createSshPool({ clock: createRealClock(), random: () => 1, sessions: 14 })
      const shell = shellOf({}, eager)
      const ran = await Promise.all(Array.from({ length: 28 }, () => shell.run(['sleep', '0.1'], { signal })))
      expect(ran.map(({ code }) => code)).toEqual(Array.from({ length: 28 }, () => 0))
    })

    it('says that the outcome is unknown where the connection is lost in the middle, and connects again', async () => {
      const shell = shellOf()
      await echo(shell)
      const began = relay.count
      const running = shell.run(['sleep', '30'], { signal, timeoutMs: 1000 })
      await echo(shell)
      relay.drop()
      await expect(running).rejects.toMatchObject({
        reason: 'TargetUnreachable',
        retryable: true,
        message: expect.stringContaining('unknown'),
      })
      expect(await echo(shell)).toBe('up')
      expect(relay.count).toBe(began + 1)
    })

    it('does not share the connection of another login', async () => {
      const before = relay.count
      const pool = newPool()
      const stranger = new Sensitive(readFileSync(server.lockedKeyFile()))
      await echo(shellOf({}, pool))
      const other = shellOf({ privateKey: stranger, passphrase: new Sensitive('open sesame') }, pool)
      await echo(other)
      expect(relay.count - before).toBe(2)
    })
  })

  describe('and who is at its ends', () => {
    it.each([
      [['ed25519']],
      [['ecdsa', '-b', '256']],
      [['ecdsa', '-b', '384']],
      [['ecdsa', '-b', '521']],
      [['rsa', '-b', '2048']],
    ])('knows the host by a key of any type: %j', async (type) => {
      const own = await startSshServer(join(folder, `sshd-${type.join('')}`), type)
      const login = { port: own.port, hostKey: own.hostKey, privateKey: new Sensitive(readFileSync(own.keyFile)) }
      expect(await echo(shellOf(login))).toBe('up')
      await own.stop()
    })

    it('talks to no host with another key, nor with a key of another type', async () => {
      const hostKey = strangeHostKey(join(folder, 'sshd'))
      const ecdsa = await startSshServer(join(folder, 'sshd-other'), ['ecdsa'])
      for (const [shell, shown, pinned] of [
        [shellOf({ hostKey }), server.hostKey, hostKey],
        [shellOf({ port: ecdsa.port }), ecdsa.hostKey, server.hostKey],
      ] as const) {
        const refusal = await echo(shell).catch((error: unknown) => error)
        expect(refusal).toMatchObject({ reason: 'TargetMismatch', retryable: false })
        expect(String(refusal)).toContain(`shows ${printOf(shown)}, and pinned is ${printOf(pinned)}`)
        expect(refusal).toHaveProperty('todo', expect.stringContaining('ssh-keygen -lf'))
      }
      await ecdsa.stop()
    })

    it('sends nothing of a login to a host with another key', async () => {
      const heard: string[] = []
      const strange = join(folder, 'strange-host')
      execFileSync('ssh-keygen', ['-q', '-t', 'ecdsa', '-N', '', '-f', strange])
      const impostor = new ssh2.Server({ hostKeys: [readFileSync(strange)] }, (client) => {
        client.on('error', () => {})
        client.on('authentication', (login) => {
          heard.push(login.username)
          login.accept()
        })
      })
      await new Promise<void>((resolve) => impostor.listen(0, '127.0.0.1', resolve))
      const { port } = impostor.address() as AddressInfo
      await expect(echo(shellOf({ port }))).rejects.toMatchObject({ reason: 'TargetMismatch' })
      expect(heard).toEqual([])
      impostor.close()
    })

    it.each(['', ' ', 'ssh-ed25519', 'ssh-ed25519 AAAA', 'host ssh-ed25519 AAAA'])(
      'never trusts a host of which no key is pinned: %j',
      async (hostKey) => {
        const before = relay.count
        await expect(echo(shellOf({ hostKey }))).rejects.toMatchObject({ reason: 'InvalidSettings' })
        expect(relay.count).toBe(before)
      },
    )

    it('says that a certificate is no key to log in with, nor a public key', async () => {
      const key = join(folder, 'certified')
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
      execFileSync('ssh-keygen', ['-q', '-s', server.keyFile, '-I', 'me', '-n', 'root', `${key}.pub`])
      const refusalOf = (file: string) =>
        echo(shellOf({ privateKey: new Sensitive(readFileSync(file)) })).catch((error: unknown) => String(error))
      expect(await refusalOf(`${key}-cert.pub`)).toContain('certificates of users are not supported')
      expect(await refusalOf(`${key}.pub`)).toContain('it is a public key')
    })

    it('says that the login is refused', async () => {
      const key = join(folder, 'nobody')
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
      const shell = shellOf({ privateKey: new Sensitive(readFileSync(key)) })
      await expect(echo(shell)).rejects.toMatchObject({
        reason: 'LoginRefused',
        message: expect.stringContaining(`${server.user}@127.0.0.1:${relay.port}`),
      })
    })

    it('opens a key with its passphrase, and says what is wrong without telling it', async () => {
      const privateKey = new Sensitive(readFileSync(server.lockedKeyFile()))
      expect(await echo(shellOf({ privateKey, passphrase: new Sensitive('open sesame') }))).toBe('up')
      const wrong = new Sensitive('canary-wrong')
      for (const own of [{ privateKey }, { privateKey, passphrase: wrong }, { privateKey: new Sensitive('none') }]) {
        const refusal = await echo(shellOf(own)).catch((error: unknown) => error)
        expect(refusal).toMatchObject({ reason: 'InvalidSettings' })
        expect(String(refusal)).not.toContain('canary')
      }
    })

    it.each([{ user: '' }, { user: ' ' }, { host: '' }, { host: '-oProxyCommand=id' }, { user: 'a\nb' }])(
      'takes nothing for a default: %j (SEC-5, SEC-26)',
      async (own) => {
        await expect(echo(shellOf(own))).rejects.toMatchObject({ reason: 'InvalidSettings' })
      },
    )

    it('asks an agent for the key', async () => {
      const { privateKey: _, ...keyless } = access()
      const socket = join(folder, 'agent')
      const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' })
      await waitUntil('ssh-agent', () => existsSync(socket))
      execFileSync('ssh-add', ['-q', server.keyFile], {
        env: { ...process.env, SSH_AUTH_SOCK: socket },
        stdio: 'ignore',
      })
      const shell = newPool().shell({ ...keyless, agent: socket })
      expect(await echo(shell)).toBe('up')
      const publicKey = readFileSync(`${server.keyFile}.pub`, 'utf8').split(' ').slice(0, 2).join(' ')
      expect(await agentKeys(socket, { signal })).toEqual([publicKey])
      await shell.dispose()
      agent.kill()
      await once(agent, 'close')
      await expect(echo(newPool().shell({ ...keyless, agent: socket }))).rejects.toMatchObject({
        reason: 'LoginRefused',
      })
      await expect(agentKeys(socket, { signal })).rejects.toMatchObject({ reason: 'InvalidSettings' })
      await expect(echo(newPool().shell(keyless))).rejects.toMatchObject({ reason: 'InvalidSettings' })
    })

    it('goes through a jump host, whose connection all share', async () => {
      const far = await startSshServer(join(folder, 'sshd-far'))
      const before = relay.count
      const pool = newPool()
      const { become: _, ...jump } = access()
      const behind = {
        port: far.port,
        hostKey: far.hostKey,
        privateKey: new Sensitive(readFileSync(far.keyFile)),
        jump,
      }
      const [one, two] = [shellOf(behind, pool), shellOf({}, pool)]
      expect(await Promise.all([echo(one), echo(two)])).toEqual(['up', 'up'])
      expect(relay.count - before).toBe(1)
      const mistaken = shellOf({ ...behind, hostKey: server.hostKey }, pool)
      await expect(echo(mistaken)).rejects.toMatchObject({ reason: 'TargetMismatch' })
      await far.stop()
      const gone = shellOf({ ...behind, user: 'another' }, pool)
      await expect(echo(gone)).rejects.toMatchObject({
        reason: 'TargetUnreachable',
        message: expect.stringContaining(`through ${server.user}@`),
      })
    })
  })

  describe('and its limits', () => {
    it('gives up on a command that takes too long, which ends on the host as well', async () => {
      const clock = createFakeClock()
      const shell = createSshPool({ clock, random: () => 1 }).shell(access())
      shells.push(shell)
      const pidFile = join(folder, 'pid')
      const pid = () => existsSync(pidFile) && readFileSync(pidFile, 'utf8').trim()
      const slow = shell.run(['sh', '-c', 'echo $$ >"$1"; exec sleep 600', 'sh', pidFile], {
        signal,
        timeoutMs: 60_000,
      })
      const late = expect(slow).rejects.toMatchObject({
        reason: 'TimedOut',
        message: expect.stringContaining('within 60 s'),
      })
      const status = readFileSync(`/proc/${await waitUntil('the command', pid)}/status`, 'utf8')
      const parent = readFileSync(`/proc/${status.match(/PPid:\s+(\d+)/)?.[1]}/cmdline`, 'utf8')
      expect(parent.split('\0').slice(0, 4)).toEqual(['timeout', '-k', '5', '65'])
      await clock.advance(60_000)
      await late
      expect(await echo(shell)).toBe('up')
    })

    it('leaves a command at once when the signal says so, and gives its place to others', async () => {
      const shell = shellOf()
      await echo(shell)
      const impatient = new AbortController()
      const running = Array.from({ length: 12 }, () =>
        shell.run(['sleep', '5'], { signal: impatient.signal, timeoutMs: 100 }),
      )
      impatient.abort(new Error('enough'))
      for (const one of running) await expect(one).rejects.toThrow('enough')
      await expect(shell.run(['true'], { signal: impatient.signal })).rejects.toThrow('enough')
    })

    it('reads no more than it may', async () => {
      const shell = shellOf()
      const much = shell.run(['cat', '/dev/zero'], { signal, maxBytes: 10_000 })
      await expect(much).rejects.toMatchObject({ reason: 'TargetRefused' })
      expect(await echo(shell)).toBe('up')
    })

    it('tells how a command ended: by a code, by a signal, or not found', async () => {
      const shell = shellOf()
      const end = async (...words: string[]) => {
        const { code, signal: by, stderr } = await shell.run(words, { signal })
        return [code, by, stderr.toString().trim()]
      }
      expect(await end('sh', '-c', 'echo no >&2; exit 3')).toEqual([3, undefined, 'no'])
      expect(await end('sh', '-c', 'kill -TERM $$')).toEqual([undefined, 'SIGTERM', ''])
      expect((await end('no-such-program'))[0]).toBe(127)
    })

    it('hears the end of a command that stands in the same packet as its beginning', async () => {
      const hostKeys = [readFileSync(join(folder, 'sshd', 'host'))]
      const hasty = new ssh2.Server({ hostKeys }, (client) => {
        client.on('error', () => {})
        client.on('authentication', (login) => login.accept())
        client.on('session', (accept) =>
          accept().on('exec', (begin) => {
            const channel = begin()
            channel.exit(3)
            channel.end()
          }),
        )
      })
      await new Promise<void>((resolve) => hasty.listen(0, '127.0.0.1', resolve))
      const shell = shellOf({ port: (hasty.address() as AddressInfo).port })
      const ran = await Promise.all(Array.from({ length: 20 }, () => shell.run(['true'], { signal })))
      expect(ran.map(({ code }) => code)).toEqual(Array.from({ length: 20 }, () => 3))
      hasty.close()
    })

    it('hands over megabytes, both ways', async () => {
      const bytes = Buffer.alloc(3_000_000, 'swarm')
      const { stdout } = await shellOf().run(['cat'], { signal, stdin: bytes })
      expect(stdout.equals(bytes)).toBe(true)
    })
  })

  describe('and its streams', () => {
    it('lead to a unix socket, to a port and to a command, until the signal says otherwise', async () => {
      const shell = shellOf()
      const path = join(folder, 'hello')
      const hello = createServer((socket) => socket.end('hello'))
      await new Promise<void>((resolve) => hello.listen(path, resolve))
      const [data] = await once(await shell.openUnixSocket(path, { signal }), 'data')
      expect(String(data)).toBe('hello')
      hello.close()
      await expect(shell.openUnixSocket(`${path}-no`, { signal })).rejects.toMatchObject({ reason: 'TargetRefused' })

      const [banner] = await once(await shell.openTcp({ host: '127.0.0.1', port: server.port }, { signal }), 'data')
      expect(String(banner)).toMatch(/^SSH-2/)

      const end = new AbortController()
      const cat = await shell.stream(['cat'], { signal: end.signal })
      cat.write('x')
      expect(String((await once(cat, 'data'))[0])).toBe('x')
      end.abort()
      await once(cat, 'close')
      expect(await echo(shell)).toBe('up')
    })
  })
})
