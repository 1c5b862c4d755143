import { describe, expect, test } from 'vitest'
import { createRender } from '../../src/engine/render.ts'
import type { Desired } from '../../src/model/desired.ts'
import type { ApplyOptions, DecisionOptions, Engine } from '../../src/model/engine.ts'
import { ReconcileError } from '../../src/model/error.ts'
import type { FleetPlan, OutcomeWord } from '../../src/model/outcome.ts'
import type { HeldWhy } from '../../src/model/plan.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import { createMemorySource } from '../../src/source/memory.ts'
import { appPlan, create, fleetOutcome, fleetPlan, id, outcome, plan } from '../report/samples.ts'
import { type } from './cli-world.ts'

const declared = async (files: Readonly<Record<string, string>>): Promise<Desired> => {
  const source = createMemorySource(files)
  const call = { signal: new AbortController().signal }
  return renderFiles(await source.read(await source.resolve(call), call))
}
const renderFiles = createRender({ key: new Sensitive(Buffer.alloc(32)), secrets: new Map() })

const web = id('Service', 'web')
const busy = fleetPlan([appPlan({ stages: [{ changes: [create(web)], gates: [], pauseMs: 0 }] })])
const nothing = fleetPlan([appPlan({})])
const waiting = (reason: string) => fleetPlan([appPlan({}, { blocked: { reason, message: 'it waits' } })])

describe('plan', () => {
  test('prints the plan and says by its exit code that there are changes', async () => {
    const { code, out, err } = await type(['plan'], { engine: { plan: async () => busy } })
    expect(out).toBe(
      'hello\n  + prod/Service/web\n      image: web:2\n      replicas: 2\n\nrevision 1a2b3c4d5e6f: 1 to create\n',
    )
    expect({ code, err }).toEqual({ code: 2, err: '' })
  })

  test.each<readonly [string, FleetPlan, number]>([
    ['nothing to do', nothing, 0],
    ['something unknown', fleetPlan([appPlan({ held: [{ id: web, why: 'unknown', message: 'not reached' }] })]), 4],
    ['a history that nobody confirmed', waiting('RevisionNotDescendant'), 2],
    ['an app that stalled', waiting('Stalled'), 2],
    ['nothing but a guard', fleetPlan([appPlan({}, { guards: [{ name: 'prune:web:1', message: 'much' }] })]), 2],
    ...(['conflict', 'data', 'window', 'guard', 'dependency'] as const).map(
      (why) =>
        [`nothing but ${why}`, fleetPlan([appPlan({ held: [{ id: web, why, message: 'it waits' }] })]), 2] as const,
    ),
    ['what stands as declared', fleetPlan([appPlan({ held: [{ id: web, why: 'ignored', message: 'drift' }] })]), 0],
    ['a freeze of what is as declared', waiting('GuardHeld'), 0],
  ])('of %s ends with its own code', async (_what, fleet, expected) => {
    expect((await type(['plan'], { engine: { plan: async () => fleet } })).code).toBe(expected)
  })

  test('passes on what was asked for', async () => {
    const asked: unknown[] = []
    const plan: Engine['plan'] = async (options) => {
      asked.push(options)
      return nothing
    }
    await type(['plan', '--app', 'hello', '--revision', 'next', '--offline'], { engine: { plan } })
    expect(asked).toMatchObject([{ app: 'hello', revision: 'next', offline: true, by: 'ana@desk' }])
  })

  test('is JSON for programs and markdown for pull requests', async () => {
    const engine = { plan: async () => busy }
    expect(JSON.parse((await type(['plan', '--format', 'json'], { engine })).out)).toMatchObject({ verdict: 'changes' })
    expect((await type(['plan', '--format', 'markdown'], { engine })).out).toContain('| hello | 1 to create |')
  })
})

test('unpin says that the pin is gone, also where what follows has to wait', async () => {
  const unpin: Engine['unpin'] = async () => fleetOutcome([outcome({ outcome: 'waiting', reason: 'GuardHeld' })])
  const { code, err } = await type(['unpin', 'hello'], { engine: { unpin } })
  expect({ code, err }).toEqual({ code: 3, err: 'hello is not pinned any more: it follows the tracked branch\n' })
})

test.each([
  ['reported', 2],
  ['ignored', 0],
] as const)('drift that is %s ends with %i', async (next, expected) => {
  const item = { id: web, app: 'hello', policy: 'safe', next, diffs: [] } as const
  const report = { revision: '1a2b3c4d5e6f', at: '2026-01-01T00:00:00.000Z', items: [item], unknown: [] }
  const { code, out } = await type(['drift'], { engine: { drift: async () => report } })
  expect({ code, told: out.includes('prod/Service/web') }).toEqual({ code: expected, told: true })
})

