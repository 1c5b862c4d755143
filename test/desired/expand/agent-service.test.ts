import { describe, expect, it } from 'vitest'
import type { ServiceSpec } from '../../../src/kinds/service/spec.ts'
import type { Desired } from '../../../src/model/desired.ts'
import { agents, expandAgents, idsOf } from './agent-world.ts'
import { problemsOf, wantedOf } from './expand-world.ts'

const DIGEST = `kind: Agent
name: digest
run: { service: { image: "registry.example:5000/digest:3" } }
`
const WHOLE = `kind: Agent
name: digest
description: Summarises the night
run:
  service:
    image: registry.example:5000/digest:3
    env: { TZ: UTC }
model: claude-sonnet-4-5
instructions: digest.md
tools: [search, mail.read]
env: { LOG_LEVEL: info }
`
const service = (desired: Desired): ServiceSpec => wantedOf(desired, 'prod/Service/digest').spec as ServiceSpec

describe('an agent that is a service', () => {
  it('says nothing to it that the agent does not say', () => {
    const desired = agents(DIGEST)
    expect(problemsOf(desired)).toEqual([])
    expect(idsOf(desired)).toEqual(['prod/Service/digest'])
    expect(service(desired)).toMatchObject({ env: { AGENT_NAME: 'digest' }, replicas: 1, configs: [] })
  })

  it('has its model, its tools and its environment as variables, and its instructions as a config', () => {
    const desired = agents(WHOLE, { 'digest.md': 'Be brief.' })
    expect(problemsOf(desired)).toEqual([])
    const [config = ''] = idsOf(desired)
    expect(config).toMatch(/^prod\/Config\/digest-instructions_[0-9a-f]{12}$/)
    const spec = service(desired)
    expect(spec.env).toEqual({
      AGENT_NAME: 'digest',
      AGENT_MODEL: 'claude-sonnet-4-5',
      AGENT_TOOLS: 'search,mail.read',
      AGENT_INSTRUCTIONS_FILE: '/run/agent/instructions.md',
      LOG_LEVEL: 'info',
      TZ: 'UTC',
    })
    expect(spec.configs).toMatchObject([{ name: config.split('/')[2], target: '/run/agent/instructions.md' }])
    expect(wantedOf(desired, 'prod/Service/digest').after).toEqual([config])
  })

  it('takes the variables as a list where its own are one', () => {
    const desired = agents(DIGEST.replace(':3"', ':3", env: [TZ=UTC, AGENT_NAME=digest]').concat('model: m\n'))
    expect(problemsOf(desired)).toEqual([])
    expect(service(desired).env).toEqual({ TZ: 'UTC', AGENT_NAME: 'digest', AGENT_MODEL: 'm' })
  })

  it('is the same service as before but for other instructions, which are another config', () => {
    const before = agents(WHOLE, { 'digest.md': 'Be brief.' })
    const after = agents(WHOLE, { 'digest.md': 'Be thorough.' })
    expect({ ...service(after), configs: [] }).toEqual({ ...service(before), configs: [] })
    expect(service(after).configs).not.toEqual(service(before).configs)
  })

  it('is listed with what runs of it, and with nothing else', () => {
    const [agent] = agents(WHOLE, { 'digest.md': 'Be brief.' }).agents
    expect(agent).toMatchObject({ key: 'agents/digest', ids: ['prod/Service/digest'], model: 'claude-sonnet-4-5' })
  })

  it('rests between the runs of its schedule', () => {
    const desired = agents(`${DIGEST}schedule: { cron: "0 7 * * *" }\n`)
    expect(problemsOf(desired)).toEqual([])
    expect(service(desired)).toMatchObject({ mode: 'replicated', replicas: 0 })
    expect(service(desired).suspended).toBeUndefined()
  })

  it('is named by others with its kind', () => {
    const other = 'kind: Service\nname: front\nimage: front:1\nkeeper: { dependsOn: [Agent/digest] }\n'
    const desired = expandAgents({ 'apps/agents/all.yaml': `${DIGEST}---\n${other}` })
    expect(problemsOf(desired)).toEqual([])
    expect(wantedOf(desired, 'prod/Service/front').after).toEqual(['prod/Service/digest'])
  })

  it('passes on how it is treated', () => {
    const keeper =
      'keeper: { drift: report, stableFor: 1s, checks: [{ tcp: { host: digest, port: 80 } }], moved: { from: night } }\n'
    const desired = agents(`${WHOLE}${keeper}`, { 'digest.md': 'Be brief.' })
    expect(problemsOf(desired)).toEqual([])
    const { handling } = wantedOf(desired, 'prod/Service/digest')
    expect(handling).toMatchObject({ drift: 'report', stableForMs: 1000, movedFrom: 'night' })
    expect(handling.checks).toMatchObject([{ name: 'digest check 1' }])
    const config = wantedOf(desired, idsOf(desired)[0] ?? '')
    expect(config.handling).toMatchObject({ drift: 'report', checks: [] })
    expect(config.handling.movedFrom).toBeUndefined()
  })
})

