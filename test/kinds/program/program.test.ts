import { describe, expect, it } from 'vitest'
import { programFromWire } from '../../../src/kinds/program/from-wire.ts'
import { programKind } from '../../../src/kinds/program/kind.ts'
import type { ProgramSpec, WireProgram } from '../../../src/kinds/program/spec.ts'
import { programToWire } from '../../../src/kinds/program/to-wire.ts'
import type { Program } from '../../../src/model/written/program.ts'
import { contextOf, problemOf } from '../context.ts'

type Written = Partial<Omit<Program, 'kind' | 'hosts'>>
const normalize = (written: Written, conf = '', context = contextOf({ files: { 'w.conf': conf } })) =>
  programKind.normalize({ kind: 'Program', name: 'w', hosts: ['h'], ...written }, context).spec
const confOf = (conf: string, written: Written = {}) => normalize({ conf: 'w.conf', ...written }, conf)
const problem = (conf: string) => problemOf(() => confOf(conf))
const processesOf = (spec: ProgramSpec) =>
  Object.entries(spec.groups).map(([group, { processes }]) => [group, Object.keys(processes)])

describe('a program file', () => {
  it('is taken as it is, and its groups and processes are known', () => {
    const conf = '[program:a]\ncommand=/bin/a ; comment\nnumprocs=2\nprocess_name=%(program_name)s_%(process_num)02d\n'
    const spec = confOf(conf)
    expect(spec.file).toBe(conf)
    expect(processesOf(spec)).toEqual([['a', ['a_00', 'a_01']]])
  })

  it('groups programs', () => {
    const spec = confOf(
      '[program:a]\ncommand=a\n[program:b]\ncommand=b\n[program:c]\ncommand=c\n[group:g]\nprograms=a,b\n',
    )
    expect(processesOf(spec)).toEqual([
      ['c', ['c']],
      ['g', ['a', 'b']],
    ])
  })

  it.each([
    ['no section', "w.conf:1: File contains no section headers.\nfile: 'w.conf', line: 1\n'no section'"],
    ['[program:a]\nnonsense\n', "w.conf:1: Source contains parsing errors: 'w.conf'\n\t[line  2]: 'nonsense\\n'"],
    [
      '[program:a]\n=value\n more\n',
      "w.conf:1: Source contains parsing errors: 'w.conf'\n\t[line  2]: '=value\\n'\n\t[line  3]: ' more\\n'",
    ],
    [
      '[program:a]\nnumprocs=1\n',
      "w.conf:1: program section program:a does not specify a command in section 'program:a' (file: 'w.conf')",
    ],
    [
      '[program:a]\ncommand=a\nnumprocs=2\n',
      'w.conf:1: %(process_num) must be present within process_name when numprocs > 1',
    ],
    ['[program:a]\ncommand=a\nautostart=maybe\n', "w.conf:3: not a valid boolean value: 'maybe'"],
    ['[program:a]\ncommand=a\nstartsecs=soon\n', "w.conf:3: invalid literal for int() with base 10: 'soon'"],
    [
      '[program:a]\ncommand=a %(nope)s\n',
      "w.conf:2: Format string 'a %(nope)s' for 'program:a.command' contains names ('nope')",
    ],
    ['[program:a]\ncommand=a 100%\n', 'is badly formatted: incomplete format'],
    ['[program:a]\ncommand=a\nenvironment=A="x\n', 'w.conf:3: No closing quotation'],
    ['[program:a]\ncommand=a\nenvironment=A\n', "w.conf:3: Unexpected end of key/value pairs in value 'A'"],
    ['[group:g]\nprograms=nobody\n', '[group:g] names unknown program or fcgi-program nobody'],
    ['[program:a b]\ncommand=a\n', "w.conf:1: Invalid name: 'a b' because of character: ' '"],
    ['[eventlistener:l]\ncommand=l\n', '[eventlistener:l] section requires an "events" line'],
    ['[fcgi-program:f]\ncommand=f\n', '[fcgi-program:f] section requires a "socket" line'],
    [
      '[supervisord]\nloglevel=debug\n',
      'w.conf:1: a Program has program, group, eventlistener and fcgi-program sections',
    ],
    ['; nothing\n', 'there is no program in it'],
  ])('%j is refused as supervisord refuses it, with its line', (conf, message) => {
    expect(problem(conf)).toContain(message)
  })

  it('may lean on an environment that only the host knows', () => {
    expect(processesOf(confOf('[program:a]\ncommand=%(ENV_HOME)s/a --on %(host_node_name)s\n'))).toEqual([['a', ['a']]])
  })

  it('does not grow without bounds', () => {
    expect(problem('[program:a]\ncommand=a\nnumprocs=100000000\nprocess_name=%(process_num)d\n')).toContain(
      'no more than',
    )
  })
})

