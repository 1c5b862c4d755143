import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { changesOf } from '../../src/model/plan.ts'
import { type Hosts, hostsPossible, startHosts } from '../lab/hosts.mjs'
import { type Lab, labPossible, requireLab } from '../lab/lab.mjs'
import { waitUntil } from '../lab/wait.mjs'
import { createDocuments } from '../support/documents.ts'
import { hostDocuments } from '../support/host-fleet.ts'
import { ask, createLiveFleet, type LiveFleet, type WrittenDocument } from '../support/live-fleet.ts'

const keeper = { stableFor: '1s', bake: '0s', timeout: '60s' }
/** Says what it was told, and stays. */
const TELL = 'echo "$AGENT_NAME asks $AGENT_MODEL with $AGENT_TOOLS, $MOOD: $(cat "$AGENT_INSTRUCTIONS_FILE")"'
const SCRIPT = `#!/bin/sh\n${TELL}\nexec sleep infinity\n`
const NAMES = ['swarmed', 'united', 'supervised'] as const

describe.skipIf(!labPossible() || !hostsPossible())('agents on a Swarm, by systemd and by supervisord', () => {
  let lab: Lab
  let hosts: Hosts
  let fleet: LiveFleet
  beforeAll(async () => {
    ;[lab, hosts] = await Promise.all([requireLab(), startHosts()])
    await waitUntil('supervisord', async () => /^\d+\n/.test(await sh('supervisorctl pid || :')))
    const swarm = { kind: 'Swarm', name: 'prod', endpoints: [lab.dockerHost] }
    fleet = await createLiveFleet(lab, 'agents', {
      targets: { 'targets/all.yaml': [swarm, ...hostDocuments(hosts)] },
      settings: `credentials: { fleet-key: { type: ssh, addresses: ["${hosts.first.address}"], key: { file: ${hosts.keyFile} } } }`,
    })
  })
  afterAll(async () => {
    await fleet?.dispose()
    await Promise.all([hosts?.dispose(), lab?.dispose()])
  })

  const sh = (script: string) => hosts.first.run(['sh', '-c', script])
  const runs = (): Readonly<Record<(typeof NAMES)[number], object>> => {
    const { kind: _kind, name: _name, keeper: _keeper, ...service } = createDocuments(lab).service('', 'app:1')
    const command = ['sh', '-c', `${TELL}; sleep 1000`]
    return {
      swarmed: { service: { ...service, entrypoint: [], command } },
      united: { unit: { hosts: ['host-1'], file: 'united.service', restartOn: ['File/tell'] } },
      supervised: { program: { hosts: ['host-1'], conf: 'supervised.conf', restartOn: ['File/tell'] } },
    }
  }
  const app = (instructions: string, model = 'one', change: Readonly<Record<string, object>> = {}) => ({
    'apps/agents/agents.yaml': [
      { kind: 'File', name: 'tell', hosts: ['host-1'], path: '/opt/tell', content: SCRIPT, mode: '0755', keeper },
      ...Object.entries({ ...runs(), ...change }).map(
        ([name, run]): WrittenDocument => ({
          ...{ kind: 'Agent', name, run, model, tools: ['search', 'mail'], keeper },
          ...{ instructions: 'instructions.md', env: { MOOD: "it's fine, 100 %" } },
        }),
      ),
    ],
    'apps/agents/instructions.md': `${instructions}\n`,
    'apps/agents/united.service': '[Service]\nExecStart=/opt/tell\nEnvironment=TZ=UTC\n',
    'apps/agents/supervised.conf': '[program:supervised]\ncommand=/opt/tell\nenvironment=TZ="UTC"\nstartsecs=0\n',
  })
  const said = async (name: string): Promise<string> =>
    (await fleet.engine.logs(`Agent/${name}`, { ...ask(), lines: 5 })).join('\n')
  const nothingToDo = async (): Promise<void> => {
    const plan = await fleet.engine.plan(ask())
    expect(plan.problems).toEqual([])
    expect(plan.apps.flatMap(({ plan }) => changesOf(plan).map(({ id }) => id))).toEqual([])
  }

  it('find what they are told, each in its own way, and the second run has nothing to do', async () => {
    expect(await fleet.ship('agents', app('Be brief.'))).toMatchObject({ outcome: 'proven' })
    for (const name of NAMES) {
      const told = `${name} asks one with search,mail, it's fine, 100 %: Be brief.`
      await expect.poll(() => said(name), { timeout: 10_000 }).toContain(told)
    }
    await nothingToDo()
  })

  it('begin anew with other instructions', async () => {
    expect(await fleet.ship('agents', app('Be thorough.'))).toMatchObject({ outcome: 'proven' })
    for (const name of NAMES) await expect.poll(() => said(name), { timeout: 10_000 }).toContain('Be thorough.')
    await nothingToDo()
  })

  it('are restarted by their names', async () => {
    const begun = await sh('systemctl show -P ExecMainPID united.service')
    for (const name of NAMES) {
      const { apps } = await fleet.engine.restart(`Agent/${name}`, ask())
      expect(apps.map(({ outcome }) => outcome)).toEqual(['done'])
    }
    expect(await sh('systemctl show -P ExecMainPID united.service')).not.toBe(begun)
    await expect(fleet.engine.runJob('Agent/united', ask())).rejects.toThrow('it is no job')
    await nothingToDo()
  })

  it('rest once they have a schedule, and nothing of that is drift', async () => {
    const files = app('Be thorough.')
    const scheduled = files['apps/agents/agents.yaml'].map((document) =>
      document.kind === 'Agent' ? { ...document, schedule: { cron: '0 7 * * *' } } : document,
    )
    expect(await fleet.ship('agents', { ...files, 'apps/agents/agents.yaml': scheduled })).toMatchObject({
      outcome: 'proven',
    })
    expect((await sh('systemctl is-active united.service || :')).trim()).toBe('inactive')
    expect(await sh('supervisorctl status || :')).toMatch(/supervised\s+STOPPED/)
    await nothingToDo()
    const { apps, agents = [] } = await fleet.engine.status(ask())
    expect(apps.map(({ health }) => health)).toEqual(['healthy'])
    expect(agents.map(({ name }) => name).sort()).toEqual([...NAMES].sort())
  })

  it('are other things where something else runs of them: the one goes, the other comes', async () => {
    const change = { supervised: { unit: { hosts: ['host-1'], file: 'united.service' } } }
    await fleet.commit(app('Be brief.', 'two', change))
    const { guards } = await fleet.reconcile('agents')
    await fleet.apply({ confirm: guards.map(({ name }) => name) })
    await expect.poll(() => said('supervised'), { timeout: 10_000 }).toContain('supervised asks two')
    expect(await sh('ls /etc/supervisor/conf.d')).not.toContain('supervised')
    await nothingToDo()
  })
})
