import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { serviceAsApplied } from '../../src/kinds/service/as-applied.ts'
import { compareService } from '../../src/kinds/service/compare.ts'
import { normalizeService, type WrittenService } from '../../src/kinds/service/normalize.ts'
import type { DriftItem } from '../../src/model/engine.ts'
import { makeId } from '../../src/model/id.ts'
import type { FieldDiff } from '../../src/model/live.ts'
import { renderDriftAsPatch } from '../../src/report/drift-patch.ts'
import { contextOf } from '../kinds/context.ts'
import { id, image, REVISION, secret, text } from './samples.ts'

const web = id('Service', 'web')
const origin = { path: 'apps/hello/hello.yaml', line: 7, column: 1 }
const item = (diffs: readonly FieldDiff[], rest: Partial<DriftItem> = {}): DriftItem => ({
  id: web,
  app: 'hello',
  policy: 'safe',
  next: 'reported',
  diffs,
  origin,
  ...rest,
})
const patchOf = (...items: readonly DriftItem[]): readonly string[] =>
  renderDriftAsPatch({ revision: REVISION, at: '2026-03-01T03:00:00Z', items, unknown: [] })

const written: WrittenService = {
  name: 'web',
  image: 'web:1',
  replicas: 2,
  env: { LEVEL: 'info', PORT: '80' },
  labels: { team: 'shop', 'a/b~c': 'x' },
  ports: ['8080:80'],
  update: { parallelism: 1, delay: '5s' },
  resources: { limits: { memory: '64MiB' } },
}
const specOf = (service: WrittenService) => normalizeService(service, contextOf()).spec

type Fields = Readonly<Record<string, unknown>>
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** As `yq '. * load("patch.yaml")'` does it: maps are merged, everything else is replaced. */
function merge(base: unknown, patch: unknown): unknown {
  if (!isFields(base) || !isFields(patch)) return patch
  const merged = Object.entries(patch).map(([key, value]): [string, unknown] => [key, merge(base[key], value)])
  return { ...base, ...Object.fromEntries(merged) }
}

