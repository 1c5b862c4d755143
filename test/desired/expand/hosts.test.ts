import { describe, expect, it } from 'vitest'
import { problemsOf, wantedOf } from './expand-world.ts'
import { expandHosts, host } from './host-world.ts'

const TARGETS = [host('app-1', 'role: worker, zone: a'), host('app-2', 'role: worker'), host('db-1', 'role: db')].join(
  '---\n',
)
const group = (hosts: string, more = ''): string => `kind: Group\nname: agents\nhosts: ${hosts}\n${more}`
const expandApp = (...texts: readonly string[]) =>
  expandHosts({ 'targets/hosts.yaml': TARGETS, 'apps/a/a.yaml': texts.join('---\n') })
const ids = (...texts: readonly string[]) => {
  const desired = expandApp(...texts)
  expect(problemsOf(desired)).toEqual([])
  return desired.apps.get('a')?.wanted.map(({ id }) => id)
}

describe('a document of hosts', () => {
  it('is one resource on each host that it names', () => {
    expect(ids(group('[app-1, db-1]'))).toEqual(['app-1/Group/agents', 'db-1/Group/agents'])
  })

  it('is one on each host that has all the labels', () => {
    expect(ids(group('{ role: worker }'))).toEqual(['app-1/Group/agents', 'app-2/Group/agents'])
    expect(ids(group('{ role: worker, zone: a }'))).toEqual(['app-1/Group/agents'])
  })

  it('breaks its app where its labels select no host, for nothing may be pruned by that', () => {
    const desired = expandApp(group('{ role: cache }'))
    expect(problemsOf(desired)).toEqual([
      'apps/a/a.yaml:1:1 /hosts: no Host has the labels { role: cache }; nothing of this is changed or pruned until one has',
    ])
    expect(desired.apps.get('a')?.broken).toBe(true)
  })

  it.each([
    ['[app-3]', "/hosts/0: no Host is called 'app-3'; did you mean 'app-1'?"],
    ['[app-1, prod]', "/hosts/1: 'prod' is no Host: its kind is Swarm"],
    ['[lost]', "/hosts/0: the host 'lost' is declared with errors"],
  ])('refuses to be on %s', (hosts, message) => {
    const swarm = 'kind: Swarm\nname: prod\nendpoints: [unix:///var/run/docker.sock]\n'
    const texts = { 'targets/hosts.yaml': `${TARGETS}---\n${swarm}`, 'apps/a/a.yaml': group(hosts) }
    const desired = expandHosts(texts, { brokenTargets: ['lost'] })
    expect(problemsOf(desired)).toEqual([`apps/a/a.yaml:1:1 ${message}`])
  })

  it('says what is wrong with it once, however many hosts it is on', () => {
    const file = 'kind: File\nname: f\nhosts: { role: worker }\npath: /etc/../x\ncontent: x\n'
    expect(problemsOf(expandApp(file))).toHaveLength(1)
  })

  it('carries how a change goes over the hosts, and is kept when it is gone', () => {
    const rollout = 'rollout: { canary: 1, batch: 2, pause: 5s, unreachable: wait }\n'
    const desired = expandApp(group('[app-1]', rollout))
    expect(wantedOf(desired, 'app-1/Group/agents').handling).toMatchObject({
      rollout: { canary: 1, batch: 2, pauseMs: 5000, unreachable: 'wait' },
      prune: 'keep',
    })
    const pruned = expandApp(group('[app-1]', 'keeper: { prune: allow }\n'))
    expect(wantedOf(pruned, 'app-1/Group/agents').handling.prune).toBe('allow')
  })
})

