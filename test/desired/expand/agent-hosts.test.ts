import { describe, expect, it } from 'vitest'
import type { FileSpec } from '../../../src/kinds/file/spec.ts'
import type { ProgramSpec } from '../../../src/kinds/program/spec.ts'
import type { UnitSpec } from '../../../src/kinds/unit/spec.ts'
import type { Desired } from '../../../src/model/desired.ts'
import { agents, expandAgents, idsOf } from './agent-world.ts'
import { problemsOf, wantedOf } from './expand-world.ts'

const UNIT = '[Service]\nExecStart=/usr/local/bin/digest\nUser=digest\n[Install]\nWantedBy=multi-user.target\n'
const AGENT = `kind: Agent
name: digest
run: { unit: { hosts: [app-1], file: digest.service } }
model: claude-sonnet-4-5
instructions: digest.md
tools: [search]
env: { GREETING: "good morning" }
`
const FILES = {
  'digest.service': UNIT,
  'digest.md': 'Be brief.\n',
  'otherwise.service': UNIT.replace('User', 'Environment=TZ=UTC "AGENT_MODEL=gpt"\nUser'),
  'limits.conf': '[Service]\nMemoryMax=1G\n',
}
const SCHEDULE = 'schedule: { cron: "0 7 * * *" }\n'

const unit = (desired: Desired): UnitSpec => wantedOf(desired, 'app-1/Unit/digest.service').spec as UnitSpec
const text = (desired: Desired, path: string): string => {
  const { content } = wantedOf(desired, `app-1/File/${path}`).spec as FileSpec
  return content && 'base64' in content ? Buffer.from(content.base64, 'base64').toString() : ''
}

