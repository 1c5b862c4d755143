import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRealClock } from '../../src/lib/real-clock.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import type { Shell } from '../../src/shell/shell.ts'
import { createSshPool, type SshPool } from '../../src/shell/ssh-pool.ts'
import { upload } from '../../src/shell/upload.ts'
import type { Host } from '../lab/host.mjs'
import { type Hosts, hostsPossible, startHosts } from '../lab/hosts.mjs'
import { waitUntil } from '../lab/wait.mjs'

const { signal } = new AbortController()

describe.skipIf(!hostsPossible())('a shell on hosts with systemd, sshd and sudo', () => {
  let hosts: Hosts
  let host: Host
  const opened: Shell[] = []
  beforeAll(async () => {
    hosts = await startHosts({ count: 3 })
    host = hosts.first
  })
  afterAll(async () => {
    for (const shell of opened) await shell.dispose()
    await hosts?.dispose()
  })

  const newPool = (): SshPool => createSshPool({ clock: createRealClock(), random: () => 0, timeoutMs: 2_000 })
  const shellOf = (
    on: Host,
    {
      user = 'deploy',
      become = 'sudo',
      pool = newPool(),
    }: { user?: string; become?: 'sudo' | 'none'; pool?: SshPool } = {},
  ): Shell => {
    const { address, port } = on
    const privateKey = new Sensitive(readFileSync(hosts.keyFile))
    const shell = pool.shell({ host: address, port, user, hostKey: on.hostKey(), privateKey, become })
    opened.push(shell)
    return shell
  }
  const says = async (shell: Shell, ...words: string[]): Promise<string> =>
    (await shell.run(words, { signal })).stdout.toString().trim()

  it('finds a machine each: its own id, systemd and supervisord, its own disk', async () => {
    const shells = hosts.all.map((one) => shellOf(one))
    const ids = await Promise.all(shells.map((shell) => says(shell, 'cat', '/etc/machine-id')))
    expect(ids).toEqual(hosts.all.map(({ machineId }) => machineId))
    expect(new Set(ids).size).toBe(3)
    expect(await says(shellOf(host), 'systemctl', 'is-system-running')).toBe('running')
    expect(await says(shellOf(host), 'systemctl', '--version')).toMatch(/^systemd 252/)
    await waitUntil('supervisord', async () => (await says(shellOf(host), 'supervisorctl', 'version')) === '4.2.5')
  })

  it('makes one connection for many commands, as sshd counts them', async () => {
    const shell = shellOf(host)
    const accepted = async () =>
      Number(await host.run(['sh', '-c', "journalctl -u ssh -o cat | grep -c '^Accepted publickey' || :"]))
    const before = await accepted()
    for (let count = 0; count < 25; count += 1) await says(shell, 'true')
    await Promise.all(Array.from({ length: 25 }, () => says(shell, 'true')))
    expect((await accepted()) - before).toBe(1)
  })

  it('is root by sudo, or the user who logged in', async () => {
    expect(shellOf(host).root).toBe(true)
    expect(await says(shellOf(host), 'id', '-un')).toBe('root')
    expect((await shellOf(host).run(['id', '-un'], { signal, become: false })).stdout.toString()).toBe('deploy\n')
    expect(shellOf(host, { become: 'none' }).root).toBe(false)
    expect(await says(shellOf(host, { become: 'none' }), 'id', '-un')).toBe('deploy')
    expect(await says(shellOf(host, { user: 'root' }), 'id', '-un')).toBe('root')
  })

  it.each(['asker', 'guest'])('says that sudo does not work for %s, who can look as himself', async (user) => {
    const shell = shellOf(host, { user })
    await expect(shell.run(['id'], { signal })).rejects.toMatchObject({
      reason: 'RootRefused',
      message: expect.stringContaining(`${user}@${host.address}:22`),
      todo: expect.stringContaining('NOPASSWD'),
    })
    expect((await shell.run(['id', '-un'], { signal, become: false })).stdout.toString()).toBe(`${user}\n`)
  })

  it('takes no failure of a command for one of sudo', async () => {
    const shell = shellOf(host)
    const pretend = ['sh', '-c', 'echo "sudo: a password is required" >&2; exit 1']
    expect(await shell.run(pretend, { signal })).toMatchObject({ code: 1 })
    expect(await shell.run(['no-such-program'], { signal })).toMatchObject({ code: 127 })
  })

  it('ends on the host what ran into its time as root', async () => {
    const shell = shellOf(host)
    const slow = shell.run(['sleep', '987'], { signal, timeoutMs: 100 })
    await expect(slow).rejects.toMatchObject({ reason: 'TimedOut' })
    const runs = async () =>
      (await host.run(['sh', '-c', 'grep -lazx 987 /proc/[0-9]*/cmdline 2>/dev/null || :'])) !== ''
    await waitUntil('the command', runs)
    await waitUntil('the end of the command', async () => !(await runs()))
  })

  it('leaves the old file where the disk is full', async () => {
    const shell = shellOf(host)
    const file = { path: '/etc/full.conf', mode: '0644' }
    await upload(shell, { ...file, content: 'before' }, { signal })
    await host.fillDisk()
    const more = upload(shell, { ...file, content: Buffer.alloc(1_000_000, 'x') }, { signal })
    await expect(more).rejects.toMatchObject({
      reason: 'TargetRefused',
      message: expect.stringContaining('No space left'),
    })
    await host.emptyDisk()
    expect(await host.run(['cat', file.path])).toBe('before')
    expect(await host.run(['ls', '/etc'])).not.toMatch(/full\.conf\../)
  })

  it('finds a host again that was off, and knows before it has tried that it is still off', async () => {
    const [, second] = hosts.all
    if (second === undefined) throw new Error('no second host')
    const shell = shellOf(second)
    expect(await says(shell, 'hostname')).toBe('host-2')
    const lost = expect(shell.run(['sleep', '30'], { signal })).rejects.toMatchObject({ reason: 'TargetUnreachable' })
    await says(shell, 'true')
    await second.powerOff()
    await lost
    await expect(says(shell, 'hostname')).rejects.toMatchObject({ reason: 'TargetUnreachable', retryable: true })
    await expect(says(shell, 'hostname')).rejects.toThrow('in a row')
    await second.powerOn()
    await waitUntil('the host', async () => (await says(shell, 'cat', '/etc/machine-id')) === second.machineId)
  })

  it('costs nobody else anything where a network is cut', async () => {
    const [, , third] = hosts.all
    if (third === undefined) throw new Error('no third host')
    const pool = newPool()
    const [cut, well] = [shellOf(third, { pool }), shellOf(host, { pool })]
    await says(well, 'true')
    await third.cutLink()
    const unreachable = expect(says(cut, 'true')).rejects.toMatchObject({ reason: 'TargetUnreachable' })
    const began = performance.now()
    expect(await says(well, 'hostname')).toBe('host-1')
    expect(performance.now() - began).toBeLessThan(2_000)
    await unreachable
    await third.mendLink()
    await waitUntil('the host', async () => (await says(cut, 'hostname')) === 'host-3')
  })

  it('talks no longer to a host that shows another key', async () => {
    const [, , third] = hosts.all
    if (third === undefined) throw new Error('no third host')
    const [before, pinned] = [shellOf(third), third.hostKey()]
    await says(before, 'true')
    await third.renewHostKeys()
    expect(third.hostKey()).not.toBe(pinned)
    await before.dispose()
    const privateKey = new Sensitive(readFileSync(hosts.keyFile))
    const login = { host: third.address, port: 22, user: 'deploy', privateKey, become: 'none' as const }
    const old = newPool().shell({ ...login, hostKey: pinned })
    await expect(says(old, 'true')).rejects.toMatchObject({ reason: 'TargetMismatch' })
    expect(await says(shellOf(third), 'hostname')).toBe('host-3')
    const ecdsa = newPool().shell({ ...login, hostKey: third.hostKeyOf('ecdsa') })
    expect(await says(ecdsa, 'hostname')).toBe('host-3')
    await ecdsa.dispose()
  })
})
