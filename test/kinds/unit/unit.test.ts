import { describe, expect, it } from 'vitest'
import { unitFromWire } from '../../../src/kinds/unit/from-wire.ts'
import { unitKind } from '../../../src/kinds/unit/kind.ts'
import type { UnitRecord, UnitSpec, WireUnit } from '../../../src/kinds/unit/spec.ts'
import { unitToWire } from '../../../src/kinds/unit/to-wire.ts'
import type { Unit } from '../../../src/model/written/unit.ts'
import { contextOf, problemOf } from '../context.ts'

type Written = Partial<Omit<Unit, 'kind' | 'hosts'>>
const FILE =
  '[Unit]\nDescription=web\n[Service]\nExecStart=/bin/web\nExecReload=/bin/kill -HUP $MAINPID\n[Install]\nWantedBy=multi-user.target\n'
const LIMITS = '[Service]\nMemoryMax=1G\n'
const ONESHOT = '[Service]\nType=oneshot\nExecStart=/bin/once\n'
const files = {
  'web.service': FILE,
  'limits.conf': LIMITS,
  'once.service': ONESHOT,
  'static.service': '[Service]\nExecStart=/bin/web\n',
  'empty.service': '',
  'bad.service':
    '[Unit]\nDescription=x # not a comment\n[Service]\nExecStrat=/bin/x\nMemoryLimit=2G\nRestartSec=10 # seconds\n',
  'web.target': '[Unit]\nDescription=all\n[Install]\nWantedBy=multi-user.target\n',
}
const world = (declared = {}) => contextOf({ files, declared })
const normalize = (written: Written = {}, context = world()) =>
  unitKind.normalize({ kind: 'Unit', name: 'web.service', hosts: ['h'], ...written }, context)
const specOf = (written: Written = {}): UnitSpec => normalize({ file: 'web.service', ...written }).spec
const problem = (written: Written) => problemOf(() => normalize(written))

describe('a unit', () => {
  it('is enabled and runs, where its file is to be installed and nothing is said', () => {
    expect(specOf()).toMatchObject({ enabled: true, state: 'running', masked: false })
  })

  it('is neither enabled nor kept running where it runs to its end', () => {
    const spec = specOf({ file: 'once.service' })
    expect(spec).not.toHaveProperty('enabled')
    expect(spec).not.toHaveProperty('state')
  })

  it('has no state as a template, and as an instance comes after its template', () => {
    expect(specOf({ name: 'web@.service', file: 'static.service' })).not.toHaveProperty('state')
    const context = world({ 'Unit/web@.service': 'web@.service' })
    const instance = normalize({ name: 'web@1.service' }, context)
    expect(instance.uses).toEqual([{ kind: 'Unit', name: 'web@.service' }])
    expect(context.warnings).toEqual([
      ": a change of Unit/web@.service does not restart it; 'restartOn: [Unit/web@.service]' would",
    ])
  })

  it('of a package keeps its enabling as it is, and may have drop-ins', () => {
    const spec = normalize({ name: 'docker.service', dropIns: { '10-limits': 'limits.conf' } }).spec
    expect(spec).toMatchObject({ state: 'running', dropIns: { '10-limits.conf': LIMITS } })
    expect(spec).not.toHaveProperty('enabled')
    expect(spec).not.toHaveProperty('file')
  })

  it.each([
    [{ file: 'web.service', masked: true }, '/file: a masked unit has no file'],
    [{ masked: true, enabled: true }, '/enabled: a masked unit cannot be enabled'],
    [{ masked: true, state: 'running' as const }, '/state: a masked unit cannot run'],
    [{ name: 'web@.service', file: 'static.service', state: 'running' as const }, '/state: web@.service is a template'],
    [{ file: 'once.service', state: 'running' as const }, '/state: it runs to its end (Type=oneshot)'],
    [{ file: 'static.service', enabled: true }, '/enabled: there is nothing in its [Install] section'],
    [{ file: 'static.service', reloadOn: ['File/a'] }, '/reloadOn: it cannot reload'],
    [{ restartOn: ['File/a'], reloadOn: ['File/a'] }, "/reloadOn/0: 'File/a' restarts it already"],
    [{ file: 'empty.service' }, '/file: the file is empty: systemd takes that for masked'],
    [{ dropIns: { '../x': 'limits.conf' } }, "/dropIns: '../x' is no name of a drop-in"],
    [{ dropIns: { '-x': 'limits.conf' } }, "/dropIns: '-x' is no name of a drop-in"],
    [{ dropIns: { a: 'limits.conf', 'a.conf': 'limits.conf' } }, '/dropIns/a.conf: a.conf is declared twice'],
  ])('refuses %o', (written, message) => {
    expect(problem(written)).toContain(message)
  })

  it('warns of what systemd will say of its files, with the line', () => {
    const context = world()
    normalize({ file: 'bad.service' }, context)
    expect(context.warnings).toEqual([
      "/file: bad.service:4: Unknown key 'ExecStrat' in section [Service], ignoring.",
      '/file: bad.service:5: Unit uses MemoryLimit=; please use MemoryMax= instead. Support for MemoryLimit= will be removed soon.',
      '/file: bad.service:6: Failed to parse sec value, ignoring: 10 # seconds',
      "/file: bad.service:6: '# seconds' is part of the value: a comment stands on a line of its own",
      '/file: bad.service: Service has no ExecStart=, ExecStop=, or SuccessAction=. Refusing.',
    ])
  })

  it('at rest is stopped', () => {
    expect(unitKind.suspend(specOf())).toMatchObject({ state: 'stopped' })
  })
})