describe('drift as a patch', () => {
  test.each<readonly [string, Partial<WrittenService>]>([
    ['the image', { image: 'web:2' }],
    ['replicas', { replicas: 5 }],
    ['a variable', { env: { LEVEL: 'debug', PORT: '80' } }],
    ['labels', { labels: { team: 'blog: "yes"', 'a/b~c': '12' } }],
    ['ports', { ports: ['8080:80', { target: 81, published: 8081, mode: 'host' }] }],
    ['mounts', { mounts: ['web_data:/data', { type: 'tmpfs', target: '/tmp', size: '1MiB' }] }],
    ['durations and sizes', { update: { parallelism: 3, delay: '1m30s' }, resources: { limits: { memory: '1GiB' } } }],
    ['a healthcheck where there was none', { healthcheck: { test: 'true', interval: '10s', retries: 2 } }],
    ['words of a command', { command: ['run', '--fast'] }],
    ['constraints', { constraints: ['node.role==manager'] }],
  ])('of %s, merged into the document, declares what is live', (_what, change) => {
    const live = serviceAsApplied(specOf({ ...written, ...change }))
    const diffs = compareService(specOf(written), live)
    expect(diffs).not.toEqual([])
    const [patch] = parseAllDocuments(patchOf(item(diffs)).join('\n')).map((document) => document.toJS() as Fields)
    const { kind, ...merged } = merge({ kind: 'Service', ...written }, patch) as WrittenService & { kind: string }
    expect(kind).toBe('Service')
    expect(compareService(specOf(merged), live)).toEqual([])
  })

  test('names the document of each, and says beside it what no merge can', () => {
    const gone: FieldDiff = { path: '/env/PORT', to: '80', effect: 'restart' }
    const refs: FieldDiff = { path: '/secrets', from: [{ name: 'db_0123456789ab' }], to: [], effect: 'restart' }
    const removed = item([], { id: id('Service', 'api'), next: 'heal', message: 'it was removed by hand' })
    expect(text(patchOf(item([image, gone, refs]), removed))).toBe(`
# prod/Service/web: merge this into apps/hello/hello.yaml:7
kind: Service
name: web
image: web:1
# env.PORT: not there live: take it out of the document
# secrets: differs in a way that is written by hand: see \`swarmkeeper drift\`
---
# prod/Service/api: apps/hello/hello.yaml:7
# the next apply takes this drift back, unless it is declared
# it was removed by hand: to accept that, delete its document
`)
  })

  test('of a host speaks the words of its documents, and leaves to a person what stands in files', () => {
    const onHost = (kind: string, name: string, diffs: readonly FieldDiff[]) =>
      item(diffs, { id: makeId({ target: 'agent-1', kind, name }) })
    const none = { effect: 'none' } as const
    const unit = onHost('Unit', 'app.service', [
      { path: '/state', from: 'failed', to: 'running', ...none },
      { path: '/enabled', from: 'disabled', to: true, ...none },
      { path: '/file', from: '[Service]\n', to: '[Unit]\n', ...none },
      { path: '/daemonReload', from: 'needed', to: 'done', ...none },
    ])
    const stopped = onHost('Unit', 'old.service', [
      { path: '/state', from: 'active', to: 'stopped', effect: 'restart' },
    ])
    const program = onHost('Program', 'worker', [
      { path: '/groups/worker/processes/worker', from: 'STOPPED', to: 'RUNNING', ...none },
    ])
    const file = onHost('File', '/opt/app/run.sh', [{ path: '/mode', from: '0700', to: '0755', ...none }])
    const binary = onHost('Artifact', '/opt/app/bin', [{ path: '/sha256', from: 'a'.repeat(64), to: 'b', ...none }])
    expect(text(patchOf(unit, stopped, program, file, binary))).toBe(`
# agent-1/Unit/app.service: merge this into apps/hello/hello.yaml:7
kind: Unit
name: app.service
state: stopped
enabled: false
# file: differs in a way that is written by hand: see \`swarmkeeper drift\`
# daemonReload: differs in a way that is written by hand: see \`swarmkeeper drift\`
---
# agent-1/Unit/old.service: merge this into apps/hello/hello.yaml:7
kind: Unit
name: old.service
state: running
---
# agent-1/Program/worker: merge this into apps/hello/hello.yaml:7
# groups.worker.processes.worker: differs in a way that is written by hand: see \`swarmkeeper drift\`
---
# agent-1/File//opt/app/run.sh: merge this into apps/hello/hello.yaml:7
kind: File
path: /opt/app/run.sh
mode: "0700"
---
# agent-1/Artifact//opt/app/bin: merge this into apps/hello/hello.yaml:7
# sha256: differs in a way that is written by hand: see \`swarmkeeper drift\`
`)
  })

  test('never shows a secret, nor a value that somebody set where we declare none', () => {
    const byHand: FieldDiff = { path: '/env/TOKEN', from: 'hunter2', effect: 'restart' }
    const lines = patchOf(item([{ ...secret, from: 'hunter3' }, byHand]))
    expect(lines.join('\n')).not.toContain('hunter')
    expect(lines).toContain(
      '# env.TOKEN: set by hand: its value is not shown; declare it, or it goes with the next change',
    )
    expect(parseAllDocuments(lines.join('\n'))[0]?.toJS() ?? null).toBeNull()
  })

  test('a key of somebody else is a key, whatever it is called', () => {
    const label: FieldDiff = { path: '/labels/__proto__', from: 'x', to: 'y', effect: 'none' }
    expect(patchOf(item([label]))).toEqual(expect.arrayContaining(['labels:', '  __proto__: x']))
    expect(patchOf(item([{ ...label, path: '/labels/a\nkind: Evil' }])).join('\n')).not.toMatch(/^kind: Evil/m)
  })

  test('of nothing says so, and what could not be looked at', () => {
    const unknown = [{ id: web, app: 'hello', message: 'not reached' }]
    expect(renderDriftAsPatch({ revision: REVISION, at: '2026-03-01T03:00:00Z', items: [], unknown })).toEqual([
      '# not looked at, for it could not be: prod/Service/web',
      '# no drift known',
    ])
    expect(patchOf()).toEqual(['# no drift'])
  })
})
