import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDatabase } from '../../src/store/open-database.ts'
import { type ApiCounter, startApiCounter } from '../lab/api-counter.mjs'
import { type Lab, labPossible, requireLab } from '../lab/lab.mjs'
import { type ApplyStep, watchSteps } from '../support/apply-steps.ts'
import { type BuiltProgram, buildProgram, type Ended } from '../support/built-program.ts'
import { createDocuments } from '../support/documents.ts'
import { createLiveFleet, type LiveFleet, type WrittenFile } from '../support/live-fleet.ts'
import { FULL, SEED, sample } from '../support/sample.ts'

/** The lease of a killed process is not waited for: that would take a minute. */
const SOON_MS = 45_000

describe.skipIf(!labPossible())(`kill -9 at every step of an apply (${FULL ? 'all steps' : `seed ${SEED}`})`, () => {
  let lab: Lab
  let program: BuiltProgram
  const trials: Trial[] = []
  let numbers = 0
  const steps: { first: ApplyStep[]; second: ApplyStep[] } = { first: [], second: [] }

  beforeAll(async () => {
    lab = await requireLab()
    program = buildProgram()
  })
  afterAll(async () => {
    for (const trial of trials) await trial.dispose()
    program?.remove()
    await lab?.dispose()
  })

  const newTrial = async (): Promise<Trial> => {
    numbers += 1
    const trial = await createTrial({ lab, program, number: numbers })
    trials.push(trial)
    return trial
  }

  it('lists the steps of the first apply and of an update', async () => {
    const trial = await newTrial()
    await trial.commit(1)
    expect(await trial.apply((step) => steps.first.push(step))).toMatchObject({ code: 0 })
    await trial.commit(2)
    expect(await trial.apply((step) => steps.second.push(step))).toMatchObject({ code: 0 })
    await trial.expectConverged(2)
    console.log([...steps.first, '', ...steps.second].join('\n'))
    for (const step of ['not-run', 'started', 'applied']) {
      expect(steps.first).toContain(`journal create prod/Job/k1-migrate ${step}`)
      expect(steps.second).toContain(`journal prune prod/Service/k1-five ${step}`)
    }
    expect(steps.first).toContain('after POST /services/create k1-one')
    expect(steps.second).toContain('before POST /services/ID/update k1-one')
  })

  const killAt = async (step: ApplyStep, revision: 1 | 2): Promise<void> => {
    const trial = await newTrial()
    const wanted = step.replaceAll('k1', trial.name)
    if (revision === 2) {
      await trial.commit(1)
      expect(await trial.apply()).toMatchObject({ code: 0 })
    }
    await trial.commit(revision)
    const killed = await trial.apply((reached, kill) => {
      if (reached === wanted) kill()
    })
    expect(killed.code, `${wanted} was not reached`).toBeUndefined()
    const next = await trial.apply()
    expect(next, `after a kill at: ${wanted}\n${next.out}\n${next.err}`).toMatchObject({ code: 0 })
    expect(next.ms).toBeLessThan(SOON_MS)
    // A lease that a killed run could not give back is given back by the next one that writes; an idle one writes nothing.
    if (trial.wrote()) expect(await trial.lease()).toEqual([])
    await trial.expectConverged(revision)
  }

  it('first apply: the next one converges, the job ran once, nothing is left over', {
    timeout: 3_600_000,
  }, async () => {
    expect(await failuresOf(sample(steps.first, 3), (step) => killAt(step, 1))).toEqual([])
  })

  it('update: the next one converges, the job ran once, nothing is left over', { timeout: 3_600_000 }, async () => {
    expect(await failuresOf(sample(steps.second, 2, SEED + 1), (step) => killAt(step, 2))).toEqual([])
  })
})

/** One install with names of its own. */
interface Trial {
  readonly name: string
  commit(revision: 1 | 2): Promise<void>
  /** One `apply` as a process; `on` may kill it. */
  apply(on?: (step: ApplyStep, kill: () => void) => void): Promise<Ended>
  /** Whether the last apply wrote anything. */
  wrote(): boolean
  /** Labels of the lease on the Swarm. */
  lease(): Promise<readonly string[]>
  expectConverged(revision: 1 | 2): Promise<void>
  dispose(): Promise<void>
}

interface Parts {
  readonly lab: Lab
  readonly name: string
  readonly fleet: LiveFleet
  readonly counter: ApiCounter
}

