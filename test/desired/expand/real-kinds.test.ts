import { expect, test } from 'vitest'
import { expandDesired } from '../../../src/desired/expand/expand.ts'
import { normalizeCheck } from '../../../src/kinds/check/normalize.ts'
import { KINDS } from '../../../src/kinds/registry.ts'
import type { Desired } from '../../../src/model/desired.ts'
import { repo } from '../../support/repository.ts'
import { appOf, mac, problemsOf, wantedOf } from './expand-world.ts'

const app = `
kind: Network
name: back
---
kind: Secret
name: db-password
file: db-password.txt
keep: 3
---
kind: Config
name: nginx-conf
file: nginx.conf
---
kind: Service
name: backend
image: registry.example:5000/backend:1.4
networks: [back]
secrets: [db-password]
configs: [{ source: nginx-conf, target: /etc/nginx/nginx.conf }]
keeper:
  checks: [{ tcp: { host: 127.0.0.1, port: 8080 } }]
---
kind: Job
name: migrate
triggers: [Service/backend]
service:
  image: registry.example:5000/backend:1.4
  command: alembic upgrade head
  secrets: [db-password]
  networks: [back]
---
kind: Check
name: smoke
command: { image: tool:1, command: curl http://backend, networks: [back] }
`

const expand = (text: string): Desired => {
  const files = { 'apps/shop/shop.yaml': text, 'apps/shop/db-password.txt': 'x', 'apps/shop/nginx.conf': 'events {}' }
  const { documents, files: repository } = repo(files)
  return expandDesired({
    documents,
    files: repository,
    kinds: KINDS,
    normalizeCheck,
    mac,
    settingsSecret: () => undefined,
  })
}

test('an app of all kinds is rendered whole and in order', () => {
  const desired = expand(app)
  expect(problemsOf(desired).filter((problem) => !problem.includes('warning'))).toEqual([])
  const ids = appOf(desired, 'shop').wanted.map((wanted) => wanted.id.replace(/_[0-9a-f]{12}$/, '_…'))
  expect(ids).toEqual([
    'prod/Config/nginx-conf_…',
    'prod/Job/migrate',
    'prod/Network/back',
    'prod/Secret/db-password_…',
    'prod/Service/backend',
  ])
  const [secret = ''] = desired.addresses.get('prod/Secret/db-password') ?? []
  const [config = ''] = desired.addresses.get('prod/Config/nginx-conf') ?? []
  expect(wantedOf(desired, 'prod/Job/migrate').after).toEqual(['prod/Network/back', secret])
  expect(wantedOf(desired, 'prod/Service/backend').after).toEqual([
    config,
    'prod/Job/migrate',
    'prod/Network/back',
    secret,
  ])
  expect(wantedOf(desired, secret).handling.keep).toBe(3)
  expect(appOf(desired, 'shop').gates).toMatchObject([
    { name: 'Check/smoke', probe: { target: 'prod', networks: ['back'] } },
  ])
})

test('a check on an undeclared network is an error where it is written', () => {
  expect(problemsOf(expand(app.replace('networks: [back] }', 'networks: [bakc] }')))).toEqual([
    "apps/shop/shop.yaml:34:68 /command/networks/0: no document declares 'prod/Network/bakc'; did you mean 'prod/Network/back'?",
  ])
})