const SHOW = {
  LoadState: 'loaded',
  ActiveState: 'active',
  UnitFileState: 'enabled',
  NeedDaemonReload: 'no',
  InvocationID: 'one',
  ActiveEnterTimestamp: '@1000',
}
const wire = (more: Partial<WireUnit> = {}, show: Readonly<Record<string, string>> = {}): WireUnit => ({
  name: 'web.service',
  show: { ...SHOW, ...show },
  file: { text: FILE, changed: 500 },
  dropIns: {},
  ...more,
})
const record = (spec: UnitSpec, more: Partial<UnitRecord> = {}): UnitRecord => ({
  dropIns: Object.keys(spec.dropIns),
  program: spec.program,
  triggers: spec.triggers,
  invocation: 'one',
  ...more,
})
const paths = (spec: UnitSpec, live: WireUnit) =>
  unitKind.compare(spec, unitFromWire(live)).map(({ path, effect }) => [path, effect])

describe('a unit differs', () => {
  it('in nothing, when it was installed and started by hand as it is declared', () => {
    expect(paths(specOf(), wire())).toEqual([])
  })

  it('in its file, and needs no restart for a description or its [Install] section', () => {
    const text = FILE.replace('Description=web', '# why\nDescription=other').replace('multi-user', 'graphical')
    expect(paths(specOf(), wire({ file: { text, changed: 500 } }))).toEqual([['/file', 'none']])
  })

  it('in its file and in what runs, where that ran with another one', () => {
    const text = FILE.replace('/bin/web', '/bin/old')
    expect(paths(specOf(), wire({ file: { text, changed: 500 } }))).toEqual([
      ['/file', 'none'],
      ['/program/file', 'restart'],
    ])
  })

  it('in what runs, after a kill between its file and its restart', () => {
    const old = record({ ...specOf(), program: { file: 'digest of the old one', dropIns: {} } })
    const file = { text: FILE, changed: 2000 }
    expect(paths(specOf(), wire({ file, record: old }))).toEqual([['/program/file', 'restart']])
  })

  it.each(['@3000', 'Thu 1970-01-01 00:50:00 UTC'])(
    'in nothing after a reboot, which started it with what its files say: at %s',
    (ActiveEnterTimestamp) => {
      const old = record({ ...specOf(), program: { file: 'digest of the old one', dropIns: {} } })
      const rebooted = (changed: number) =>
        wire({ file: { text: FILE, changed }, record: old }, { InvocationID: 'two', ActiveEnterTimestamp })
      expect(paths(specOf(), rebooted(2999))).toEqual([])
      expect(paths(specOf(), rebooted(3001))).toEqual([['/program', 'restart']])
    },
  )

  it.each(['', '@0', 'n/a', 'Thu 1970-01-01 02:50:00 CET'])(
    'in what runs, where it is not known when it was started: %j',
    (ActiveEnterTimestamp) => {
      expect(paths(specOf(), wire({}, { ActiveEnterTimestamp }))).toEqual([['/program', 'restart']])
    },
  )

  it('in what runs, where nobody knows what it was started with', () => {
    expect(paths(specOf(), wire({ file: { text: FILE, changed: 1000 } }))).toEqual([['/program', 'restart']])
  })

  it('where systemd has not read its files again', () => {
    const live = wire({ record: record(specOf()) }, { NeedDaemonReload: 'yes' })
    expect(paths(specOf(), live)).toEqual([['/daemonReload', 'none']])
  })

  it('in a drop-in that is missing, edited, or no longer declared, but in none of others', () => {
    const spec = specOf({ dropIns: { limits: 'limits.conf' } })
    expect(paths(spec, wire())).toEqual([
      ['/dropIns/limits.conf', 'none'],
      ['/program/dropIns/limits.conf', 'restart'],
    ])
    const two = { 'limits.conf': { text: LIMITS, changed: 1 }, 'theirs.conf': { text: LIMITS, changed: 1 } }
    expect(paths(spec, wire({ dropIns: two }))).toEqual([])
    const ours = record(specOf({ dropIns: { limits: 'limits.conf' } }))
    expect(paths(specOf(), wire({ dropIns: two, record: ours }))).toEqual([
      ['/dropIns/limits.conf', 'none'],
      ['/program/dropIns/limits.conf', 'restart'],
    ])
  })

  it.each([
    ['inactive', 'running', [['/state', 'none']]],
    ['failed', 'running', [['/state', 'none']]],
    ['activating', 'running', []],
    ['active', 'stopped', [['/state', 'restart']]],
    ['failed', 'stopped', []],
    ['deactivating', 'stopped', []],
  ] as const)('when it is %s and should be %s: %o', (active, state, expected) => {
    expect(paths(specOf({ state }), wire({}, { ActiveState: active }))).toEqual(expected)
  })

  it('in its enabling, and in being masked', () => {
    expect(paths(specOf(), wire({}, { UnitFileState: 'disabled' }))).toEqual([['/enabled', 'none']])
    expect(paths(specOf(), wire({}, { UnitFileState: 'masked' }))).toEqual([['/masked', 'none']])
    expect(paths(specOf({ enabled: false }), wire({}, { UnitFileState: 'static' }))).toEqual([])
  })

  it('in a trigger, and reloads for those that say so', () => {
    const spec = {
      ...specOf({ restartOn: ['Artifact/web'], reloadOn: ['File/conf'] }),
      triggers: { 'app-1/Artifact/web': 'new', 'app-1/File/conf': 'new' },
    }
    const had = record(spec, { triggers: { 'app-1/Artifact/web': 'old', 'app-1/File/conf': 'old' } })
    expect(paths(spec, wire({ record: had }))).toEqual([
      ['/triggers/app-1~1Artifact~1web', 'restart'],
      ['/triggers/app-1~1File~1conf', 'reload'],
    ])
  })

  it('in no trigger where it was never started by us, or does not run', () => {
    const spec = { ...specOf(), triggers: { 'app-1/File/conf': 'new' } }
    expect(paths(spec, wire())).toEqual([])
    const had = record(spec, { triggers: {} })
    expect(paths(spec, wire({ record: had }, { ActiveState: 'inactive' }))).toEqual([['/state', 'none']])
  })

  it('in the restart that a person asks for, also where it has run to its end; not where it is to be stopped', () => {
    const asked = (more: Partial<UnitSpec>, show: Readonly<Record<string, string>> = {}) => {
      const { state: _, ...spec } = { ...specOf(), triggers: { operator: 'now' } }
      return paths({ ...spec, ...more }, wire({ record: record(specOf(), { triggers: {} }) }, show))
    }
    expect(asked({})).toEqual([['/triggers/operator', 'restart']])
    expect(asked({}, { ActiveState: 'inactive' })).toEqual([['/triggers/operator', 'restart']])
    expect(asked({ state: 'stopped' }, { ActiveState: 'inactive' })).toEqual([])
    expect(asked({ name: 'web@.service' }, { ActiveState: 'inactive' })).toEqual([])
  })
})

