import { beforeEach, describe, expect, it } from 'vitest'
import { ReconcileError } from '../../../src/model/error.ts'
import { makeId } from '../../../src/model/id.ts'
import type { LiveState } from '../../../src/model/live.ts'
import type { Shell } from '../../../src/shell/shell.ts'
import { create, move, prune, update } from '../../support/changes.ts'
import { call, createPrometheusWorld, group, type PrometheusWorld, rule, ruleFile } from './prometheus-world.ts'

const PATH = '/rules/web.yaml'
const web = ruleFile(PATH, [group(rule('Down'))])
let world: PrometheusWorld
beforeEach(() => {
  world = createPrometheusWorld()
})
const stateOf = async (wanted = web) => (await world.look(wanted)).of.get(wanted.id)

describe('a look', () => {
  it('finds what is loaded from a file, and whether its rules work', async () => {
    world.loaded(web)
    expect(await stateOf()).toMatchObject({
      ...{ state: 'present', owner: { who: 'nobody' }, health: { status: 'healthy' } },
      live: { reload: 'ok', groups: [{ name: 'g', rules: [{ name: 'Down', expr: 'up == 0' }] }] },
    })
    world.prometheus.health.set('Down', 'err')
    expect(await stateOf()).toMatchObject({ health: { status: 'degraded', message: 'Down: many-to-many matching' } })
    world.prometheus.health.set('Down', 'unknown')
    expect(await stateOf()).toMatchObject({ health: { status: 'progressing' } })
  })

  it('does not wait for a first evaluation that takes hours to come', async () => {
    const slow = ruleFile(PATH, [{ ...group(rule('Down')), interval: 6 * 3600 }])
    world.loaded(slow)
    world.prometheus.health.set('Down', 'unknown')
    expect(await stateOf(slow)).toMatchObject({ health: { status: 'healthy' } })
  })

  it('finds a file absent of which nothing is loaded, and one without groups there: it shows nowhere', async () => {
    expect(await stateOf()).toEqual({ state: 'absent' })
    const empty = ruleFile(PATH, [])
    expect(await stateOf(empty)).toMatchObject({ state: 'present', live: { groups: [] } })
  })

  it('after a reload that failed finds all files there, and none well: nobody knows which were read', async () => {
    world.prometheus.files.set('/rules/other.yaml', 'broken')
    world.loaded(web)
    expect(await stateOf()).toMatchObject({
      ...{ state: 'present', live: { reload: 'failed', groups: [] }, health: { status: 'degraded' } },
    })
  })

  it('takes paths that are relative to where Prometheus stands for what they are', async () => {
    world.loaded(ruleFile('rules/web.yaml', web.spec.groups))
    expect(await stateOf()).toMatchObject({ state: 'present' })
  })

  it('costs two questions where nothing changed', async () => {
    world.loaded(web)
    await world.look(web)
    world.prometheus.asked.length = 0
    await world.look(web)
    expect(world.prometheus.asked).toEqual(['rules', 'runtime'])
  })

  it('knows nothing of what is no rule file', async () => {
    const service = { ...web, id: makeId({ target: 'main', kind: 'Service', name: 'web' }), kind: 'Service' }
    const live = await world.look(service)
    expect(live.of.get(service.id)).toMatchObject({ state: 'unknown' })
    expect(world.target.preflight([create(service)], live)).toMatchObject([
      {
        id: service.id,
        reason: 'InvalidDesired',
        message: expect.stringContaining('takes alert rules, and no Service'),
      },
    ])
  })
})

