import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ImportReport } from '../../src/model/import.ts'
import { changesOf } from '../../src/model/plan.ts'
import { type Lab, labPossible, requireLab } from '../lab/lab.mjs'
import { waitUntil } from '../lab/wait.mjs'
import { docker, words } from '../support/docker.ts'
import { importEverything } from '../support/import-world.ts'
import { ask, createLiveFleet, type LiveFleet } from '../support/live-fleet.ts'

/** Services as people make them by hand, with the flags of `docker service create`. */
const BY_HAND: Readonly<Record<string, string>> = {
  plain: '',
  words:
    // biome-ignore lint/suspicious/noTemplateCurlyInString: no shell and no template: the value has it
    '--hostname={{.Node.Hostname}}-{{.Task.Slot}} --user 0:0 --workdir /tmp --env A=b --env PRICE=$5 --env EMPTY= --env NUMBER=0755 --env YES=yes --env CONFUSED=${NOT_A_VARIABLE} --env DB_PASSWORD=hunter2hunter2',
  limits:
    '--limit-cpu 0.5 --limit-memory 64m --limit-pids 50 --reserve-cpu 0.001 --reserve-memory 8388608 --ulimit nofile=1024:2048 --ulimit nproc=512 --sysctl net.core.somaxconn=1024 --cap-add NET_ADMIN --cap-drop MKNOD',
  health:
    '--health-cmd true --health-interval 1s500ms --health-retries 5 --health-start-period 1m30s --health-timeout 2s --stop-grace-period 1h --stop-signal SIGINT --init',
  healthless: '--no-healthcheck --tty --read-only --mount type=tmpfs,dst=/tmp,tmpfs-size=1048576,tmpfs-mode=1777',
  mounts:
    '--mount type=volume,src=by-hand-data,dst=/data --mount type=volume,dst=/anonymous --mount type=bind,src=/etc,dst=/host/etc,readonly,bind-propagation=private --mount type=volume,src=other,dst=/other,volume-label=a=b,volume-driver=local,volume-opt=type=tmpfs,volume-opt=device=tmpfs,volume-nocopy',
  files:
    '--secret by-hand-token --secret source=by-hand-token,target=/etc/token,uid=1000,gid=1000,mode=0400 --config by-hand-conf --config source=by-hand-conf,target=/etc/app.conf,mode=0440',
  ports: '--publish 18081:8080 --publish published=18082,target=8081,mode=host,protocol=udp --publish 9090',
  networks: '--network by-hand --network name=by-hand-2,alias=one,alias=two',
  discovered:
    '--endpoint-mode dnsrr --network by-hand --host db:10.0.0.5 --host v6:fd00::1 --dns 10.0.0.2 --dns-search example.test --dns-option ndots:2',
  policies:
    '--replicas 2 --update-parallelism 0 --update-delay 10s --update-failure-action rollback --update-max-failure-ratio 0.3 --update-monitor 7s --update-order start-first --rollback-parallelism 2 --rollback-order start-first --restart-condition on-failure --restart-delay 3s --restart-max-attempts 4 --restart-window 2m',
  placement:
    '--mode global --constraint node.role==manager --constraint node.labels.zone!=eu --placement-pref spread=node.labels.zone --log-driver json-file --log-opt max-size=10m',
  labelled:
    '--label com.example.a=b --label com.example.yaml=[1,2] --container-label com.example.number=0.10 --group 100 --replicas-max-per-node 3',
  onhost: '--network host',
}