describe('what a document of hosts refers to', () => {
  const file = (hosts: string) => `kind: File\nname: env\nhosts: ${hosts}\npath: /opt/.env\nenv: { A: 1 }\n`
  const unit = (hosts: string, more: string) => `kind: Unit\nname: web.service\nhosts: ${hosts}\n${more}\n`
  const orderOf = (desired: ReturnType<typeof expandApp>, id: string) => wantedOf(desired, id).after

  it('is on the same host, where that has it', () => {
    const desired = expandApp(file('{ role: worker }'), unit('{ role: worker }', 'keeper: { dependsOn: [File/env] }'))
    expect(problemsOf(desired)).toEqual([])
    expect(orderOf(desired, 'app-2/Unit/web.service')).toEqual(['app-2/File//opt/.env'])
  })

  it('is on all hosts that have it, where the same host has none', () => {
    const desired = expandApp(file('{ role: worker }'), unit('[db-1]', 'keeper: { dependsOn: [File/env] }'))
    expect(problemsOf(desired)).toEqual([])
    expect(orderOf(desired, 'db-1/Unit/web.service')).toEqual(['app-1/File//opt/.env', 'app-2/File//opt/.env'])
  })

  it('triggers it, by its digest, and comes first', () => {
    const desired = expandApp(file('[app-1]'), unit('[app-1]', 'restartOn: [File/env]'))
    const { digest } = wantedOf(desired, 'app-1/File//opt/.env')
    const wanted = wantedOf(desired, 'app-1/Unit/web.service')
    expect(wanted.spec).toMatchObject({ triggers: { 'app-1/File/env': digest } })
    expect(wanted.after).toEqual(['app-1/File//opt/.env'])
  })

  it('is an owner that is declared: it comes first', () => {
    const user = 'kind: User\nname: swarm\nhosts: [app-1]\n'
    const desired = expandApp(user, `${file('[app-1]')}owner: swarm\n`)
    expect(orderOf(desired, 'app-1/File//opt/.env')).toEqual(['app-1/User/swarm'])
  })
})

it('two documents cannot have one path on a host, whatever their kinds are', () => {
  const file = 'kind: File\nname: env\nhosts: [app-1]\npath: /opt/x\ncontent: x\n'
  const directory = 'kind: Directory\nname: dir\nhosts: [app-1]\npath: /opt/x\n'
  const desired = expandApp(file, directory)
  expect(problemsOf(desired)).toEqual([
    expect.stringMatching(
      /^apps\/a\/a.yaml:\d+:\d+ \/path: \/opt\/x is that of app-1\/File\/env already, see apps\/a\/a.yaml:1:1$/,
    ),
  ])
})

it.each([
  ['file', 'file: app.service', '/etc/systemd/system/app.service'],
  ['drop-in', 'dropIns: { x: app.service }', '/etc/systemd/system/app.service.d/x.conf'],
])('a File cannot write the %s of a unit: each would take it from the other', (_, written, path) => {
  const unit = `kind: Unit\nname: app.service\nhosts: [app-1]\n${written}\n`
  const file = `kind: File\nname: sly\nhosts: [app-1]\npath: ${path}\ncontent: x\n`
  const problems = problemsOf(
    expandHosts({
      'targets/hosts.yaml': host('app-1'),
      'apps/x/x.yaml': `${unit}---\n${file}`,
      'apps/x/app.service': '[Service]\nExecStart=/bin/true\n',
    }),
  )
  expect(problems).toEqual([
    expect.stringContaining(`the file ${path} is declared by app-1/Unit/app.service already, see apps/x/x.yaml:1:1`),
  ])
})

describe('programs of one host', () => {
  const program = (name: string, hosts = '[app-1]'): string =>
    `kind: Program\nname: ${name}\nhosts: ${hosts}\nconf: ${name}.conf\n`
  const sleeps = '\ncommand=/bin/sleep 9\n'
  const expand = (texts: Readonly<Record<string, string>>) =>
    problemsOf(expandHosts({ 'targets/hosts.yaml': `${host('app-1')}---\n${host('app-2')}`, ...texts }))

  it.each([
    ['the same section', `[program:a]${sleeps}`, `[program:a]${sleeps}`, '[program:a]'],
    [
      'a group of the same name',
      `[program:a]${sleeps}`,
      `[program:b]${sleeps}[group:a]\nprograms=b\n`,
      "the group 'a' of supervisord",
    ],
  ])('cannot have %s in two documents: supervisord would take them for one', (_, one, two, what) => {
    const texts = {
      'apps/x/x.yaml': program('one'),
      'apps/x/one.conf': one,
      'apps/y/y.yaml': program('two'),
      'apps/y/two.conf': two,
    }
    expect(expand(texts)).toEqual([
      expect.stringContaining(`${what} is declared by app-1/Program/one already, see apps/x/x.yaml`),
    ])
  })

  it('may have the same on another host', () => {
    const texts = {
      'apps/x/x.yaml': `${program('one')}---\n${program('two', '[app-2]')}`,
      'apps/x/one.conf': `[program:a]${sleeps}`,
      'apps/x/two.conf': `[program:a]${sleeps}`,
    }
    expect(expand(texts)).toEqual([])
  })
})
