import { expect, it } from 'vitest'
import { problemsOf, wantedOf } from './expand-world.ts'
import { expandHosts, host } from './host-world.ts'

const documents = (kinds: readonly string[]) => kinds.map((text) => `hosts: [app-1]\n${text}`).join('---\n')
const expand = (kinds: readonly string[], files: Readonly<Record<string, string>> = {}) =>
  expandHosts({ 'targets/hosts.yaml': host('app-1'), 'apps/web/all.yaml': documents(kinds), ...files })
const order = (desired: ReturnType<typeof expand>, id: string) =>
  wantedOf(desired, `app-1/${id}`).after.map((after) => decodeURIComponent(after.slice('app-1/'.length)))

const FOLDER = 'kind: Directory\nname: web\npath: /opt/web\n'
const INNER = 'kind: Directory\nname: conf\npath: /opt/web/conf\n'
const FILE = 'kind: File\nname: env\npath: /opt/web/conf/.env\ncontent: x\n'
const UNIT = 'kind: Unit\nname: web.service\nfile: web.service\n'
const TEXT = '[Service]\nUser=web\nEnvironmentFile=-/opt/web/conf/.env\nExecStart=/usr/bin/true\n'

it('a file comes after the folders that it is in, whatever their names', () => {
  const desired = expand([FILE, INNER, FOLDER])
  expect(order(desired, 'File//opt/web/conf/.env')).toEqual(['Directory//opt/web', 'Directory//opt/web/conf'])
  expect(order(desired, 'Directory//opt/web/conf')).toEqual(['Directory//opt/web'])
})

it('a unit comes after its files and its user', () => {
  const user = 'kind: User\nname: web\n'
  const desired = expand([UNIT, FILE, user], { 'apps/web/web.service': TEXT })
  expect(order(desired, 'Unit/web.service')).toEqual(['File//opt/web/conf/.env', 'User/web'])
})

it('what is written wins: no order that is added closes a cycle', () => {
  const late = `${FILE}keeper: { dependsOn: [Unit/web.service] }\n`
  const inside = `${INNER}keeper: { dependsOn: [File/env] }\n`
  const desired = expand([UNIT, late, inside, FOLDER], { 'apps/web/web.service': TEXT })
  expect(problemsOf(desired)).toEqual([])
  expect(order(desired, 'Unit/web.service')).toEqual(['Directory//opt/web'])
  expect(order(desired, 'File//opt/web/conf/.env')).toEqual(['Directory//opt/web', 'Unit/web.service'])
})

it('what another app declares orders nothing: that is for `dependsOn` to say', () => {
  const desired = expandHosts({
    'targets/hosts.yaml': host('app-1'),
    'apps/base/all.yaml': documents([FOLDER]),
    'apps/web/all.yaml': documents([FILE]),
  })
  expect(order(desired, 'File//opt/web/conf/.env')).toEqual([])
})