describe('apply', () => {
  test.each<readonly [OutcomeWord, number]>([
    ['unchanged', 0],
    ['applied', 0],
    ['proven', 0],
    ['suspended', 0],
    ['rolled-back', 3],
    ['held-back', 3],
    ['stalled', 3],
    ['waiting', 3],
    ['rolling-back', 4],
    ['unknown', 4],
    ['failed', 1],
  ])('that ends %s exits with %i', async (word, expected) => {
    const engine = { apply: async () => fleetOutcome([outcome(), outcome({ app: 'b', outcome: word })]) }
    expect((await type(['apply'], { engine })).code).toBe(expected)
  })

  test.each<readonly [HeldWhy, number]>([
    ['conflict', 3],
    ['held-back', 3],
    ['unknown', 4],
    ['reported', 0],
    ['kept', 0],
  ])('that leaves something as %s exits with %i', async (why, expected) => {
    const held = [{ id: id('Service', 'late'), why, message: 'left' }]
    const engine = { apply: async () => fleetOutcome([outcome({ outcome: 'proven', plan: plan({ held }) })]) }
    expect((await type(['apply'], { engine })).code).toBe(expected)
  })

  test('passes on guards, adoptions and the folder', async () => {
    const asked: ApplyOptions[] = []
    const apply: Engine['apply'] = async (options) => {
      asked.push(options)
      return fleetOutcome([])
    }
    const flags = ['--confirm', 'a', '--confirm', 'b', '--adopt', 'Service/x', '--retry', '--from', 'emergency']
    await type(['apply', ...flags], { engine: { apply } })
    const [options] = asked
    expect(options).toMatchObject({ confirm: ['a', 'b'], adopt: ['Service/x'], retry: true, from: 'emergency' })
  })

  test('refuses a folder together with a revision', async () => {
    const { code, err } = await type(['apply', '--from', 'x', '--revision', 'y'])
    expect(code).toBe(1)
    expect(err).toContain("'--from <dir>' cannot be used with option '--revision <revision>'")
  })

  const work = (emit: (event: never) => void) => ({
    apply: async () => {
      const say = emit as (event: unknown) => void
      const change = { type: 'change', app: 'hello', id: web, action: 'update', cause: 'revision' }
      say({ ...change, step: 'started' })
      say({ type: 'proof:waiting', app: 'hello', ids: [web], message: '1/2 running' })
      say({ type: 'proof:waiting', app: 'hello', ids: [web], message: '1/2 running' })
      say({ ...change, step: 'applied' })
      say({ type: 'check', app: 'hello', result: { name: 'Check/smoke', ok: false, message: 'answered 500' } })
      say({ type: 'app:rolling-back', app: 'hello', reason: 'HealthCheckFailed', message: 'Check/smoke' })
      return fleetOutcome([outcome()])
    },
  })

  test('says what it does while it does it: plain lines in a pipe, apart from the result', async () => {
    const { out, err } = await type(['apply'], { engine: work })
    expect(err).toBe(`\
  ~ prod/Service/web  started
  … prod/Service/web: 1/2 running
  ~ prod/Service/web  applied
  ? Check/smoke  failed: answered 500
✗ hello: back to last good: HealthCheckFailed: Check/smoke
`)
    expect(out).toBe('revision 1a2b3c4d5e6f: 1 app as desired\n')
  })

  test('writes over what it waits for, on a terminal', async () => {
    const { err } = await type(['apply'], { engine: work, isTerminal: true })
    expect(err).toContain('started\n  … prod/Service/web: 1/2 running\r\u001b[K')
    expect(err.endsWith('Check/smoke\n')).toBe(true)
  })
})

describe('a decision', () => {
  const decisions: readonly (readonly [string, keyof Engine])[] = [
    ['rollback', 'rollback'],
    ['unpin', 'unpin'],
    ['resume', 'resume'],
    ['retry', 'retry'],
  ]
  test.each(decisions)('%s asks the engine with who and why', async (command, method) => {
    const asked: DecisionOptions[] = []
    const decide = async (options: DecisionOptions) => {
      asked.push(options)
      return fleetOutcome([outcome({ outcome: 'applied' })])
    }
    const { code } = await type([command, 'hello', '--reason', 'it is broken'], { engine: { [method]: decide } })
    expect(asked).toMatchObject([{ app: 'hello', by: 'ana@desk', reason: 'it is broken' }])
    expect(code).toBe(0)
  })

  test('to suspend shows first what it stops, and what its end will bring back', async () => {
    const files = {
      'swarmkeeper.yaml': 'kind: Fleet\nversion: 1\n',
      'targets/prod.yaml': 'kind: Swarm\nname: prod\nendpoints: [unix:///run/docker.sock]\n',
      'apps/hello/all.yaml': [
        'kind: Service\nname: hello\nimage: hello:1\nreplicas: 2\n',
        'kind: Service\nname: agent\nimage: agent:1\nmode: global\n',
        'kind: Network\nname: front\n',
      ].join('---\n'),
    }
    const done: string[] = []
    const engine: Partial<Engine> = {
      desired: async () => declared(files),
      suspend: async () => {
        done.push('suspended')
        return fleetOutcome([outcome({ outcome: 'suspended' })])
      },
    }
    const { err, code } = await type(['suspend', 'hello', '--for', '1h', '--reason', 'costs'], { engine })
    expect(err.replace(/until .+Z/, 'until T')).toBe(`\
a suspension of hello stops all tasks of:
  - prod/Service/agent  constraints: [] -> ["node.id == swarmkeeper-suspended"]
  - prod/Service/hello  replicas: 2 -> 0
until T, or \`swarmkeeper resume hello\`; then they run again:
  + prod/Service/agent  constraints: ["node.id == swarmkeeper-suspended"] -> []
  + prod/Service/hello  replicas: 0 -> 2
`)
    expect({ code, done }).toEqual({ code: 0, done: ['suspended'] })
  })

  test('to suspend needs a time and a reason', async () => {
    expect((await type(['suspend', 'hello', '--for', '1h'])).err).toContain("'--reason <text>' not specified")
    const wrong = await type(['suspend', 'hello', '--for', '1x', '--reason', 'r'])
    expect(wrong.err).toContain("'1x' is not a duration like 5s, 1m30s, 500ms or 1h")
    expect(wrong.code).toBe(1)
  })

  test.each([
    ['restart', 'restart'],
    ['run-job', 'runJob'],
  ] as const)('%s names a resource', async (command, method) => {
    const asked: string[] = []
    const act = async (which: string) => {
      asked.push(which)
      return fleetOutcome([])
    }
    await type([command, 'Service/web'], { engine: { [method]: act } })
    expect(asked).toEqual(['Service/web'])
  })
})