describe('an agent that is a unit', () => {
  const desired = agents(AGENT, FILES)

  it('reads what it is told from files in a folder of its own', () => {
    expect(problemsOf(desired)).toEqual([])
    expect(idsOf(desired)).toEqual([
      'app-1/Directory//etc/agent-digest',
      'app-1/File//etc/agent-digest/agent.env',
      'app-1/File//etc/agent-digest/instructions.md',
      'app-1/Unit/digest.service',
    ])
    expect(text(desired, '/etc/agent-digest/instructions.md')).toBe('Be brief.\n')
    expect(text(desired, '/etc/agent-digest/agent.env').split('\n')).toEqual([
      'AGENT_NAME=digest',
      'AGENT_MODEL=claude-sonnet-4-5',
      'AGENT_TOOLS=search',
      'AGENT_INSTRUCTIONS_FILE=/etc/agent-digest/instructions.md',
      'GREETING="good morning"',
      '',
    ])
    expect(unit(desired)).toMatchObject({
      file: UNIT,
      dropIns: { '10-agent.conf': '[Service]\nEnvironmentFile=/etc/agent-digest/agent.env\n' },
      state: 'running',
      enabled: true,
    })
  })

  it('comes after its files, and restarts for them', () => {
    const { after, spec } = wantedOf(desired, 'app-1/Unit/digest.service')
    const files = ['app-1/File//etc/agent-digest/agent.env', 'app-1/File//etc/agent-digest/instructions.md']
    expect(after).toEqual(expect.arrayContaining(files))
    expect(Object.keys((spec as UnitSpec).triggers)).toEqual([
      'app-1/File/digest-variables',
      'app-1/File/digest-instructions',
    ])
    expect(wantedOf(desired, files[0] ?? '').after).toEqual(['app-1/Directory//etc/agent-digest'])
  })

  it('says of each value where it was written, or that nobody wrote it', () => {
    const lines = (id: string, ...fields: readonly string[]) =>
      fields.map((field) => desired.where?.(wantedOf(desired, id).id, field)?.line)
    expect(lines('app-1/Unit/digest.service', 'file', 'dropIns', 'enabled')).toEqual([3, 3, undefined])
    expect(lines('app-1/File//etc/agent-digest/instructions.md', 'content', 'path', 'mode')).toEqual([5, 2, undefined])
    expect(lines('app-1/File//etc/agent-digest/agent.env', 'content')).toEqual([4])
    const scheduled = agents(`${AGENT}${SCHEDULE}`, FILES)
    expect(scheduled.where?.(wantedOf(scheduled, 'app-1/Unit/digest.service').id, 'state')?.line).toBe(8)
  })

  it('has its variables to itself, and leaves no folder behind', () => {
    expect(wantedOf(desired, 'app-1/File//etc/agent-digest/agent.env').spec).toMatchObject({ mode: '0600' })
    expect(wantedOf(desired, 'app-1/Directory//etc/agent-digest').handling.prune).toBe('allow')
    const kept = agents(`${AGENT}keeper: { prune: keep }\n`, FILES)
    expect(wantedOf(kept, 'app-1/Directory//etc/agent-digest').handling.prune).toBe('keep')
  })

  it('stands on each of its hosts, and what restarts for it waits for all of them', () => {
    const everywhere = AGENT.replace('[app-1]', '{ role: agent }')
    const other = 'kind: Unit\nname: front.service\nhosts: [app-1]\nfile: digest.service\nrestartOn: [Agent/digest]\n'
    const service = 'kind: Service\nname: web\nimage: web:1\nkeeper: { dependsOn: [Agent/digest] }\n'
    const both = agents(`${everywhere}---\n${other}---\n${service}`, FILES)
    expect(problemsOf(both)).toEqual([])
    expect(both.agents[0]?.ids).toEqual(['app-1/Unit/digest.service', 'app-2/Unit/digest.service'])
    expect(wantedOf(both, 'app-1/Unit/front.service').after).toContain('app-1/Unit/digest.service')
    expect(wantedOf(both, 'app-1/Unit/front.service').after).not.toContain('app-2/Unit/digest.service')
    expect(wantedOf(both, 'prod/Service/web').after).toEqual(both.agents[0]?.ids)
  })

  it('is known by its name of before, with or without the type of a unit', () => {
    for (const from of ['night', 'night.service']) {
      const renamed = agents(`${AGENT}keeper: { moved: { from: ${from} } }\n`, FILES)
      expect(problemsOf(renamed)).toEqual([])
      expect(wantedOf(renamed, 'app-1/Unit/digest.service').handling.movedFrom).toBe('night.service')
    }
  })

  it('is stopped, and does not start at boot, where it has a schedule', () => {
    const scheduled = agents(`${AGENT}${SCHEDULE}`, FILES)
    expect(problemsOf(scheduled)).toEqual([])
    expect(unit(scheduled)).toMatchObject({ state: 'stopped', enabled: false })
  })

  it.each([
    ['a state', 'state: running', UNIT, ':3:', 'leave the state out'],
    ['starting at boot', 'enabled: true', UNIT, ':3:', 'not at boot'],
    [
      'being started for ever',
      '',
      UNIT.replace('User', 'Restart=always\nUser'),
      ':3:',
      'Restart=always: a run of its schedule would never end',
    ],
  ])('a schedule, and %s, is refused', (_, run, file, place, words) => {
    const document = AGENT.replace('digest.service }', `digest.service, ${run} }`).concat(SCHEDULE)
    const problems = problemsOf(agents(document, { ...FILES, 'digest.service': file }))
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(`apps/agents/agent.yaml${place}`)
    expect(problems[0]).toContain(words)
  })

  it.each([
    ['a name that no variable can have', AGENT.replace('GREETING', 'GOOD-MORNING'), ':7:'],
    [
      'a drop-in in the place of ours',
      AGENT.replace('digest.service }', 'digest.service, dropIns: { 10-agent: limits.conf } }'),
      ':3:',
    ],
    ['a unit file that is not there', AGENT.replace('digest.service', 'other.service'), ':3:'],
    ['a variable that its unit says otherwise', AGENT.replace('digest.service', 'otherwise.service'), ':3:'],
    ['a host that is not there', AGENT.replace('[app-1]', '[app-9]'), ':3:'],
  ])('%s is told at its line, once', (_, document, place) => {
    const problems = problemsOf(agents(document, FILES))
    expect(problems.map((problem) => problem.includes(`apps/agents/agent.yaml${place}`))).toEqual([true])
  })
})

const PROGRAM = AGENT.replace(
  'unit: { hosts: [app-1], file: digest.service }',
  'program: { hosts: [app-1], command: /usr/local/bin/digest }',
)
const CONF = '[program:digest]\ncommand=/usr/local/bin/digest\nenvironment=TZ="UTC",\n  LANG="C"\nautostart=true\n'
const BY_CONF = PROGRAM.replace('command: /usr/local/bin/digest', 'conf: digest.conf')
const program = (desired: Desired): ProgramSpec => wantedOf(desired, 'app-1/Program/digest').spec as ProgramSpec
const VARIABLES =
  'AGENT_NAME="digest",AGENT_MODEL="claude-sonnet-4-5",AGENT_TOOLS="search",AGENT_INSTRUCTIONS_FILE="/etc/agent-digest/instructions.md",GREETING="good morning"'