describe('a target', () => {
  it('needs no restart, for that would stop all that hangs on it', () => {
    const spec = specOf({ name: 'web.target', file: 'web.target' })
    const file = { text: '[Unit]\nDescription=all\nWants=x.service\n', changed: 2000 }
    expect(paths(spec, wire({ name: 'web.target', file, record: record(spec) }))).toEqual([['/file', 'none']])
  })
})

describe('what is done on the host', () => {
  const stepsOf = (spec: UnitSpec, live?: WireUnit) => unitToWire(spec, live && unitFromWire(live))

  it('installs, enables and starts what is not there', () => {
    expect(stepsOf(specOf({ dropIns: { limits: 'limits.conf' } }))).toEqual({
      files: [
        { path: '/etc/systemd/system/web.service', text: FILE },
        { path: '/etc/systemd/system/web.service.d/limits.conf', text: LIMITS },
      ],
      removed: [],
      daemonReload: true,
      systemctl: [
        ['reenable', '--', 'web.service'],
        ['start', '--', 'web.service'],
      ],
    })
  })

  it('is nothing where nothing differs', () => {
    expect(stepsOf(specOf(), wire())).toEqual({ files: [], removed: [], daemonReload: false, systemctl: [] })
  })

  it('restarts once, whatever it restarts for', () => {
    const spec = { ...specOf({ reloadOn: ['File/a'] }), triggers: { 'h/File/a': 'new' } }
    const live = wire({
      file: { text: FILE.replace('/bin/web', '/bin/old'), changed: 1 },
      record: record(spec, { triggers: {}, program: { file: 'old', dropIns: {} } }),
    })
    expect(stepsOf(spec, live).systemctl).toEqual([
      ['reenable', '--', 'web.service'],
      ['restart', '--', 'web.service'],
    ])
  })

  it('reloads where only that is due', () => {
    const spec = { ...specOf({ reloadOn: ['File/a'] }), triggers: { 'h/File/a': 'new' } }
    const live = wire({ record: record(spec, { triggers: {} }) })
    expect(stepsOf(spec, live).systemctl).toEqual([['reload', '--', 'web.service']])
  })

  it('takes away a drop-in that is no longer declared', () => {
    const spec = specOf({ dropIns: { limits: 'limits.conf' } })
    const live = wire({ dropIns: { 'limits.conf': { text: LIMITS, changed: 1 } }, record: record(spec) })
    expect(stepsOf(specOf(), live).removed).toEqual(['/etc/systemd/system/web.service.d/limits.conf'])
  })

  it('masks, and stops', () => {
    const spec = normalize({ name: 'web.service', masked: true }).spec
    expect(stepsOf(spec, wire()).systemctl).toEqual([
      ['mask', '--', 'web.service'],
      ['stop', '--', 'web.service'],
    ])
  })
})
