import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Hosts, hostsPossible, startHosts } from '../lab/hosts.mjs'
import { type ApplyStep, watchJournal } from '../support/apply-steps.ts'
import { type BuiltProgram, buildProgram, type Ended } from '../support/built-program.ts'
import { createHostFleet } from '../support/host-fleet.ts'
import type { LiveFleet, WrittenFile } from '../support/live-fleet.ts'
import { FULL, SEED, sample } from '../support/sample.ts'

const keeper = { stableFor: '1s', bake: '0s', timeout: '60s', prune: 'allow' }

/** Between a state of the journal and the kill: the script on the host goes on for a while alone. */
const DELAYS_MS = [0, 30, 120, 400]

type Revision = 1 | 2

/** A folder, two files, and two units; the second revision changes a file and a unit, and takes a file and a unit away. */
function filesOf(name: string, revision: Revision): Readonly<Record<string, WrittenFile>> {
  const hosts = ['host-1']
  const file = (called: string, content: string) => ({
    kind: 'File',
    name: called,
    hosts,
    path: `/opt/${name}/${called}`,
    content,
    keeper,
  })
  const unit = (called: string, more: object = {}) => ({
    kind: 'Unit',
    name: `${name}-${called}.service`,
    hosts,
    file: `${called}.service`,
    keeper,
    ...more,
  })
  const service = `[Service]\nEnvironment=REVISION=${revision}\nExecStart=/bin/sleep infinity\n`
  const both = [
    { kind: 'Directory', name: 'home', hosts, path: `/opt/${name}`, keeper },
    file('conf', `${revision}\n`),
    unit('web', { restartOn: ['File/conf'] }),
  ]
  return {
    'apps/web/web.service': service,
    'apps/web/old.service': '[Service]\nExecStart=/bin/sleep infinity\n',
    'apps/web/web.yaml': revision === 1 ? [...both, file('old', 'old\n'), unit('old')] : both,
  }
}

interface Trial {
  readonly name: string
  readonly fleet: LiveFleet
  apply(on?: (step: ApplyStep, kill: () => void) => void): Promise<Ended>
}