describe('an inline program', () => {
  it('is a file of its own', () => {
    const written = {
      command: '/bin/a --x',
      numprocs: 2,
      process_name: 'a_%(process_num)d',
      environment: { A: 'x y', B: 'say "hi" now' },
    }
    const spec = normalize(written)
    expect(spec.file).toBe(
      '[program:w]\ncommand=/bin/a --x\nnumprocs=2\nprocess_name=a_%(process_num)d\nenvironment=A="x y",B=\'say "hi" now\'\n',
    )
    expect(processesOf(spec)).toEqual([['w', ['a_0', 'a_1']]])
  })

  it.each([
    [{}, ": needs 'conf', or a 'command' of its own"],
    [{ command: 'a', conf: 'w.conf' }, "/command: 'conf' has all of it"],
    [{ command: 'a\n[program:evil]' }, '/command: a line break'],
    [{ command: 'sh -c "a ; b"' }, '/command: supervisord would take what begins with the ; or # for a comment'],
    [{ command: 'date +%s' }, '/command: a single % begins an expansion of supervisord: write %% for the sign itself'],
    [{ command: 'a', environment: { A: '%s' } }, '/environment/A: a single % begins an expansion of supervisord'],
    [{ command: 'a', environment: { A: `"` } }, "/environment/A: supervisord's format cannot hold"],
    [{ command: 'a', environment: { 'A=B,C': 'x' } }, "/environment/A=B,C: supervisord's format cannot hold"],
    [{ command: 'a', startsecs: 'soon' }, "/startsecs: invalid literal for int() with base 10: 'soon'"],
  ])('refuses %o', (written, message) => {
    expect(problemOf(() => normalize(written, 'x'))).toContain(message)
  })
})

const CONF = '[program:a]\ncommand=/bin/a\n[program:b]\ncommand=/bin/b\nautostart=false\n'
const spec = confOf(CONF)
const configs = Object.fromEntries(Object.entries(spec.groups).map(([name, { config }]) => [name, config]))
const RUNNING = [
  { group: 'a', name: 'a', statename: 'RUNNING' },
  { group: 'b', name: 'b', statename: 'STOPPED' },
]
const wire = (more: Partial<WireProgram> = {}): WireProgram => ({
  name: 'w',
  file: { text: CONF, changed: 500 },
  daemonStarted: 1000,
  processes: RUNNING,
  ...more,
})
const record = (more: object = {}) => ({ groups: configs, triggers: {}, daemonStarted: 1000, ...more })
const paths = (wanted: ProgramSpec, live: WireProgram) =>
  programKind.compare(wanted, programFromWire(live)).map(({ path, effect }) => [path, effect])

