import type { Duplex } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ReconcileError } from '../../src/model/error.ts'
import type { Wanted } from '../../src/model/resource.ts'
import type { Target } from '../../src/model/target.ts'
import type { Shell } from '../../src/shell/shell.ts'
import { type Hosts, hostsPossible, startHosts } from '../lab/hosts.mjs'
import { waitUntil } from '../lab/wait.mjs'
import { create, prune, update } from '../support/changes.ts'
import { programOf } from '../targets/host/supervisord/programs.ts'
import { applied, type ProgramWorld, programWorld } from '../targets/host/supervisord/world.ts'

const conf = (value: string) =>
  `[program:web]\ncommand=/bin/sleep infinity\nenvironment=VALUE="${value}"\nstartsecs=0\n`
const web = (value: string) => programOf('web', conf(value))

/** A shell that is gone after so many steps of an apply: scripts and calls of supervisord. What was sent is done. */
function killedAfter(steps: number) {
  let left = steps
  const seen: string[] = []
  const step = (what: string): void => {
    if (left <= 0) throw new ReconcileError('TargetUnreachable', { message: 'killed', retryable: true })
    left -= 1
    seen.push(what)
  }
  const cut = (stream: Duplex): Duplex => {
    const write = stream.write.bind(stream)
    stream.write = ((chunk: string) => {
      try {
        step(/<methodName>\w+\.(\w+)/.exec(chunk)?.[1] ?? 'call')
        return write(chunk)
      } catch {
        stream.destroy()
        return false
      }
    }) as Duplex['write']
    return stream
  }
  const through = (shell: Shell): Shell => ({
    ...shell,
    run: async (words, options) => {
      if (words[4] === 'apply') step('script')
      return shell.run(words, options)
    },
    openUnixSocket: async (path, options) => cut(await shell.openUnixSocket(path, options)),
  })
  return { through, seen }
}

describe.skipIf(!hostsPossible())('a kill in the middle of an apply of a program', () => {
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

  /** It is there then, whatever was there before. */
  const make = async (wanted: Wanted): Promise<Target> => {
    const target = world.open({ user: 'root' })
    const { state } = await world.observe(target, wanted)
    expect(await world.apply(target, state === 'present' ? update(wanted) : create(wanted))).toEqual(applied(wanted))
    return target
  }
  const runsWith = async () => {
    const pid = await world.pidOf('web')
    return pid === 0 ? '' : await world.sh('tr "\\0" "\\n" <"/proc/$1/environ" | sed -n s/^VALUE=//p', String(pid))
  }

  const STEPS = ['script', 'reloadConfig', 'multicall', 'script']

  it.each(STEPS.map((last, index) => [index + 1, last] as const))(
    'after its step %i, %s: the next plan holds what is missing, and the one after it nothing',
    async (steps, last) => {
      const { open, apply, differences } = world
      const target = open({ user: 'root' })
      const [before, after] = [web(`before-${steps}`), web(`after-${steps}`)]
      const made = await target.observe([before], { signal: world.signal })
      const there = made.of.get(before.id)?.state === 'present'
      expect(await apply(target, there ? update(before) : create(before))).toEqual(applied(before))
      expect(await runsWith()).toBe(`before-${steps}\n`)

      const killed = killedAfter(steps)
      const [mark] = await apply(open({ user: 'root', through: killed.through }), update(after))
      expect(killed.seen.at(-1)).toBe(last)
      expect(mark?.step).toBe(steps < STEPS.length ? 'unknown' : 'applied')

      const again = open({ user: 'root' })
      const missing = await differences(again, after)
      if ((await runsWith()) !== `after-${steps}\n`) expect(missing).not.toEqual([])
      expect(await apply(again, update(after))).toEqual(applied(after))
      expect(await runsWith()).toBe(`after-${steps}\n`)
      expect(await differences(again, after)).toEqual([])
    },
  )

  it.each([
    ['stopped it', 'stop web'],
    ['taken it out', 'stop web; supervisorctl remove web'],
    ['added it again', 'stop web; supervisorctl remove web; supervisorctl add web'],
  ])('when supervisord had only %s: the next apply ends it', async (_, words) => {
    const { open, apply, sh, differences } = world
    const [before, after] = [web(`before ${words.length}`), web(`after ${words.length}`)]
    await make(before)
    await apply(open({ user: 'root', through: killedAfter(1).through }), update(after))
    await sh(`supervisorctl reread; supervisorctl ${words}`)
    const again = open({ user: 'root' })
    expect(await differences(again, after)).not.toEqual([])
    expect(await apply(again, update(after))).toEqual(applied(after))
    expect(await runsWith()).toBe(`after ${words.length}\n`)
    expect(await differences(again, after)).toEqual([])
  })

  it('or a cut of the network while a program takes its time to stop: supervisord adds it again all the same', async () => {
    const { open, apply, host, sh, differences } = world
    const deaf = (value: string) =>
      programOf('web', `${conf(value).replace('/bin/sleep infinity', '/usr/local/bin/deaf')}stopwaitsecs=4\n`)
    await sh(
      'printf "#!/bin/sh\\ntrap : TERM\\nwhile :; do sleep 1; done\\n" >/usr/local/bin/deaf; chmod 755 /usr/local/bin/deaf',
    )
    await make(deaf('before'))
    const stopped = new AbortController()
    const marks = world.applyUntil(stopped.signal, open(), update(deaf('after')))
    await waitUntil('its stop', async () => (await sh('supervisorctl status web || :')).includes('STOPPING'))
    await host.cutLink()
    await waitUntil('the new one', async () => (await runsWith()) === 'after\n')
    stopped.abort()
    expect(await marks).toMatchObject([{ step: 'unknown', note: { reason: 'Aborted' } }])
    await host.mendLink()
    const again = open()
    expect(await apply(again, update(deaf('after')))).toEqual(applied(deaf('after')))
    expect(await differences(again, deaf('after'))).toEqual([])
  })

  it('right after a file that supervisord refuses: it is gone again before anybody could be killed', async () => {
    const { open, apply, differences, pidOf, sh } = world
    const good = web('good')
    const target = await make(good)
    const pid = await pidOf('web')
    const bad = programOf('web', `${conf('bad')}user=nobody-has-this-name\n`)
    const killed = open({ user: 'root', through: killedAfter(1).through })
    expect(await apply(killed, update(bad))).toMatchObject([
      {
        step: 'failed',
        note: {
          message: expect.stringMatching(
            /^supervisord refuses its files: Invalid user name nobody-has-this-name.*is back$/,
          ),
        },
      },
    ])
    expect(await differences(target, good)).toEqual([])
    expect(await pidOf('web')).toBe(pid)
    expect(await sh('supervisorctl reread')).toBe('No config updates to processes\n')
  })

  it('in a removal: the entry says until its end that there is something to take out', async () => {
    const { open, apply, sh } = world
    const gone = web('gone')
    const target = await make(gone)
    // the script that takes the file away is done once
    for (const [steps, left] of [
      [1, 'present'],
      [1, 'present'],
      [2, 'absent'],
    ] as const) {
      const killed = open({ user: 'root', through: killedAfter(steps).through })
      expect(await apply(killed, prune(gone))).toMatchObject([{ step: 'unknown' }])
      const owned = (await target.observe([], { signal: world.signal })).of.get(gone.id)
      expect(owned?.state).toBe(left)
    }
    expect(await apply(target, prune(gone))).toEqual(applied(gone))
    expect(await sh('supervisorctl avail; ls /var/lib/swarmkeeper/ours/owned')).toBe('')
  })
})