describe.skipIf(!hostsPossible())(`kill -9 of an apply to a host (${FULL ? 'all steps' : `seed ${SEED}`})`, () => {
  let hosts: Hosts
  let program: BuiltProgram
  const trials: Trial[] = []
  const steps: Record<Revision, ApplyStep[]> = { 1: [], 2: [] }

  beforeAll(async () => {
    hosts = await startHosts({ supervisord: false })
    program = buildProgram()
  })
  afterAll(async () => {
    for (const { fleet } of trials) await fleet.dispose()
    program?.remove()
    await hosts?.dispose()
  })

  const newTrial = async (): Promise<Trial> => {
    const name = `k${trials.length + 1}`
    const fleet = await createHostFleet(hosts, name)
    const apply: Trial['apply'] = (on) => {
      const { kill, ended } = program.start(['--config', fleet.settingsFile, 'apply'])
      const seen = new Set<ApplyStep>()
      const reach = (written: ApplyStep): void => {
        const step = written.replaceAll(name, 'NAME')
        if (!seen.has(step)) on?.(step, kill)
        seen.add(step)
      }
      const stop = on && watchJournal(fleet.database, reach)
      return ended.finally(() => stop?.())
    }
    const trial = { name, fleet, apply }
    trials.push(trial)
    return trial
  }

  const expectAsDeclared = async ({ name, apply }: Trial, revision: Revision): Promise<void> => {
    const again = await apply()
    expect(again, again.out + again.err).toMatchObject({ code: 0 })
    expect(again.out).toContain('as desired')
    const run = (...words: string[]) => hosts.first.run(words)
    expect(await run('cat', `/opt/${name}/conf`)).toBe(`${revision}\n`)
    // A script that is killed leaves its own folder, with a name that begins with a dot; it is swept after a day.
    expect(await run('ls', `/opt/${name}`)).toBe(revision === 1 ? 'conf\nold\n' : 'conf\n')
    expect(await run('systemctl', 'show', '-p', 'Environment', `${name}-web.service`)).toContain(`REVISION=${revision}`)
    expect(await run('systemctl', 'is-active', `${name}-web.service`)).toBe('active\n')
    const units = await run('systemctl', 'list-units', '--plain', '--no-legend', '--all', `${name}-*`)
    expect(units.trim().split('\n')).toHaveLength(revision === 1 ? 2 : 1)
    expect(await run('ls', '-A', `/var/lib/swarmkeeper/${name}/.pending`)).toBe('')
  }

  const killAt = async (step: ApplyStep, revision: Revision, delayMs: number): Promise<boolean> => {
    const trial = await newTrial()
    if (revision === 2) {
      await trial.fleet.commit(filesOf(trial.name, 1))
      expect(await trial.apply()).toMatchObject({ code: 0 })
    }
    await trial.fleet.commit(filesOf(trial.name, revision))
    const killed = await trial.apply((reached, kill) => {
      if (reached === step) setTimeout(kill, delayMs)
    })
    // Near its end the program may be quicker than the kill.
    expect([undefined, 0], killed.out + killed.err).toContain(killed.code)
    const next = await trial.apply()
    expect(next, `after a kill at: ${step} + ${delayMs} ms\n${next.out}\n${next.err}`).toMatchObject({ code: 0 })
    await expectAsDeclared(trial, revision)
    return killed.code === undefined
  }

  it('lists the steps of the first apply and of an update', async () => {
    const trial = await newTrial()
    for (const revision of [1, 2] as const) {
      await trial.fleet.commit(filesOf(trial.name, revision))
      const ended = await trial.apply((step) => steps[revision].push(step))
      expect(ended, ended.out + ended.err).toMatchObject({ code: 0 })
    }
    await expectAsDeclared(trial, 2)
    console.log([...steps[1], '', ...steps[2]].join('\n'))
    expect(steps[1]).toContain('journal create host-1/Unit/NAME-web.service started')
    expect(steps[2]).toContain('journal prune host-1/Unit/NAME-old.service started')
  })

  it.each([1, 2] as const)(
    'revision %i: the next apply converges, and nothing is left over',
    async (revision) => {
      const moments = steps[revision]
        .filter((step) => step.endsWith(' started'))
        .flatMap((step) => DELAYS_MS.map((delayMs) => ({ step, delayMs })))
      const killed: boolean[] = []
      for (const { step, delayMs } of sample(moments, 2, SEED + revision))
        killed.push(await killAt(step, revision, delayMs))
      expect(killed).toContain(true)
    },
    3_600_000,
  )

  it('between any two steps of the script on the host: the next plan holds what is missing', {
    timeout: 3_600_000,
  }, async () => {
    const moments = Array.from({ length: 20 }, (_, at) => at * 40)
    for (const delayMs of sample(moments, 2, SEED)) {
      const trial = await newTrial()
      await trial.fleet.commit(filesOf(trial.name, 1))
      expect(await trial.apply()).toMatchObject({ code: 0 })
      await trial.fleet.commit(filesOf(trial.name, 2))
      const applying = trial.apply()
      await hosts.first.run(['sh', '-c', killScript(delayMs)], { timeoutMs: 60_000 })
      const { out } = await applying
      const next = await trial.apply()
      const said = `after a kill of the script at ${delayMs} ms\n${out}\n${next.out}\n${next.err}`
      expect(next, said).toMatchObject({ code: 0 })
      await expectAsDeclared(trial, 2)
    }
  })
})

/** Waits on the host for the script of an apply, and ends it, and what it has started, after a while. */
const killScript = (delayMs: number): string =>
  [
    `pattern='eval.*sh apply$'`,
    'for i in $(seq 2000); do pid=$(pgrep -o -f "$pattern" | head -n 1); [ -z "$pid" ] || break; sleep 0.01; done',
    `sleep ${delayMs / 1000}`,
    'pkill -9 -f "$pattern" || :',
  ].join('\n')