describe('an agent that is a program', () => {
  it('has its variables in its environment, and its instructions beside it', () => {
    const desired = agents(PROGRAM, FILES)
    expect(problemsOf(desired)).toEqual([])
    expect(idsOf(desired)).toEqual([
      'app-1/Directory//etc/agent-digest',
      'app-1/File//etc/agent-digest/instructions.md',
      'app-1/Program/digest',
    ])
    expect(program(desired).file).toBe(`[program:digest]\ncommand=/usr/local/bin/digest\nenvironment=${VARIABLES}\n`)
    expect(Object.keys(program(desired).triggers)).toEqual(['app-1/File/digest-instructions'])
  })

  it('has no folder without instructions', () => {
    const desired = agents(PROGRAM.replace('instructions: digest.md\n', ''))
    expect(idsOf(desired)).toEqual(['app-1/Program/digest'])
  })

  it('gets them into the file that it has, of which nothing else changes', () => {
    const desired = agents(BY_CONF, { ...FILES, 'digest.conf': CONF })
    expect(problemsOf(desired)).toEqual([])
    expect(program(desired).file).toBe(CONF.replace('environment=TZ', `environment=${VARIABLES},TZ`))
  })

  it('means a percent sign as it is written', () => {
    const desired = agents(PROGRAM.replace('good morning', '100 %'))
    expect(program(agents(PROGRAM.replace('good morning', '100 %'), FILES)).file).toContain('GREETING="100 %%"')
    expect(problemsOf(desired)).toHaveLength(1)
  })

  it('may run or not where it has a schedule, and is started by nothing else', () => {
    for (const [document, files] of [
      [PROGRAM, FILES],
      [BY_CONF, { ...FILES, 'digest.conf': CONF.replace('autostart=true\n', '') }],
    ] as const) {
      const desired = agents(`${document}${SCHEDULE}`, files)
      expect(problemsOf(desired)).toEqual([])
      const { groups, file, triggers } = program(desired)
      expect(groups.digest?.processes).toEqual({ digest: 'any' })
      expect(file).toMatch(/^autostart=false$/m)
      expect(file).toMatch(/^autorestart=false$/m)
      expect(file).toMatch(/^startsecs=0$/m)
      expect(triggers).toEqual({})
    }
  })

  it.each([
    ['fields that start it', PROGRAM.replace('digest }', 'digest, autostart: true }'), CONF],
    ['a file that starts it', BY_CONF, CONF],
    ['a state', PROGRAM.replace('digest }', 'digest, state: running }'), CONF],
    ['being started again', PROGRAM.replace('digest }', 'digest, autorestart: unexpected }'), CONF],
  ])('a schedule, and %s, is refused', (_, document, conf) => {
    const problems = problemsOf(agents(`${document}${SCHEDULE}`, { ...FILES, 'digest.conf': conf }))
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(/^apps\/agents\/agent\.yaml:3:.*leave it out|leave the state out/)
  })

  it.each([
    ['fields', PROGRAM.replace('digest }', 'digest, environment: { AGENT_MODEL: gpt } }'), CONF],
    ['a file', BY_CONF, CONF.replace('LANG', 'AGENT_MODEL')],
  ])('a variable that is said twice, in %s, is refused', (_, document, conf) => {
    const problems = problemsOf(agents(document, { ...FILES, 'digest.conf': conf }))
    expect(problems.join()).toMatch(/apps\/agents\/agent\.yaml:3:.*AGENT_MODEL is said twice/)
  })

  it('must be one of the programs of its file', () => {
    const several = `${CONF.replace('digest]', 'a]')}${CONF.replace('digest]', 'b]')}`
    const problems = problemsOf(agents(BY_CONF, { ...FILES, 'digest.conf': several }))
    expect(problems.join()).toContain('several programs in it, and no [program:digest]')
  })
})

it('what an agent turns into is other resources: the ones go, the others come', () => {
  const before = idsOf(agents(AGENT, FILES))
  const after = idsOf(agents(PROGRAM, FILES))
  expect(before.filter((id) => !after.includes(id))).toEqual([
    'app-1/File//etc/agent-digest/agent.env',
    'app-1/Unit/digest.service',
  ])
  expect(after.filter((id) => !before.includes(id))).toEqual(['app-1/Program/digest'])
})

it('an agent is declared once in an app, whatever runs of it', () => {
  const problems = problemsOf(agents(`${AGENT}---\n${PROGRAM}`, FILES))
  expect(problems.filter((problem) => problem.includes('Agent/digest is already declared'))).toHaveLength(1)
})

it('an agent with mistakes breaks its own app, and no other', () => {
  const desired = expandAgents({
    'apps/agents/agent.yaml': AGENT,
    'apps/web/web.yaml': 'kind: Service\nname: web\nimage: web:1\n',
  })
  expect(desired.apps.get('agents')?.broken).toBe(true)
  expect(desired.apps.get('web')?.broken).toBe(false)
})
