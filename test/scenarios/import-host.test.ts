import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HostImportReport } from '../../src/model/import.ts'
import type { FleetPlan } from '../../src/model/outcome.ts'
import { changesOf } from '../../src/model/plan.ts'
import { ENABLED, FILES, PREPARE, STARTED, TROUBLED } from '../import/host-by-hand.ts'
import { type Hosts, hostsPossible, startHosts } from '../lab/hosts.mjs'
import { waitUntil } from '../lab/wait.mjs'
import { createHostFleet } from '../support/host-fleet.ts'
import { ask, type LiveFleet } from '../support/live-fleet.ts'

const SECRET = 'hunter2hunter2'

describe.skipIf(!hostsPossible())('import of what was installed on a host by hand', () => {
  let hosts: Hosts
  let fleet: LiveFleet
  let report: HostImportReport
  let before: string

  const sh = (text: string, ...args: readonly string[]): Promise<string> =>
    hosts.first.run(['sh', '-euc', text, 'sh', ...args])

  /** Of everything that runs: what would be another after a restart. And of every file: what would be after a write. */
  const running = async (): Promise<string> => {
    const units = await sh(
      "systemctl show -p Id,InvocationID,MainPID,ActiveState,UnitFileState,NRestarts $(systemctl list-units --all --plain --no-legend --full | sed 's/^[^[:alnum:]]*//;s/ .*//' | grep -v 'session\\|user@\\|\\.scope\\|ssh@' | sort)",
    )
    const programs = await sh('supervisorctl status | sed "s/, uptime.*//"; supervisorctl pid')
    const files = await sh(
      'find /etc/systemd /etc/supervisor /opt /usr/local /etc/hal -type f -printf "%p %i %T@ %C@ %m %u\\n" | sort; getent passwd',
    )
    return [units, programs, files].join('\n')
  }

  const changesIn = (plan: FleetPlan): readonly string[] =>
    plan.apps.flatMap((app) => changesOf(app.plan)).map(({ action, id }) => `${action} ${id}`)

  const importIt = async (): Promise<HostImportReport> => {
    const { targets } = await fleet.engine.desired(ask())
    const [target] = targets
    if (!target) throw new Error('no host is declared')
    return fleet.engine.importHost({ ...ask(), target, targets })
  }

  beforeAll(async () => {
    hosts = await startHosts()
    fleet = await createHostFleet(hosts, 'import-host')
    await sh(PREPARE)
    for (const [path, { text, owner = 'root:root', mode = '0644' }] of Object.entries({ ...FILES, ...TROUBLED })) {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: sh's
      const put = 'mkdir -p "${1%/*}"; cat >"$1"; chown "$2" "$1"; chmod "$3" "$1"; touch -d "1 hour ago" "$1"'
      await hosts.first.run(['sh', '-euc', put, 'sh', path, owner, mode], { input: text })
    }
    await sh('systemctl daemon-reload; systemctl link /opt/linked/linked.service; systemctl mask ctrl-alt-del.target')
    await sh('systemctl enable "$@"', ...ENABLED)
    await sh('systemctl start "$@"', ...STARTED)
    await sh('systemctl start broken.service; systemctl start looping.service')
    await sh('echo "# a word" >>/etc/systemd/system/edited.service; systemctl restart supervisor.service')
    await waitUntil('supervisord', async () => {
      const said = await sh('supervisorctl status || :')
      const up = said.match(/RUNNING/g)?.length
      return up === 5 && /fatal +FATAL/.test(said)
    })
    await sh('supervisorctl stop idle')
    await waitUntil('the failures', async () =>
      /failed\nactivating/.test(await sh('systemctl is-active broken.service looping.service || :')),
    )
    // On a busy machine some have only begun to start: what is not at rest is left out.
    await waitUntil('the others to be at rest', async () => {
      const starting = await sh(
        'systemctl list-units --all --plain --no-legend --state=activating,deactivating,reloading',
      )
      return starting.split('\n').every((line) => line.trim() === '' || line.includes('looping.service'))
    })
    before = await running()
    report = await importIt()
  })
  afterAll(async () => {
    await fleet?.dispose()
    await hosts?.dispose()
  })

  it('writes them as documents that were proven, each with its reason where not, and touches nothing', async () => {
    // It was linked a moment ago: where its file is as young as systemd's look at it, it may be left out, too.
    const unsure = 'Unit/linked.service'
    const leftOut = report.leftOut.map(({ subject }) => subject)
    expect(leftOut.filter((subject) => subject !== unsure)).toEqual([
      'Unit/broken.service',
      'Unit/commented.service',
      'Unit/edited.service',
      'Unit/leaky.service',
      'Unit/looping.service',
      'Unit/optioned.service',
      'Program/fatal',
      'Program/leaky',
      '/etc/systemd/system/service.d/all.conf',
    ])
    const notes = report.notes.map(({ subject }) => subject)
    expect(notes.filter((subject) => subject !== unsure)).toEqual(['File//opt/zerg/.env', 'Unit/elsewhere.service'])
    expect([...leftOut, ...notes]).toContain(unsure)
    expect(report.counts).toEqual({ units: leftOut.includes(unsure) ? 24 : 25, programs: 3, files: 5, users: 2 })
    expect(await running()).toBe(before)
  })

  it('says what is dangerous in it', () => {
    const of = (code: string) => report.hazards.filter((hazard) => hazard.code === code).map(({ subject }) => subject)
    expect(of('secret-in-unit')).toEqual(['commented.service', 'leaky.service', 'optioned.service', 'leaky'])
    expect(of('not-at-rest')).toEqual(['broken.service', 'looping.service', 'fatal'])
    expect(of('not-reloaded')).toEqual(['edited.service'])
    expect(of('hand-made')).toEqual([
      '/opt/dspy/bin/env-manager',
      '/opt/dspy/bin/orchestrator',
      '/usr/local/bin/hal-supervisor',
    ])
    expect(of('runs-as-root')).not.toContain('hal-supervisor.service')
    expect(of('runs-as-root')).toContain('env-manager.service')
    expect(of('no-restart')).toContain('orchestrator.service')
    expect(of('no-restart')).not.toContain('backup.service')
  })

  it('the first plan only adopts, and nothing restarts', async () => {
    await fleet.commit(Object.fromEntries(report.files.map(({ path, content }) => [path, content])))
    const plan = await fleet.engine.plan(ask())
    expect(plan.problems.filter(({ severity }) => severity === 'error')).toEqual([])
    expect(plan.apps.flatMap((app) => app.plan.held)).toEqual([])
    const changes = plan.apps.flatMap((app) => changesOf(app.plan))
    expect(new Set(changes.map(({ action }) => action))).toEqual(new Set(['adopt']))
    const outcome = await fleet.apply()
    expect(outcome.apps.filter((app) => app.outcome !== 'proven')).toEqual([])
    expect(await running()).toBe(before)
  })

  it('the second plan is empty, and a second import finds nothing more', async () => {
    const plan = await fleet.engine.plan(ask())
    expect(changesIn(plan)).toEqual([])
    const again = await importIt()
    expect(again.files).toEqual([])
    expect(again.leftOut).toEqual(report.leftOut)
    expect(await running()).toBe(before)
  })

  it('writes no secret anywhere', () => {
    expect(JSON.stringify(report)).not.toContain(SECRET)
  })
})