describe('new rules', () => {
  const unfit = async (...wanted: readonly (typeof web)[]) =>
    world.target.preflight(wanted.map(create), await world.look(...wanted)).map(({ message }) => message)

  it('that watch what has no series are told before they are delivered, with their place and what was meant', async () => {
    world.prometheus.metrics.add('requests_total')
    expect(await unfit(ruleFile(PATH, [group(rule('Busy', 'request_total > 1', ['request_total']))]))).toEqual([
      "web.yaml:2:4: the Prometheus 'main' has no series that match request_total; did you mean 'requests_total'?; " +
        'where that is meant: `expectAbsent: [request_total]`',
    ])
  })

  it('may watch what is not there yet where that is said, what rules record, and the alerts themselves', async () => {
    const absent = rule('Absent', 'backups > 1', ['backups'])
    expect(await unfit(ruleFile(PATH, [group(absent)], { expectAbsent: ['backups'] }))).toEqual([])
    expect(await unfit(ruleFile(PATH, [group(absent)], { expectAbsent: true }))).toEqual([])
    const recording = { ...rule('job:up:sum', 'sum(up)'), type: 'record' as const }
    const reading = rule('Recorded', 'job:up:sum < 1', ['job:up:sum'])
    expect(
      await unfit(ruleFile('/rules/a.yaml', [group(recording)]), ruleFile('/rules/b.yaml', [group(reading)])),
    ).toEqual([])
    expect(await unfit(ruleFile(PATH, [group(rule('Meta', 'ALERTS', ['ALERTS', 'ALERTS_FOR_STATE']))]))).toEqual([])
  })

  it('that its own parser refuses are told in its words', async () => {
    world.prometheus.refuses.add('info(up)')
    expect(await unfit(ruleFile(PATH, [group(rule('New', 'info(up)'))]))).toEqual([
      "web.yaml:1:3: the Prometheus 'main' refuses the expression: parse error: unknown function",
    ])
  })

  it('alone are asked for: what is loaded as it is was asked for when it came', async () => {
    world.loaded(ruleFile(PATH, [group(rule('Gone', 'gone > 1', ['gone']))]))
    const next = ruleFile(PATH, [group(rule('Gone', 'gone > 1', ['gone']), rule('New', 'up > 1'))])
    expect(await unfit(next)).toEqual([])
    expect(world.prometheus.asked.filter((what) => what.startsWith('series'))).toEqual(['series up'])
  })

  it('are not refused because a question was not answered', async () => {
    const typo = ruleFile(PATH, [group(rule('Typo', 'typo', ['typo']))])
    world.prometheus.hasSeries = async () => {
      throw new ReconcileError('TargetUnreachable', { message: 'too slow', retryable: true })
    }
    expect(await unfit(typo)).toEqual([])
  })

  it('are judged without names by one that does not say them, and does not have to say them at each look', async () => {
    world.prometheus.metricNames = async () => {
      world.prometheus.asked.push('names')
      throw new ReconcileError('TargetUnreachable', { message: 'too slow', retryable: true })
    }
    expect(await unfit(ruleFile(PATH, [group(rule('Typo', 'upp', ['upp']))]))).toEqual([
      "web.yaml:2:4: the Prometheus 'main' has no series that match upp; where that is meant: `expectAbsent: [upp]`",
    ])
    await world.look(web)
    expect(world.prometheus.asked.filter((what) => what === 'names')).toEqual(['names'])
  })

  it('of a pull request, for which nothing is asked, are judged by the names of metrics', async () => {
    const before: LiveState = await world.look(web)
    world.prometheus.asked.length = 0
    const next = ruleFile(PATH, [group(rule('Typo', 'upp == 0', ['upp']))])
    expect(world.target.preflight([update(next)], before)).toMatchObject([
      { message: expect.stringContaining("did you mean 'up'?"), reason: 'DependencyNotReady' },
    ])
    expect(world.prometheus.asked).toEqual([])
  })
})

