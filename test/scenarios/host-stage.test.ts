import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HOST_KINDS } from '../../src/kinds/host-registry.ts'
import { createRealClock } from '../../src/lib/real-clock.ts'
import type { Wanted } from '../../src/model/resource.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import type { Step, StepNote, Target } from '../../src/model/target.ts'
import { createSshPool } from '../../src/shell/ssh-pool.ts'
import { createHostTarget } from '../../src/targets/host/host-target.ts'
import { type Hosts, hostsPossible, startHosts } from '../lab/hosts.mjs'
import { create } from '../support/changes.ts'
import { fileOf, HOST, service, unitOf, wantedOf } from '../targets/host/things.ts'

const { signal } = new AbortController()
const RUNS = ['ExecStart=/usr/bin/sleep infinity', '[Install]', 'WantedBy=multi-user.target']

describe.skipIf(!hostsPossible())(
  'a stage of many changes, of which systemd, the record and folders are told at once',
  () => {
    const clock = createRealClock()
    let hosts: Hosts
    let target: Target
    beforeAll(async () => {
      hosts = await startHosts({ supervisord: false })
      const { address, port } = hosts.first
      const privateKey = new Sensitive(readFileSync(hosts.keyFile))
      const login = { host: address, port, user: 'root', hostKey: hosts.first.hostKey(), privateKey }
      const shell = createSshPool({ clock, random: () => 0 }).shell({ ...login, become: 'none' })
      target = createHostTarget({ name: HOST, install: 'ours', shell, clock, kinds: HOST_KINDS })
    })
    afterAll(async () => {
      await target?.dispose()
      await hosts?.dispose()
    })

    const apply = async (all: readonly Wanted[]) => {
      const ends = new Map<string, { readonly step: Step; readonly note: StepNote }>()
      await target.apply(
        { changes: all.map((wanted) => create(wanted)), gates: [], pauseMs: 0 },
        {
          signal,
          record: [],
          guard: async () => {},
          reveal: async () => new Sensitive(''),
          mark: (id, step, note = {}) => void ends.set(id, { step, note }),
        },
      )
      return all.map(({ id }) => ends.get(id))
    }
    const unit = (name: string, lines: readonly string[] = RUNS) =>
      wantedOf('Unit', name, unitOf(name, service(...lines), { enabled: true }))
    const file = (path: string, more = {}) => wantedOf('File', path, fileOf(path, `of ${path}\n`, more))
    const differences = async (all: readonly Wanted[]) => {
      const { of } = await target.observe(all, { signal })
      return all.flatMap(({ id, kind, spec }): readonly unknown[] => {
        const seen = of.get(id)
        return seen?.state === 'present' && seen.owner.who === 'us'
          ? (HOST_KINDS.get(kind)?.compare(spec, seen.live) ?? [])
          : [{ id, seen: seen?.state }]
      })
    }
    const isActive = (name: string) => hosts.first.run(['sh', '-c', `systemctl is-active ${name} || :`])
    const applied = { step: 'applied', note: {} }

    it('does all of it, and then there is nothing to do', async () => {
      const all = [
        file('/etc/one.env', { mode: '0640' }),
        file('/etc/two.env'),
        ...['a@b.service', 'c.service', 'd-\\x2d.service'].map((name) => unit(name)),
      ]
      expect(await apply(all)).toEqual(all.map(() => applied))
      expect(await differences(all)).toEqual([])
      const left = await hosts.first.run(['sh', '-c', 'ls -A /etc /etc/systemd/system | grep swarmkeeper || :'])
      expect(left).toBe('')
    })

    it('starts the others where one cannot be started, and says of that one what it logged', async () => {
      const fails = [
        'Type=oneshot',
        'ExecStart=/bin/sh -c "echo no luck; exit 3"',
        '[Install]',
        'WantedBy=multi-user.target',
      ]
      const [first, bad, last] = await apply([unit('e.service'), unit('e-not.service', fails), unit('f.service')])
      expect([first, last]).toEqual([applied, applied])
      expect(bad).toMatchObject({ step: 'failed', note: { reason: 'TargetRefused' } })
      expect(bad?.note.message).toContain('no luck')
      expect(await isActive('e.service')).toBe('active\n')
      expect(await isActive('f.service')).toBe('active\n')
    })

    it('refuses the one unit with an option that systemd does not know, before anything of it is written', async () => {
      const [first, bad] = await apply([unit('g.service'), unit('h.service', ['Restartt=always', ...RUNS])])
      expect(first).toEqual(applied)
      expect(bad?.step).toBe('failed')
      expect(bad?.note.message).toContain("Unknown key 'Restartt'")
      expect(await hosts.first.run(['ls', '/etc/systemd/system'])).not.toContain('h.service')
      expect((await target.observe([unit('h.service')], { signal })).of.get(unit('h.service').id)?.state).toBe('absent')
    })

    it('says of the one file what keeps it from being written, and writes the others', async () => {
      const all = [file('/etc/three.env'), file('/etc/four.env', { owner: 'nobody-there' }), file('/nowhere/five.env')]
      const [first, second, third] = await apply(all)
      expect(first).toEqual(applied)
      expect(second).toMatchObject({ step: 'failed', note: { message: expect.stringContaining('nobody-there') } })
      expect(third).toMatchObject({ step: 'failed', note: { message: expect.stringContaining('/nowhere') } })
      expect(await differences([file('/etc/three.env')])).toEqual([])
    })

    it('writes into a folder of somebody else, byte by byte', async () => {
      const odd = `'quotes' "and" $(touch /tmp/x) \`y\` \\ %s %d\n\n\ttab\r\nend without a newline`
      const all = [
        wantedOf('File', '/home/deploy/odd', fileOf('/home/deploy/odd', odd, { owner: 'deploy', group: 'deploy' })),
        wantedOf('File', '/etc/odd', fileOf('/etc/odd', odd)),
        wantedOf('File', '/etc/empty', fileOf('/etc/empty', '')),
      ]
      expect(await apply(all)).toEqual(all.map(() => applied))
      expect(await differences(all)).toEqual([])
      expect(await hosts.first.run(['cat', '/etc/odd'])).toBe(odd)
    })
  },
)
