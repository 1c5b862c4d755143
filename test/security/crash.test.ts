import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { gitAccess } from '../../src/engine/credentials.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import type { Target } from '../../src/model/target.ts'
import { apiWorld } from '../api/api-world.ts'
import { createFleet, type TestFleet, thing } from '../support/fleet.ts'
import { startTicking } from '../support/ticking.ts'
import { errors, render } from './fleet-files.ts'

/** What a mistake of ours, or of a library, may throw. */
const THROWN: readonly (readonly [string, unknown])[] = [
  ['an error', new TypeError("Cannot read properties of undefined (reading 'x')")],
  ['a text', 'no'],
  ['nothing', undefined],
  ['an object without a prototype', Object.create(null)],
]
const METHODS = ['identity', 'observe', 'apply', 'writeRecord', 'preflight', 'lease'] as const

/** Two targets; one of them throws at this call, at once or as a promise. */
function fleetWhere(method: (typeof METHODS)[number], thrown: unknown, how: 'at once' | 'later'): TestFleet {
  const fleet = createFleet()
  fleet.wrapTarget = (target) =>
    target.name !== 'bad'
      ? target
      : ({
          ...target,
          [method]: () => {
            if (how === 'at once' || method === 'preflight') throw thrown
            return Promise.reject(thrown)
          },
        } as Target)
  fleet.commit({ good: [thing('good')], bad: [thing('bad', {}, { target: 'bad' })] }, { targets: ['prod', 'bad'] })
  return fleet
}

describe.each(METHODS)('SEC-23: a target whose %s throws', (method) => {
  it.each(THROWN)('%s: keeps no lease, and no other app from its target', async (_name, thrown) => {
    for (const how of ['at once', 'later'] as const) {
      const fleet = fleetWhere(method, thrown, how)
      // Whether the run says so in its outcome or throws, it ends.
      await fleet.apply().catch(() => undefined)
      await fleet.apply().catch(() => undefined)
      expect([...fleet.worlds.values()].map(({ holder }) => holder)).toEqual(
        [undefined, undefined].slice(0, fleet.worlds.size),
      )
      fleet.wrapTarget = (target) => target
      const outcome = await fleet.apply({ retry: true })
      expect(outcome.apps.map(({ app }) => app).sort()).toEqual(['bad', 'good'])
      expect(fleet.spec('Thing/good')).toMatchObject({ value: 1 })
    }
  })
})

describe('SEC-23: a daemon whose target throws', () => {
  it('goes on with its ticks, applies the other app, and mends the one when it can', async () => {
    const fleet = fleetWhere('observe', new TypeError('ours'), 'later')
    const ticking = startTicking(fleet)
    await ticking.until('three looks or failures', () => ticking.views.length + ticking.failures.length >= 3)
    fleet.wrapTarget = (target) => target
    await ticking.stop()
    const again = startTicking(fleet)
    await again.until(
      'both are there',
      () => fleet.spec('Thing/good') !== undefined && fleet.spec('Thing/bad', 'bad') !== undefined,
    )
    await again.stop()
    expect([...fleet.worlds.values()].map(({ holder }) => holder)).toEqual([undefined, undefined])
  })
})

describe('SEC-23: a handler of the API that throws', () => {
  it.each(THROWN)(
    '%s: is answered with 500 and without what it was, and the next is answered',
    async (_name, thrown) => {
      const world = await apiWorld({
        engine: {
          status: () => Promise.reject(thrown),
          history: () => {
            throw thrown
          },
          drift: async () =>
            Object.defineProperty({}, 'resources', {
              get: () => {
                throw thrown
              },
            }) as never,
        },
      })
      try {
        for (const path of ['status', 'history', 'drift', 'apps/x']) {
          const answer = await fetch(`${world.url}/api/v1/${path}`, {
            headers: { authorization: 'Bearer admin-token-of-the-tests' },
          })
          expect(answer.status).toBeGreaterThanOrEqual(500)
          expect(await answer.text()).not.toMatch(/Cannot read|reading 'x'|at .*\.ts/)
        }
        expect((await fetch(`${world.url}/healthz`)).status).toBe(200)
      } finally {
        await world.close()
      }
    },
  )
})