describe('an apply', () => {
  const stands = (wanted = web) => world.prometheus.files.set(wanted.spec.path, wanted.spec.groups)

  it('tells it once for all of a stage, and looks whether it did', async () => {
    const other = ruleFile('/rules/other.yaml', [group(rule('Other'))])
    stands()
    stands(other)
    expect(await world.apply([create(web), create(other)])).toEqual([
      { step: 'started' },
      { step: 'started' },
      { step: 'applied' },
      { step: 'applied' },
    ])
    expect(world.prometheus.reloads).toBe(1)
  })

  it('tells it nothing where it has loaded all already, as after it was started again', async () => {
    world.loaded(web)
    expect(await world.apply([create(web), move(web, 'shop')])).toMatchObject([
      {},
      {},
      { step: 'applied' },
      { step: 'applied' },
    ])
    expect(world.prometheus.reloads).toBe(0)
  })

  it('that is refused fails in its own words, and what was loaded stays', async () => {
    world.loaded(web)
    world.prometheus.files.set(PATH, 'broken')
    const next = ruleFile(PATH, [group(rule('Down', 'up == 1'))])
    expect(await world.apply([update(next)])).toEqual([
      { step: 'started' },
      { step: 'failed', reason: 'TargetRefused', message: expect.stringContaining('failed to reload config') },
    ])
    expect(await stateOf()).toMatchObject({ state: 'present', live: { groups: [{ name: 'g' }], reload: 'failed' } })
  })

  it('that it takes without reading the file fails: a 200 proves nothing', async () => {
    expect(await world.apply([create(web)])).toMatchObject([
      { step: 'started' },
      {
        step: 'failed',
        message: expect.stringContaining(`nothing of ${PATH}: its \`rule_files\` must name that path`),
      },
    ])
  })

  it('that leaves something else loaded fails, and says what differs', async () => {
    stands()
    const next = ruleFile(PATH, [group(rule('Down', 'up == 1'))])
    const [, done] = await world.apply([update(next)])
    expect(done).toMatchObject({ step: 'failed', message: expect.stringContaining('/groups/g/rules/Down/expr') })
  })

  it('prunes by telling it that a file is gone, and says where it is not', async () => {
    world.loaded(web)
    expect(await world.apply([prune(web)])).toMatchObject([
      {},
      { step: 'failed', message: expect.stringContaining('does the file stand there?') },
    ])
    world.prometheus.files.clear()
    expect(await world.apply([prune(web)])).toMatchObject([{ step: 'started' }, { step: 'applied' }])
    expect((await stateOf())?.state).toBe('absent')
  })

  it('waits for one that starts', async () => {
    stands()
    world.prometheus.up = false
    const { rules } = world.prometheus
    let asked = 0
    world.prometheus.rules = async (options) => {
      asked += 1
      if (asked === 3) world.prometheus.up = true
      return rules(options)
    }
    expect(await world.apply([create(web)])).toMatchObject([{ step: 'started' }, { step: 'applied' }])
  })

  it('on one that does not answer is unknown, and without the right to write not run', async () => {
    world.prometheus.up = false
    expect(await world.apply([create(web)])).toMatchObject([
      { step: 'started' },
      { step: 'unknown', reason: 'TargetUnreachable' },
    ])
    const guard = async () => {
      throw new ReconcileError('LeaseLost', { message: 'another one writes' })
    }
    expect(await world.apply([create(web)], { guard })).toEqual([
      { step: 'not-run', reason: 'LeaseLost', message: 'another one writes' },
    ])
  })
})