describe.skipIf(!labPossible())('import of services that were made by hand', () => {
  let lab: Lab
  let fleet: LiveFleet
  let report: ImportReport
  let before: ReadonlyMap<string, readonly string[]>

  const tasks = async (): Promise<ReadonlyMap<string, readonly string[]>> => {
    const rows: { ID: string; ServiceID: string }[] = await lab.engine.call('GET', '/tasks')
    const services = new Set(rows.map((row) => row.ServiceID))
    return new Map(
      [...services].sort().map((id) => [
        id,
        rows
          .filter((row) => row.ServiceID === id)
          .map((row) => row.ID)
          .sort(),
      ]),
    )
  }

  beforeAll(async () => {
    lab = await requireLab()
    fleet = await createLiveFleet(lab, 'import-services')
    const say = (line: string, input?: string) =>
      docker(lab.dockerHost, words(line), input === undefined ? {} : { input })
    await say('network create -d overlay --attachable --label a=b by-hand')
    await say(
      'network create -d overlay --subnet 172.30.0.0/16 --gateway 172.30.0.1 --ip-range 172.30.5.0/24 --opt encrypted --internal by-hand-2',
    )
    await say('secret create by-hand-token -', 'hush')
    await say('config create by-hand-conf -', 'user = app\npassword = swordfish99\n')
    for (const [name, flags] of Object.entries(BY_HAND)) {
      await say(`service create --detach --name ${name} ${flags} ${lab.registry.reference('app:1')}`)
    }
    await say(`service create --detach --name unpinned --no-resolve-image ${lab.registry.reference('app:1')}`)
    await say(`service create --detach --name once --mode replicated-job ${lab.registry.reference('job:1')}`)
    const settled = async () => {
      const services: {
        Spec: { Name: string }
        ServiceStatus: { RunningTasks: number; DesiredTasks: number; CompletedTasks: number }
      }[] = await lab.engine.call('GET', '/services?status=true')
      const rest = services.filter(
        ({ ServiceStatus: s }) => s.RunningTasks !== s.DesiredTasks && s.CompletedTasks === 0,
      )
      if (rest.length > 0) throw new Error(rest.map(({ Spec }) => Spec.Name).join(', '))
      return true
    }
    await waitUntil('all services run', settled)
    before = await tasks()
    lab.counter.forget()
    report = await importEverything(fleet)
  })
  afterAll(async () => {
    await fleet?.dispose()
    await lab?.dispose()
  })

  it('writes all of them, proven, and touches nothing', () => {
    expect(report.leftOut).toEqual([])
    expect(report.notes).toEqual([])
    expect(report.counts).toMatchObject({ stacks: 0, services: 16, secrets: 1, configs: 1 })
    expect(lab.counter.writes()).toEqual([])
  })

  it('says what is dangerous in them', () => {
    const of = (code: string) => report.hazards.filter((hazard) => hazard.code === code).map(({ subject }) => subject)
    expect(of('secret-in-env')).toEqual(['words'])
    expect(of('secret-in-config')).toEqual(['by-hand-conf'])
    expect(of('unpinned-image')).toEqual(['unpinned'])
    expect(of('privileges')).toEqual(['limits', 'onhost'])
    expect(of('public-port')).toEqual(['ports', 'ports'])
    expect(of('no-health-check')).not.toContain('health')
  })

  it('the first plan only adopts, and the apply restarts nothing', async () => {
    await fleet.commit(Object.fromEntries(report.files.map(({ path, content }) => [path, content])))
    const plan = await fleet.engine.plan(ask())
    expect(plan.problems.filter(({ severity }) => severity === 'error')).toEqual([])
    const changes = plan.apps.flatMap((app) => changesOf(app.plan))
    expect(plan.apps.flatMap((app) => app.plan.held)).toEqual([])
    expect(new Set(changes.map(({ action }) => action))).toEqual(new Set(['adopt']))
    await fleet.apply()
    expect(await tasks()).toEqual(before)
  })

  it('the second plan is empty', async () => {
    const plan = await fleet.engine.plan(ask())
    expect(plan.apps.flatMap((app) => [...changesOf(app.plan), ...app.plan.held])).toEqual([])
    lab.counter.forget()
    await fleet.apply()
    expect(lab.counter.writes().filter(({ path }) => path.includes('/services'))).toEqual([])
  })
})