describe('SEC-22: one bad document', () => {
  const BAD: Readonly<Record<string, string>> = {
    'a duration that is none': 'kind: Service\nname: a\nimage: a:1\nstopGracePeriod: soon\n',
    'a number that is none': 'kind: Service\nname: a\nimage: a:1\nreplicas: many\n',
    'a kind that is none': 'kind: Spaceship\nname: a\n',
    'a list for a map': 'kind: Service\nname: a\nimage: a:1\nlabels: [a]\n',
    'no YAML': 'kind: Service\nname: [\n',
    'no UTF-8': '\uFFFF\u0000',
    nothing: '',
    'a check that is none': 'kind: Service\nname: a\nimage: a:1\nkeeper: { checks: [{ http: { url: "::" } }] }\n',
  }
  it.each(Object.entries(BAD))('%s: stops its own app at most', async (_name, text) => {
    const desired = await render({ 'apps/a/a.yaml': text, 'apps/zz/zz.yaml': 'kind: Service\nname: zz\nimage: a:1\n' })
    for (const app of ['well', 'zz'])
      expect(desired.apps.get(app)).toMatchObject({ broken: false, wanted: [{ kind: 'Service' }] })
    if (text !== '') expect(errors(desired)).not.toEqual([])
  })

  it('is stepped over by a reconcile: the others are applied', async () => {
    const fleet = createFleet()
    fleet.commit({ good: [thing('good')], bad: { resources: [], broken: true } })
    const outcome = await fleet.apply()
    expect(fleet.app(outcome, 'good').outcome).toBe('proven')
    expect(fleet.spec('Thing/good')).toBeDefined()
  })
})

describe('SEC-24: the folder of a key', () => {
  const made: string[] = []
  afterEach(() => {
    for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true })
  })
  const access = () =>
    gitAccess({
      url: 'ssh://git@git.test/x',
      branch: 'main',
      path: '',
      ssh: { key: new Sensitive('key'), knownHosts: 'x' },
    })
  const folder = (pid: number): string => {
    const path = mkdtempSync(join(tmpdir(), `swarmkeeper-ssh-${pid}-`))
    made.push(path)
    writeFileSync(join(path, 'key'), 'left behind')
    return path
  }
  /** Of a process that has just ended. */
  const dead = (): number => spawnSync(process.execPath, ['-e', '']).pid

  it('is a new one, for its owner alone, and goes when it is not needed any more', () => {
    const [one, other] = [access(), access()]
    const files = [one, other].map(({ options }) => options.sshKey?.file ?? '')
    expect(new Set(files).size).toBe(2)
    for (const file of files) {
      expect((statSync(file).mode & 0o777).toString(8)).toBe('600')
      expect((statSync(join(file, '..')).mode & 0o777).toString(8)).toBe('700')
    }
    one.dispose()
    other.dispose()
    expect(files.map((file) => existsSync(join(file, '..')))).toEqual([false, false])
  })

  it('that a killed process left is removed at the next start, and no other', () => {
    const left = folder(dead())
    const living = folder(process.pid)
    const elsewhere = mkdtempSync(join(tmpdir(), 'swarmkeeper-elsewhere-'))
    const linked = join(tmpdir(), `swarmkeeper-ssh-${dead()}-link`)
    spawnSync('ln', ['-s', elsewhere, linked])
    made.push(elsewhere, linked)
    mkdirSync(join(elsewhere, 'kept'))
    access().dispose()
    expect([existsSync(left), existsSync(living)]).toEqual([false, true])
    expect(readdirSync(elsewhere)).toEqual(['kept'])
  })
})