describe('where something of an agent stands', () => {
  it('is the line of its document, or nowhere for a default', () => {
    const desired = agents(WHOLE, { 'digest.md': 'Be brief.' })
    const { id } = wantedOf(desired, 'prod/Service/digest')
    const lineOf = (field: string) => desired.where?.(id, field)?.line
    expect(['image', 'env', 'configs', 'name', 'networks'].map(lineOf)).toEqual([6, 7, 9, 2, undefined])
  })

  it.each([
    ['an image that is none', WHOLE.replace('digest:3', '"DIGEST:3"'), ':6:12', 'reference'],
    [
      'instructions that are not there',
      WHOLE.replace('digest.md', 'digets.md'),
      ':9:15',
      "did you mean 'apps/agents/digest.md'",
    ],
  ])('is told of %s', (_, document, place, words) => {
    const [problem] = problemsOf(agents(document, { 'digest.md': 'Be brief.' }))
    expect(problem).toContain(`apps/agents/agent.yaml${place}`)
    expect(problem).toContain(words)
  })
})

describe('what contradicts itself is refused', () => {
  const refused = (document: string): readonly string[] => problemsOf(agents(document, { 'digest.md': 'Be brief.' }))

  it.each([
    ['in the run', WHOLE.replace('TZ: UTC', 'AGENT_MODEL: gpt'), 'run.service', ':7:25'],
    ['in a list', WHOLE.replace('{ TZ: UTC }', '[AGENT_MODEL=gpt]'), 'run.service', ':7:11'],
    ['taken away in the run', WHOLE.replace('TZ: UTC', 'AGENT_MODEL: null'), 'run.service', ':7:25'],
    ['in the environment', WHOLE.replace('LOG_LEVEL: info', 'AGENT_MODEL: gpt'), 'env', ':11:21'],
  ])('a variable that is said twice, %s: both places are named', (_, document, __, place) => {
    expect(refused(document)).toEqual([
      expect.stringMatching(
        new RegExp(
          `apps/agents/agent\\.yaml${place} .*AGENT_MODEL is said twice: here, and with another value by model \\(apps/agents/agent\\.yaml:8:8\\)`,
        ),
      ),
    ])
  })

  it.each([
    ['replicas', 'replicas: 2', 'leave the replicas out'],
    ['the mode of a job', 'mode: replicated-job', 'its schedule makes every run a job'],
    ['a task on every node', 'mode: global', 'not one on every node'],
    ['being started again when it ended', 'restart: { condition: any }', 'on-failure or none'],
  ])('a schedule, and %s', (_, run, words) => {
    const document = DIGEST.replace('digest:3"', `digest:3", ${run}`).concat('schedule: { cron: "0 7 * * *" }\n')
    expect(refused(document).join()).toContain(words)
  })

  it('a job without a schedule', () => {
    expect(refused(DIGEST.replace('digest:3"', 'digest:3", mode: global-job')).join()).toContain('is a Job')
  })

  it('a name that its instructions have no room for', () => {
    const long = WHOLE.replace('name: digest', `name: ${'d'.repeat(39)}`)
    expect(refused(long).join()).toContain('38 fit')
  })
})