async function createTrial(of: {
  readonly lab: Lab
  readonly program: BuiltProgram
  readonly number: number
}): Promise<Trial> {
  const { lab, program } = of
  const name = `k${of.number}`
  const socketPath = join(lab.dir, `${name}.sock`)
  const counter = await startApiCounter({ engineSocket: lab.engine.socketPath, listen: { socketPath } })
  const fleet = await createLiveFleet(lab, name, { endpoint: `unix://${socketPath}` })
  const parts = { lab, name, fleet, counter }
  const apply: Trial['apply'] = async (on) => {
    counter.forget()
    const { kill, ended } = program.start(['--config', fleet.settingsFile, 'apply'])
    const watch = on && watchSteps({ counter, database: fleet.database, on: (step) => on(step, kill) })
    return ended.finally(() => watch?.stop())
  }
  return {
    name,
    apply,
    wrote: () => counter.writes().length > 0,
    lease: async () => {
      const record = await lab.engine.call('GET', `/configs/swarmkeeper-${name}`)
      return Object.keys(record.Spec.Labels).filter((label) => label.startsWith('swarmkeeper.lease.'))
    },
    commit: async (revision) => {
      await fleet.commit(filesOf(lab, name, revision))
    },
    expectConverged: async (revision) => {
      expect(await apply()).toMatchObject({ code: 0 })
      expect(counter.writes().map(({ method, path }) => `${method} ${path}`)).toEqual([])
      await expectAsDeclared(parts, revision)
    },
    dispose: async () => {
      await fleet.dispose()
      await counter.dispose()
    },
  }
}

/** Five services, a network, a secret, a config, and a job before them; the second revision changes all but the network. */
function filesOf(lab: Lab, name: string, revision: 1 | 2): Record<string, WrittenFile> {
  const { service, job } = createDocuments(lab)
  const uses = { networks: [`${name}-net`], secrets: [`${name}-token`], configs: [`${name}-motd`] }
  const env = { REVISION: revision }
  return {
    'apps/shop/token.txt': `token ${revision}`,
    'apps/shop/all.yaml': [
      { kind: 'Network', name: `${name}-net`, driver: 'overlay' },
      { kind: 'Secret', name: `${name}-token`, file: 'token.txt' },
      { kind: 'Config', name: `${name}-motd`, content: `revision ${revision}` },
      job(`${name}-migrate`, `job:${revision}`, { when: 'before', service: { mounts: [`${name}-runs:/var/runs`] } }),
      service(`${name}-one`, 'app:1', { env, ...uses }),
      service(`${name}-two`, 'app:1', { env, ...uses }),
      service(`${name}-three`, 'app:1', { env }),
      service(`${name}-four`, 'app:1', { env }),
      ...(revision === 1 ? [service(`${name}-five`, 'app:1', { env })] : []),
    ],
  }
}

async function expectAsDeclared({ lab, name, fleet }: Parts, revision: 1 | 2): Promise<void> {
  const names = async (path: string): Promise<string[]> => {
    const rows: { Name?: string; Spec?: { Name: string } }[] = await lab.engine.call('GET', path)
    const all = rows.map((row) => row.Spec?.Name ?? row.Name ?? '')
    return all.filter((one) => one.startsWith(`${name}-`) || one.startsWith('swarmkeeper-check')).sort()
  }
  const services = ['five', 'four', 'migrate', 'one', 'three', 'two'].slice(revision === 1 ? 0 : 1)
  expect(await names('/services')).toEqual(services.map((one) => `${name}-${one}`))
  expect(await names('/networks')).toEqual([`${name}-net`])
  const generation = (what: string) => [expect.stringMatching(new RegExp(`^${name}-${what}_[0-9a-f]{12}$`))]
  expect(await names('/secrets')).toEqual(Array.from({ length: revision }, () => generation('token')).flat())
  expect(await names('/configs')).toEqual(Array.from({ length: revision }, () => generation('motd')).flat())
  for (const one of services.filter((service) => service !== 'migrate')) {
    const running = (await lab.engine.tasks(`${name}-${one}`)).filter(({ state }) => state === 'running')
    expect(running).toHaveLength(1)
  }
  const runs = readFileSync(join(lab.engine.volumeDir(`${name}-runs`), 'log'), 'utf8')
  expect(runs).toBe(revision === 1 ? '1\n' : '1\n2\n')
  expect(openIntents(fleet)).toBe(0)
}

function openIntents(fleet: LiveFleet): unknown {
  const database = openDatabase(fleet.database, { readonly: true })
  const count = database.prepare('SELECT count(*) FROM intent WHERE closed = 0').pluck().get()
  database.close()
  return count
}

/** Two at a time; what failed, each with its step. */
async function failuresOf(
  steps: readonly ApplyStep[],
  body: (step: ApplyStep) => Promise<void>,
): Promise<readonly string[]> {
  const left = [...steps]
  const failures: string[] = []
  const worker = async (): Promise<void> => {
    for (let step = left.shift(); step !== undefined; step = left.shift()) {
      await body(step).catch((error: unknown) => failures.push(`${step}: ${String(error)}`))
    }
  }
  await Promise.all([worker(), worker()])
  return failures
}