describe('a program differs', () => {
  it('in nothing, when supervisord was started with the file as it is', () => {
    expect(paths(spec, wire())).toEqual([])
  })

  it('in its file and the one group that changed, an environment included', () => {
    const edited = confOf(CONF.replace('/bin/a\n', '/bin/a\nenvironment=A="1"\n'))
    expect(paths(edited, wire({ record: record() }))).toEqual([
      ['/file', 'none'],
      ['/groups/a', 'restart'],
    ])
  })

  it('in its group, after a kill between its file and its restart', () => {
    const old = record({ groups: { ...configs, a: 'digest of the old one' } })
    expect(paths(spec, wire({ file: { text: CONF, changed: 2000 }, record: old }))).toEqual([['/groups/a', 'restart']])
  })

  it('in its group, when somebody edited its file and added it again', () => {
    const file = { text: CONF.replace('/bin/a\n', '/bin/a\nenvironment=A="1"\n'), changed: 2000 }
    const [a, b] = RUNNING
    const since = (at: number) => [{ ...a, since: at }, b] as typeof RUNNING
    expect(paths(spec, wire({ record: record(), file, processes: since(1500) }))).toEqual([['/file', 'none']])
    expect(paths(spec, wire({ record: record(), file, processes: since(2001) }))).toEqual([
      ['/file', 'none'],
      ['/groups/a', 'restart'],
    ])
  })

  it('in its group, when it only crashed between our file and its restart', () => {
    const edited = confOf(CONF.replace('/bin/a\n', '/bin/a\nenvironment=A="1"\n'))
    const file = { text: edited.file, changed: 2000 }
    const processes = RUNNING.map((one) => ({ ...one, since: 2001 }))
    expect(paths(edited, wire({ record: record({ before: 'x' }), file, processes }))).toEqual([
      ['/groups/a', 'restart'],
    ])
  })

  it('in a group that is not there, after a kill between its removal and its adding', () => {
    expect(paths(spec, wire({ processes: RUNNING.slice(1), record: record() }))).toEqual([['/groups/a', 'none']])
  })

  it('in a group of which supervisord has read something else', () => {
    expect(paths(spec, wire({ changed: ['a'], record: record() }))).toEqual([['/groups/a', 'restart']])
  })

  it('in a group that was ours and is declared no longer', () => {
    const less = confOf('[program:a]\ncommand=/bin/a\n')
    expect(paths(less, wire({ record: record() }))).toEqual([
      ['/file', 'none'],
      ['/groups/b', 'restart'],
    ])
  })

  it.each([
    ['FATAL', undefined, [['/groups/a/processes/a', 'none']]],
    ['BACKOFF', undefined, [['/groups/a/processes/a', 'none']]],
    ['STOPPED', undefined, [['/groups/a/processes/a', 'none']]],
    ['EXITED', undefined, []],
    ['STARTING', undefined, []],
    ['RUNNING', 'stopped', [['/groups/a/processes/a', 'restart']]],
    ['FATAL', 'stopped', []],
  ] as const)('when a process is %s and its state is %s: %o', (statename, state, expected) => {
    const wanted = confOf(CONF, state ? { state } : {})
    const processes = RUNNING.map((process) => (process.name === 'a' ? { ...process, statename } : process))
    expect(paths(wanted, wire({ processes }))).toEqual(expected)
  })

  it('in a trigger, if it runs', () => {
    const wanted = { ...spec, triggers: { 'h/File/env': 'new' } }
    expect(paths(wanted, wire({ record: record({ triggers: { 'h/File/env': 'old' } }) }))).toEqual([
      ['/triggers/h~1File~1env', 'restart'],
    ])
    expect(paths(wanted, wire())).toEqual([])
  })

  it('in the restart that a person asks for, also where it has ended as it should', () => {
    const ended = RUNNING.map((process) => ({ ...process, statename: 'EXITED' }))
    const live = wire({ processes: ended, record: record() })
    expect(paths({ ...spec, triggers: { operator: 'now' } }, live)).toEqual([['/triggers/operator', 'restart']])
    expect(paths({ ...spec, triggers: { 'h/File/env': 'new' } }, live)).toEqual([])
    const stopped = programKind.suspend({ ...spec, triggers: { operator: 'now' } })
    expect(stopped && paths(stopped, live)).toEqual([])
  })
})

describe('what is done to supervisord', () => {
  const stepsOf = (wanted: ProgramSpec, live: WireProgram) => programToWire(wanted, programFromWire(live))

  it('is nothing where nothing differs', () => {
    expect(stepsOf(spec, wire())).toEqual({ removed: [], added: [], started: [], stopped: [] })
  })

  it('adds what is new, and starts what should run', () => {
    const live = { name: 'w', daemonStarted: 1000, processes: [] }
    expect(stepsOf(spec, live)).toEqual({ file: CONF, removed: [], added: ['a', 'b'], started: ['a:a'], stopped: [] })
  })

  it('takes out and adds again what runs with something else: nothing is changed in place', () => {
    const old = record({ groups: { ...configs, a: 'old' } })
    expect(stepsOf(spec, wire({ record: old }))).toMatchObject({ removed: ['a'], added: ['a'], started: ['a:a'] })
  })

  it('takes out what is declared no longer', () => {
    const less = confOf('[program:a]\ncommand=/bin/a\n')
    expect(stepsOf(less, wire({ record: record() }))).toMatchObject({ removed: ['b'], added: [] })
  })
})