describe('upkeep', () => {
  test('rebuild says what was recognised and what needs a person', async () => {
    const report = { recognised: 214, holds: 1, pins: 1, suspensions: 0, needsPerson: [] }
    const fine = await type(['rebuild'], { engine: { rebuild: async () => report } })
    expect(fine).toEqual({ code: 0, out: '214 resources recognised, 1 hold and 1 pin restored, 0 writes\n', err: '' })
    const doubt = { ...report, needsPerson: ['records of two targets disagree'] }
    expect((await type(['rebuild'], { engine: { rebuild: async () => doubt } })).code).toBe(1)
  })

  test('doctor says what to do about each finding', async () => {
    const findings = [
      { subject: 'settings', level: 'ok', message: 'swarmkeeper.config.yaml' },
      { subject: 'target prod', level: 'error', message: 'connect ECONNREFUSED', todo: 'is the engine running?' },
    ] as const
    const { code, out } = await type(['doctor'], { engine: { doctor: async () => findings } })
    expect(out).toBe(
      '✓ settings: swarmkeeper.config.yaml\n✗ target prod: connect ECONNREFUSED\n    => is the engine running?\n',
    )
    expect(code).toBe(1)
  })
})

describe('an error', () => {
  const failing = (error: unknown) => type(['plan'], { engine: { plan: () => Promise.reject(error) } })

  test('says what, why and what to do, without a stack', async () => {
    const cause = new Error('connect ECONNREFUSED 10.0.0.9:443')
    const error = new ReconcileError('SourceUnreachable', {
      message: 'the repository was not reached',
      todo: 'try later',
      cause,
    })
    expect(await failing(error)).toEqual({
      code: 1,
      out: '',
      err: 'error: the repository was not reached\n  why: connect ECONNREFUSED 10.0.0.9:443\n  => try later\n',
    })
  })

  test('of ours asks for a report, and still shows no stack', async () => {
    const { err, code } = await failing(new TypeError("Cannot read properties of undefined (reading 'x')"))
    expect(err).toContain('this is a fault of swarmkeeper: please report it')
    expect(err).not.toContain(' at ')
    expect(code).toBe(1)
  })

  test('closes the engine', async () => {
    let closed = 0
    const engine = { plan: () => Promise.reject(new Error('no')), dispose: async () => void closed++ }
    await type(['plan'], { engine })
    expect(closed).toBe(1)
  })

  test('of an interrupted command says that nothing is lost', async () => {
    const reason = new ReconcileError('Aborted', { message: 'interrupted by SIGINT' })
    const signal = AbortSignal.abort(reason)
    const { err } = await type(['plan'], { signal, engine: { plan: () => Promise.reject(reason) } })
    expect(err).toBe('interrupted: nothing is lost: the next apply looks at what is there, and goes on\n')
  })
})

describe('help', () => {
  const commands =
    'init validate render plan explain apply status history drift show logs rollback unpin suspend resume retry freeze unfreeze restart run-job rebuild doctor'.split(
      ' ',
    )

  test.each(commands)('of %s has an example that one can type', async (command) => {
    const { out, code } = await type([command, '--help'])
    expect(out).toMatch(new RegExp(`Examples?:\\n {2}\\$ swarmkeeper ${command}`))
    expect(code).toBe(0)
  })

  test('names every command and the exit codes', async () => {
    const { out } = await type(['--help'])
    for (const command of commands) expect(out).toMatch(new RegExp(`^  ${command}\\b`, 'm'))
    expect(out).toContain('3  rolled back, or waiting for a person')
  })

  test('of a misspelt command says the nearest', async () => {
    const { err, code } = await type(['pln'])
    expect(err).toContain('Did you mean plan?')
    expect(code).toBe(1)
  })

  test('gives the version', async () => {
    expect(await type(['--version'])).toMatchObject({ code: 0, out: '1.2.3\n' })
  })
})
