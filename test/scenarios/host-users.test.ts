import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { partsOf } from '../../src/model/id.ts'
import { changesOf } from '../../src/model/plan.ts'
import type { Host } from '../lab/host.mjs'
import { type Hosts, hostsPossible, startHosts } from '../lab/hosts.mjs'
import { createHostFleet } from '../support/host-fleet.ts'
import { ask, type LiveFleet, type WrittenDocument } from '../support/live-fleet.ts'

const keeper = { stableFor: '0s', bake: '0s', timeout: '60s' }

describe.skipIf(!hostsPossible())('users and groups of a host', () => {
  let hosts: Hosts
  let host: Host
  let fleet: LiveFleet
  beforeAll(async () => {
    hosts = await startHosts({ supervisord: false })
    host = hosts.first
    fleet = await createHostFleet(hosts, 'host-users')
    await byHand('groupadd --system docker; groupadd --system made; useradd --system --no-create-home -g made made')
  })
  afterAll(async () => {
    await fleet?.dispose()
    await hosts?.dispose()
  })

  const byHand = (script: string) => host.run(['sh', '-c', script])
  const account = (
    kind: 'User' | 'Group',
    name: string,
    more: Readonly<Record<string, unknown>> = {},
  ): WrittenDocument => ({
    kind,
    name,
    hosts: ['host-1'],
    ...more,
    keeper: { ...keeper, ...(more.keeper as object) },
  })
  const allow = { keeper: { prune: 'allow' } }
  const dspy = (more: Readonly<Record<string, unknown>> = {}) =>
    account('User', 'dspy', {
      system: true,
      home: '/opt/dspy-agent',
      shell: '/bin/false',
      groups: ['docker', 'agents'],
      ...allow,
      ...more,
    })
  const agents = account('Group', 'agents', { gid: 4242, ...allow })
  const plain = account('User', 'swarm', { comment: 'Zerg', uid: 4343, ...allow })
  const own = account('Group', 'dspy', { system: true, ...allow })
  const ship = async (...documents: readonly WrittenDocument[]) => {
    await fleet.commit({ 'apps/base/accounts.yaml': documents.length === 0 ? null : documents })
    const [guarded] = (await fleet.apply()).apps
    const confirm = guarded?.guards?.map(({ name }) => name) ?? []
    return confirm.length === 0 ? guarded : (await fleet.apply({ confirm })).apps[0]
  }
  const planned = async () =>
    (await fleet.engine.plan(ask())).apps.flatMap(({ plan }) => [
      ...changesOf(plan).map(({ id, action, diffs }) => [partsOf(id).name, action, diffs.map(({ path }) => path)]),
      ...plan.held.map(({ id, why, message }) => [partsOf(id).name, why, message]),
    ])

  it('are made for services and for people, locked, with their groups, and a second plan is empty', async () => {
    expect(await ship(dspy(), own, agents, plain)).toMatchObject({ outcome: 'proven' })
    expect(await byHand('id -nG dspy; id -g agents 2>/dev/null || getent group agents | cut -d: -f3')).toBe(
      'dspy docker agents\n4242\n',
    )
    const [, uid = '', , , home, shell] = (await byHand('getent passwd dspy')).trim().split(':').slice(1)
    expect([Number(uid) < 1000, home, shell]).toEqual([true, '/opt/dspy-agent', '/bin/false'])
    expect(await byHand('getent passwd swarm | cut -d: -f3,5,6; stat -c %U /home/swarm')).toBe(
      '4343:Zerg:/home/swarm\nswarm\n',
    )
    // no password opens them
    expect(await byHand('getent shadow dspy swarm | cut -d: -f2')).toBe('!\n!\n')
    await expect(byHand('ls /opt/dspy-agent')).rejects.toThrow('No such file')
    expect(await planned()).toEqual([])
  })

  it('are put right field by field; further groups that somebody gave them stay', async () => {
    await byHand('usermod -s /bin/sh -d /tmp -G adm,agents dspy; usermod -c other swarm')
    expect(await planned()).toEqual([
      ['dspy', 'update', ['/home', '/shell', '/groups']],
      ['swarm', 'update', ['/comment']],
    ])
    expect(await fleet.reconcile('base')).toMatchObject({ outcome: 'healed' })
    expect(await planned()).toEqual([])
    expect((await byHand('id -nG dspy')).trim().split(' ').sort()).toEqual(['adm', 'agents', 'docker', 'dspy'])
  })

  it('leave a group that is no longer declared, and keep what is not ours', async () => {
    expect(await ship(dspy({ groups: ['docker'] }), own, agents, plain)).toMatchObject({ outcome: 'proven' })
    expect((await byHand('id -nG dspy')).trim().split(' ').sort()).toEqual(['adm', 'docker', 'dspy'])
    expect(await planned()).toEqual([])
  })

  it('that somebody else made are taken over as they are, or not at all', async () => {
    const made = (more: object) => account('User', 'made', { ...allow, ...more })
    await ship(dspy({ groups: ['docker'] }), own, agents, plain, made({}))
    expect(await planned()).toEqual([['made', 'conflict', expect.stringContaining('it exists and is not ours')]])
    await ship(
      dspy({ groups: ['docker'] }),
      own,
      agents,
      plain,
      made({ comment: 'x', keeper: { ...keeper, prune: 'allow', adopt: true } }),
    )
    expect(await planned()).toEqual([
      ['made', 'conflict', 'adopting would change /comment; `adopt: converge` allows it'],
    ])
    const taken = await ship(
      dspy({ groups: ['docker'] }),
      own,
      agents,
      plain,
      made({ keeper: { ...keeper, prune: 'allow', adopt: true } }),
    )
    expect([taken?.outcome, await planned()]).toEqual(['proven', []])
  })

  it('of another number are another user: one that something belongs to is not exchanged', async () => {
    const outcome = await ship(
      dspy({ groups: ['docker'] }),
      own,
      agents,
      { ...plain, uid: 4444 },
      account('User', 'made', { ...allow, keeper: { prune: 'allow', adopt: true } }),
    )
    expect(outcome).toMatchObject({ outcome: 'rolled-back' })
    expect(JSON.stringify(outcome?.steps)).toMatch(
      /\/(home\/swarm|var\/mail\/swarm)[^ ]* belongs to the user swarm: whoever gets its number next would own that, so it stays/,
    )
    expect(await byHand('id -u swarm')).toBe('4343\n')
  })

  it('go when their documents go, but not while something runs as them or belongs to them', async () => {
    const process = host.run(['runuser', '-u', 'dspy', '--', 'sleep', '300']).catch(() => undefined)
    await byHand(
      'while ! grep -qs sleep $(stat -c "%U %n/comm" /proc/[0-9]* 2>/dev/null | sed -n "s/^dspy //p"); do :; done; touch /srv/left; chgrp agents /srv/left',
    )
    await byHand('sed -i "s|:/opt/dspy-agent:|:/elsewhere:|" /etc/passwd')
    const busy = await fleet.reconcile('base')
    expect([busy.outcome, busy.reason, busy.message]).toEqual([
      'failed',
      'TargetRefused',
      expect.stringContaining('user dspy is currently used by process'),
    ])
    const first = await ship()
    const said = JSON.stringify(first?.steps)
    expect(said).toMatch(/the user dspy still runs the process \d+: it stays/)
    expect(said).toMatch(/belongs to the user swarm/)
    expect(said).toContain('/srv/left belongs to the group agents')
    expect(await byHand('getent passwd dspy swarm made | cut -d: -f1')).toBe('dspy\nswarm\n')
    await byHand('pkill -u dspy sleep; rm -r /srv/left /home/swarm; rm -f /var/mail/swarm')
    await process
    await ship()
    await expect(byHand('getent passwd dspy swarm; getent group agents dspy swarm')).rejects.toThrow()
    // nobody asked for these to go
    expect(await byHand('getent group docker | cut -d: -f1')).toBe('docker\n')
    expect(await planned()).toEqual([])
  })

  it('stay where nobody says that they may go', async () => {
    expect(await ship(account('User', 'stays'))).toMatchObject({ outcome: 'proven' })
    await ship()
    expect(await byHand('id -un stays')).toBe('stays\n')
    expect(await planned()).toEqual([])
  })
})