describe('one that is told by a signal', () => {
  const words: (readonly string[])[] = []
  const shell = (answer: (words: readonly string[]) => string): Shell => {
    const refuse = async (): Promise<never> => {
      throw new Error('not asked')
    }
    return {
      ...{
        where: 'mon-1',
        root: true,
        stream: refuse,
        openUnixSocket: refuse,
        openTcp: refuse,
        dispose: async () => {},
      },
      run: async (said) => {
        words.push(said)
        return { code: 0, signal: undefined, stdout: Buffer.from(answer(said)), stderr: Buffer.alloc(0) }
      },
    }
  }
  const LOG =
    'ts=2026 caller=manager.go:968 level=error component="rule manager" msg="loading groups failed" err="/rules/web.yaml: 3:9: group \\"g\\", rule 0: bad"\n' +
    'ts=2026 caller=main.go:1 level=info msg="not this"\n'
  beforeEach(() => {
    words.length = 0
    world = createPrometheusWorld({
      reload: 'sighup',
      host: {
        unit: 'prom.service',
        shell: shell((said) => {
          if (said[0] === 'journalctl') return LOG
          world.prometheus.readAgain()
          return ''
        }),
      },
    })
  })

  it('gets it through its unit, and is looked at until it has read its files', async () => {
    world.prometheus.lifecycle = false
    world.prometheus.files.set(PATH, web.spec.groups)
    expect(await world.apply([create(web)])).toMatchObject([{ step: 'started' }, { step: 'applied' }])
    expect(words).toEqual([['systemctl', 'kill', '--kill-who=main', '--signal=HUP', 'prom.service']])
  })

  it('and refuses says why in its log', async () => {
    world.prometheus.files.set(PATH, 'broken')
    const [, done] = await world.apply([create(web)])
    expect(done?.message).toBe(
      'its configuration did not load; loading groups failed: /rules/web.yaml: 3:9: group "g", rule 0: bad',
    )
  })

  it('is told again for a while where it complains of a file of others, which may be on its way back', async () => {
    world.prometheus.files.set('/rules/web.yaml', 'broken')
    const other = ruleFile('/rules/other.yaml', [group(rule('Other'))])
    world.prometheus.files.set(other.spec.path, other.spec.groups)
    const { runtime } = world.prometheus
    let asked = 0
    world.prometheus.runtime = async (options) => {
      asked += 1
      if (asked === 4) world.prometheus.files.delete('/rules/web.yaml')
      return runtime(options)
    }
    expect(await world.apply([create(other)])).toMatchObject([{ step: 'started' }, { step: 'applied' }])
  })

  it('cannot be told where nobody knows its host', async () => {
    world = createPrometheusWorld({ reload: 'sighup' })
    world.prometheus.files.set(PATH, web.spec.groups)
    const [, done] = await world.apply([create(web)])
    expect(done).toMatchObject({ step: 'failed', message: expect.stringContaining('no host of the fleet') })
  })
})

describe('as a target', () => {
  it('keeps no record and no stamp, is what its name says, and answers only while it is there', async () => {
    expect(world.target.keepsNoRecord).toBe(true)
    expect(await world.target.identity(call)).toBe('Prometheus main')
    const lease = await world.target.lease('db-1', call)
    await expect(lease.check(call)).resolves.toBeUndefined()
    await expect(world.target.resolveImage('app:1', call)).rejects.toMatchObject({ reason: 'ImageUnresolved' })
    world.prometheus.up = false
    const unreachable = { reason: 'TargetUnreachable', retryable: true }
    await expect(world.target.identity(call)).rejects.toMatchObject(unreachable)
    await expect(world.target.observe([web], call)).rejects.toMatchObject(unreachable)
    await expect(world.target.lease('db-1', call)).rejects.toMatchObject(unreachable)
    await expect(world.target.resolveImage('app:1', call)).rejects.toMatchObject(unreachable)
    await expect(world.target.dispose()).resolves.toBeUndefined()
  })

  it('answers checks: what a query finds, and which alerts fire', async () => {
    const timing = { timeoutMs: 1_000, withinMs: 0, everyMs: 1 }
    const promql = { type: 'promql', target: 'main', query: 'up == 0', expect: 'none' } as const
    const check = { name: 'Check/up', ...timing }
    expect(await world.target.runCheck?.({ ...check, probe: promql }, call)).toMatchObject({ ok: true })
    const none = { severity: 'page' }
    const fired = await world.target.runCheck?.({ ...check, probe: { type: 'alerts', target: 'main', none } }, call)
    expect(fired).toEqual({ name: 'Check/up', ok: false, message: '1 alert with severity=page is firing: Down' })
    world.prometheus.up = false
    expect(await world.target.runCheck?.({ ...check, probe: promql }, call)).toMatchObject({ ok: false })
  })

  it('tells a person what is wrong with it', async () => {
    world.loaded(web)
    expect(await world.target.examine?.(call)).toMatchObject([{ subject: 'configuration', level: 'ok' }])
    world.prometheus.health.set('Down', 'err')
    expect(await world.target.diagnose(web.id, call)).toEqual(['Down: many-to-many matching'])
    world.prometheus.files.set('/rules/other.yaml', 'broken')
    world.prometheus.readAgain()
    expect(await world.target.examine?.(call)).toMatchObject([{ subject: 'configuration', level: 'error' }])
  })
})
