import { expect, it } from 'vitest'
import { orphanedTargets } from '../../src/engine/orphans.ts'
import { makeId } from '../../src/model/id.ts'
import { defaultHandling, type Recorded, SPEC_FORMAT } from '../../src/model/resource.ts'

const recorded = (kind: string, name: string, spec: object = {}): Recorded => ({
  id: makeId({ target: 'app-1', kind, name }),
  kind,
  spec,
  digest: 'd' as Recorded['digest'],
  app: 'web',
  handling: defaultHandling,
  format: SPEC_FORMAT,
  state: 'owned',
})

it('what is left on a host that is not declared any more can be taken away by hand, users before what they use', () => {
  const left = [
    recorded('User', 'swarm'),
    recorded('File', '/opt/it’s here/.env'),
    recorded('Unit', 'web.service', { file: '[Service]', dropIns: { '10-a.conf': '' } }),
    recorded('Unit', 'ssh.service', { dropIns: { '20-b.conf': '' } }),
    recorded('Directory', '/opt/web'),
    recorded('Directory', '/opt/web/data'),
  ]
  expect(orphanedTargets(left, { install: 'prod' })).toEqual([
    {
      target: 'app-1',
      cleanUp: [
        'systemctl disable --now -- web.service',
        'rm -- /etc/systemd/system/web.service /etc/systemd/system/web.service.d/10-a.conf',
        'rm -- /etc/systemd/system/ssh.service.d/20-b.conf',
        "rm -- '/opt/it’s here/.env'",
        'rmdir -- /opt/web/data',
        'rmdir -- /opt/web',
        'userdel -- swarm',
        'systemctl daemon-reload',
        'rm -r -- /var/lib/swarmkeeper/prod',
      ],
    },
  ])
})

it('what is shared, masked or an instance goes by hand as by itself: only what is ours', () => {
  const left = [
    recorded('File', '/etc/docker/daemon.json', { content: { merge: { debug: true, log: { level: 'info' } } } }),
    recorded('Unit', 'app@.service', { file: '[Service]', dropIns: {} }),
    recorded('Unit', 'app@one.service', { dropIns: {} }),
    recorded('Unit', 'apt-daily.timer', { dropIns: {}, masked: true }),
  ]
  expect(orphanedTargets(left, { install: 'prod' })).toMatchObject([
    {
      cleanUp: [
        'systemctl unmask -- apt-daily.timer',
        'systemctl disable --now -- app@one.service',
        'systemctl disable -- app@.service',
        'rm -- /etc/systemd/system/app@.service',
        "echo 'by hand: take /debug, /log/level out of /etc/docker/daemon.json'",
        'systemctl daemon-reload',
        'rm -r -- /var/lib/swarmkeeper/prod',
      ],
    },
  ])
})

it('on a Swarm it is docker that takes it away, and no host is reloaded', () => {
  expect(orphanedTargets([recorded('Network', 'front'), recorded('Service', 'web')], { install: 'prod' })).toEqual([
    { target: 'app-1', cleanUp: ['docker service rm -- web', 'docker network rm -- front'] },
  ])
})

it('a target that was only renamed leaves nothing behind: nobody is told to take away what runs', () => {
  expect(orphanedTargets([recorded('Service', 'web')], { install: 'prod', isNow: () => 'app-2' })).toEqual([
    { target: 'app-1', isNow: 'app-2', cleanUp: [] },
  ])
})
