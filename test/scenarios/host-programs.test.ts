import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Sensitive } from '../../src/model/sensitive.ts'
import type { Shell } from '../../src/shell/shell.ts'
import { DEFAULT_SUPERVISOR } from '../../src/targets/host/supervisord/reach.ts'
import { type Hosts, hostsPossible, startHosts } from '../lab/hosts.mjs'
import { waitUntil } from '../lab/wait.mjs'
import { adopt, create, prune, update } from '../support/changes.ts'
import { programOf } from '../targets/host/supervisord/programs.ts'
import { applied, type ProgramWorld, programWorld } from '../targets/host/supervisord/world.ts'

const sleeper = (name: string, more = '') =>
  programOf(name, `[program:${name}]\ncommand=/bin/sleep infinity\nstartsecs=0\n${more}`)

describe.skipIf(!hostsPossible())('programs of a real supervisord', () => {
  let hosts: Hosts
  let world: ProgramWorld
  beforeAll(async () => {
    hosts = await startHosts()
    world = programWorld(hosts)
    await world.ready()
  })
  afterAll(async () => {
    await world?.dispose()
    await hosts?.dispose()
  })

  it.each(['root', 'deploy'] as const)('are added, changed and removed, and no other restarts, as %s', async (user) => {
    const { open, apply, observe, settles, differences, pidOf, sh } = world
    const target = open({ user })
    const [web, other] = [sleeper(`web-${user}`), sleeper(`other-${user}`)]
    expect(await observe(target, web)).toEqual({ state: 'absent' })
    expect(await apply(target, create(web), create(other))).toEqual(applied(web, other))
    await settles(target, web, 'healthy')
    await settles(target, other, 'healthy')
    expect(await differences(target, web)).toEqual([])
    const before = await pidOf(`other-${user}`)

    const edited = sleeper(`web-${user}`, 'environment=GREETING="hello, world"\n')
    expect(await differences(target, edited)).toEqual(['/file none', `/groups/web-${user} restart`])
    expect(await apply(target, update(edited))).toEqual(applied(edited))
    await settles(target, edited, 'healthy')
    expect(await differences(target, edited)).toEqual([])
    expect(await sh('cat "/proc/$1/environ"', String(await pidOf(`web-${user}`)))).toContain('GREETING=hello, world')

    const comment = sleeper(`web-${user}`, 'environment=GREETING="hello, world"\n; for people\n')
    const pid = await pidOf(`web-${user}`)
    expect(await apply(target, update(comment))).toEqual(applied(comment))
    expect([await pidOf(`web-${user}`), await pidOf(`other-${user}`)]).toEqual([pid, before])

    expect(await apply(target, prune(comment), prune(other))).toEqual(applied(comment, other))
    expect(await observe(target, comment)).toEqual({ state: 'absent' })
    expect(await sh('supervisorctl avail; ls /etc/supervisor/conf.d /var/lib/swarmkeeper/ours/owned')).not.toContain(
      user,
    )
  })

  it('are looked at through one channel, and a group has as many processes as it says', async () => {
    const { open, apply, settles, differences, look } = world
    let channels = 0
    const counted = (shell: Shell): Shell => ({
      ...shell,
      run: (words, options) => {
        channels += 1
        return shell.run(words, options)
      },
    })
    const target = open({ through: counted })
    const many = (count: number) =>
      sleeper('many', `numprocs=${count}\nprocess_name=%(program_name)s_%(process_num)02d\n`)
    expect(await apply(target, create(many(3)))).toEqual(applied(many(3)))
    await settles(target, many(3), 'healthy')
    channels = 0
    expect((await look(target, many(3))).health.message).toBe('3/3 running')
    expect(channels).toBe(1)
    expect(await differences(target, many(2))).toEqual(['/file none', '/groups/many restart'])
    expect(await apply(target, update(many(2)))).toEqual(applied(many(2)))
    await settles(target, many(2), 'healthy')
    expect((await look(target, many(2))).health.message).toBe('2/2 running')
    expect(await apply(target, prune(many(2)))).toEqual(applied(many(2)))
  })

  it('of other types than programs, and in groups of several, are added and removed as one', async () => {
    const { open, apply, settles, look, sh } = world
    const target = open()
    const listener = "printf 'READY\\n'; exec cat >/dev/null\n"
    await sh('printf %s "$1" >/usr/local/bin/listener', listener)
    const conf = [
      '[program:one]\ncommand=/bin/sleep infinity',
      '[program:two]\ncommand=/bin/sleep infinity',
      '[group:both]\nprograms=one,two',
      '[eventlistener:ears]\ncommand=/bin/sh /usr/local/bin/listener\nevents=PROCESS_COMMUNICATION',
      '[fcgi-program:cgi]\ncommand=/bin/sleep infinity\nsocket=unix:///run/cgi.sock',
      '',
    ].join('\n')
    const all = programOf('mixed', conf)
    expect(await apply(target, create(all))).toEqual(applied(all))
    await settles(target, all, 'healthy')
    expect((await look(target, all)).health.message).toBe('4/4 running')
    const less = programOf('mixed', conf.replace('programs=one,two', 'programs=one'))
    expect(await apply(target, update(less))).toEqual(applied(less))
    expect(await sh('supervisorctl avail | cut -d " " -f 1 | sort')).toBe('both:one\ncgi\nears\ntwo\n')
    expect(await apply(target, prune(less))).toEqual(applied(less))
    expect(await sh('supervisorctl avail | cut -d " " -f 1')).not.toMatch(/both|cgi|ears|two/)
  })

  it('of two apps at once do not take each other for bad', async () => {
    const { open, apply } = world
    const target = open()
    const all = [sleeper('bad-one', 'user=nobody-has-this-name\n'), sleeper('app-two'), sleeper('app-three')]
    const marks = await Promise.all(all.map((one) => apply(target, create(one))))
    expect(marks.flat().map(({ step }) => step)).toEqual(['failed', 'applied', 'applied'])
    expect(await apply(target, ...all.slice(1).map(prune))).toEqual(applied(...all.slice(1)))
  })

  it('that supervisord refuses are taken back at once, and the others go on', async () => {
    const { open, apply, settles, differences, observe, pidOf, sh } = world
    const target = open()
    const good = sleeper('good')
    expect(await apply(target, create(good))).toEqual(applied(good))
    await settles(target, good, 'healthy')
    const pid = await pidOf('good')

    const [bad, fine] = [sleeper('bad', 'user=nobody-has-this-name\n'), sleeper('fine')]
    expect(await apply(target, create(bad), create(fine))).toMatchObject([
      {
        id: bad.id,
        step: 'failed',
        note: { message: expect.stringMatching(/^supervisord refuses its files: Invalid user name.*is back$/) },
      },
      { id: fine.id, step: 'applied' },
    ])
    expect(await observe(target, bad)).toEqual({ state: 'absent' })
    expect(await sh('cat /var/lib/swarmkeeper/ours/owned/*.json')).not.toContain('"bad"')

    const spoilt = sleeper('good', 'user=nobody-has-this-name\n')
    await observe(target, spoilt)
    expect(await apply(target, update(spoilt))).toMatchObject([{ step: 'failed' }])
    expect(await differences(target, good)).toEqual([])
    expect(await pidOf('good')).toBe(pid)
    expect(await sh('supervisorctl reread')).toBe('No config updates to processes\n')

    // somebody else's mistake is named as such, and what runs goes on
    await sh('printf "[program:x]\\n" >/etc/supervisor/conf.d/theirs.conf')
    const more = sleeper('good', 'priority=5\n')
    expect(await apply(target, update(more))).toMatchObject([
      { step: 'failed', note: { message: expect.stringContaining('it still does') } },
    ])
    await sh('rm /etc/supervisor/conf.d/theirs.conf')
    expect(await pidOf('good')).toBe(pid)
  })

  it('that end too soon are told with what they wrote', async () => {
    const { open, apply, settles, look, signal } = world
    const target = open()
    const script = '/bin/sh -c "echo to stdout\\; echo no database >&2\\; exit 3"'
    const crashing = programOf('crash', `[program:crash]\ncommand=${script.replaceAll('\\;', '&&')}\nstartretries=1\n`)
    expect(await apply(target, create(crashing))).toEqual(applied(crashing))
    await settles(target, crashing, 'degraded')
    const fatal = async () => (await look(target, crashing)).health.message?.includes('FATAL') === true
    await waitUntil('the last try', fatal)
    expect((await look(target, crashing)).health).toMatchObject({
      status: 'degraded',
      message: '0/1 running; crash is FATAL (Exited too quickly (process log may have details))',
    })
    const told = await target.diagnose(crashing.id, { signal })
    expect(told[0]).toBe('crash:crash: FATAL, Exited too quickly (process log may have details)')
    expect(told).toContain('crash:crash: no database')
    expect(await target.logs(crashing.id, 1, { signal })).toEqual(['to stdout', 'no database'])
    expect(await apply(target, prune(crashing))).toEqual(applied(crashing))
  })

  it('that run, and end later, are never stable', async () => {
    const { open, apply, settles, look } = world
    const target = open()
    const flapping = programOf('flap', '[program:flap]\ncommand=/bin/sleep 3\n')
    expect(await apply(target, create(flapping))).toEqual(applied(flapping))
    await settles(target, flapping, 'healthy')
    const { instance } = (await look(target, flapping)).health
    await waitUntil('another run', async () => (await look(target, flapping)).health.instance !== instance)
    expect(await apply(target, prune(flapping))).toEqual(applied(flapping))
  })

  it('whose program is not there are refused with its name', async () => {
    const { open, apply } = world
    const target = open()
    const missing = programOf('missing', '[program:missing]\ncommand=/opt/none/server\n')
    expect(await apply(target, create(missing))).toMatchObject([
      { step: 'failed', note: { message: expect.stringContaining('/opt/none/server') } },
    ])
    expect(await apply(target, prune(missing))).toEqual(applied(missing))
  })

  it('that were edited by hand are drift, and what runs with the edit is to restart', async () => {
    const { open, apply, settles, differences, pidOf, sh } = world
    const target = open()
    const mine = sleeper('mine', 'environment=LEVEL="info"\n')
    expect(await apply(target, create(mine))).toEqual(applied(mine))
    await settles(target, mine, 'healthy')
    const pid = await pidOf('mine')
    await sh('sed -i s/info/debug/ /etc/supervisor/conf.d/mine.conf')
    const [file] = await differences(target, mine)
    expect(file).toBe('/file none')
    await sh('supervisorctl update mine')
    await settles(target, mine, 'healthy')
    expect(await differences(target, mine)).toEqual(['/file none', '/groups/mine restart'])
    expect(await apply(target, update(mine))).toEqual(applied(mine))
    await settles(target, mine, 'healthy')
    expect(await differences(target, mine)).toEqual([])
    expect(await sh('cat "/proc/$1/environ"', String(await pidOf('mine')))).toContain('LEVEL=info')
    expect(await pidOf('mine')).not.toBe(pid)
    await sh('supervisorctl stop mine')
    expect(await differences(target, mine)).toEqual(['/groups/mine/processes/mine none'])
    expect(await apply(target, update(mine))).toEqual(applied(mine))
    await settles(target, mine, 'healthy')
  })

  it('are as they were after somebody restarted supervisord, and unknown while it does not answer', async () => {
    const { open, observe, settles, differences, sh, ready, restart } = world
    const target = open()
    const mine = sleeper('mine', 'environment=LEVEL="info"\n')
    await restart()
    await settles(target, mine, 'healthy')
    expect(await differences(target, mine)).toEqual([])
    await sh('sed -i s/info/debug/ /etc/supervisor/conf.d/mine.conf; systemctl stop supervisor.service')
    expect(await observe(target, mine)).toMatchObject({
      state: 'unknown',
      reason: expect.stringContaining('supervisord does not answer'),
    })
    await sh('systemctl start supervisor.service')
    await ready()
    await settles(target, mine, 'healthy')
    expect(await differences(target, mine)).toEqual(['/file none', '/groups/mine restart'])
    expect(await observe(open({ user: 'guest' }), mine)).toMatchObject({ state: 'unknown' })
  })

  it('that are there already are adopted without a restart', async () => {
    const { open, apply, look, settles, differences, pidOf, sh } = world
    const target = open()
    const theirs = sleeper('theirs')
    await sh('printf %s "$1" >/etc/supervisor/conf.d/theirs.conf; supervisorctl update theirs', theirs.spec.file)
    const seen = await look(target, theirs)
    expect(seen.owner).toEqual({ who: 'nobody' })
    expect(await apply(target, create(theirs))).toMatchObject([{ step: 'failed', note: { reason: 'Conflict' } }])
    const pid = await pidOf('theirs')
    expect(await apply(target, adopt(theirs))).toEqual(applied(theirs))
    expect((await look(target, theirs)).owner).toMatchObject({ who: 'us', app: 'web' })
    expect(await differences(target, theirs)).toEqual([])
    expect(await pidOf('theirs')).toBe(pid)
    const edited = sleeper('theirs', 'environment=A="1"\n')
    expect(await differences(target, edited)).toEqual(['/file none', '/groups/theirs restart'])
    expect(await apply(target, update(edited))).toEqual(applied(edited))
    await settles(target, edited, 'healthy')
  })

  it('whose file leads elsewhere are nobody knows what, and nothing is written there', async () => {
    const { open, observe, apply, sh } = world
    const linked = sleeper('linked')
    await sh('echo theirs >/srv/elsewhere; ln -s /srv/elsewhere /etc/supervisor/conf.d/linked.conf')
    expect(await observe(open(), linked)).toMatchObject({
      state: 'unknown',
      reason: expect.stringContaining('no file'),
    })
    expect(await apply(open(), create(linked))).toMatchObject([{ step: 'failed' }])
    expect(await sh('cat /srv/elsewhere; rm /etc/supervisor/conf.d/linked.conf')).toBe('theirs\n')
  })

  it('that are to be stopped are, though they start by themselves', async () => {
    const { open, apply, look, differences } = world
    const target = open()
    const conf = '[program:rest]\ncommand=/bin/sleep infinity\n'
    const resting = programOf('rest', conf, { state: 'stopped' })
    expect(await apply(target, create(resting))).toEqual(applied(resting))
    expect(await differences(target, resting)).toEqual([])
    expect((await look(target, resting)).health.status).toBe('healthy')
  })

  it('are reached at an address with a name and a password, which no command shows', async () => {
    const { open, apply, observe, settles, differences, sh, ready } = world
    const conf = '[inet_http_server]\nport=127.0.0.1:9001\nusername=keeper\npassword=p%%ss "word"\n'
    await sh('printf %s "$1" >>/etc/supervisor/supervisord.conf; systemctl restart supervisor.service', conf)
    await ready()
    const at = (password: string) => ({
      ...DEFAULT_SUPERVISOR,
      server: 'http://127.0.0.1:9001',
      login: { username: 'keeper', password: new Sensitive(password) },
    })
    const words: string[] = []
    const spying = (shell: Shell): Shell => ({
      ...shell,
      run: (said, options) => {
        words.push(...said)
        return shell.run(said, options)
      },
    })
    const target = open({ supervisor: at('p%ss "word"'), through: spying })
    const over = sleeper('over')
    expect(await apply(target, create(over))).toEqual(applied(over))
    await settles(target, over, 'healthy')
    expect(await differences(target, over)).toEqual([])
    expect(words.join(' ')).not.toContain('p%')
    expect(await observe(open({ supervisor: at('wrong') }), over)).toMatchObject({ state: 'unknown' })
  })
})
