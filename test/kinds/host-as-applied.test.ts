import { expect, it } from 'vitest'
import { HOST_KINDS } from '../../src/kinds/host-registry.ts'
import { contextOf } from './context.ts'

const files = {
  'web.service': '[Service]\nExecStart=/bin/web\n[Install]\nWantedBy=multi-user.target\n',
  'limits.conf': '[Service]\nMemoryMax=1G\n',
  'worker.conf': '[program:a]\ncommand=/bin/a\n[program:b]\ncommand=/bin/b\nautostart=false\n[group:g]\nprograms=a\n',
}

/** A plan that asks no target compares with this. */
it.each([
  ['Unit', { name: 'web.service', file: 'web.service', dropIns: { limits: 'limits.conf' } }],
  ['Unit', { name: 'web.service', file: 'web.service', state: 'stopped', enabled: false }],
  ['Unit', { name: 'cups.service', masked: true }],
  ['Unit', { name: 'docker.service', dropIns: { limits: 'limits.conf' } }],
  ['Program', { name: 'worker', conf: 'worker.conf' }],
  ['Program', { name: 'worker', conf: 'worker.conf', state: 'stopped' }],
  ['Program', { name: 'worker', command: '/bin/worker', environment: { A: 'a b' } }],
  ['File', { name: 'f', path: '/etc/f', content: 'hello' }],
  ['File', { name: 'f', path: '/etc/f', secret: { from: 'settings:TOKEN' }, owner: 1000, group: 'www' }],
  ['File', { name: 'f', path: '/etc/f', json: { merge: { a: { b: [1], c: null }, d: {} } } }],
  ['Directory', { name: 'd', path: '/srv/d', owner: 'www', mode: '2775' }],
  ['User', { name: 'www', groups: ['docker', 'adm'], home: '/srv' }],
  ['User', { name: 'www', uid: 990 }],
  ['Group', { name: 'www', gid: 990 }],
  ['Artifact', { name: 'a', path: '/opt/a', url: 'https://x.test/a', sha256: 'a'.repeat(64) }],
])('a %s as it was applied differs in nothing from its spec, also at rest: %o', (name, written) => {
  const kind = HOST_KINDS.get(name)
  const spec = kind?.normalize(written, contextOf({ files, settings: { TOKEN: 'hush' } })).spec
  expect(kind?.compare(spec, kind.asApplied?.(spec))).toEqual([])
  const resting = kind?.suspend(spec)
  if (resting) expect(kind?.compare(resting, kind.asApplied?.(resting))).toEqual([])
})
