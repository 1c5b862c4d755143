import { describe, expect, it } from 'vitest'
import { composeSchemas } from '../../../src/compose/load/schema.ts'
import { loadComposeSchemas } from '../../../src/lib/load-schemas.ts'
import { RECORDED_FOLDER, readRecord, type StackRecord, stacksOf } from './folder.ts'
import { judge, type Verdict } from './judge.ts'

const FOLDER = 'test/conformance/stacks/own'
const EXPECTED = `${FOLDER}.expected`
const options = { schemas: composeSchemas(loadComposeSchemas()), folder: FOLDER, recordedFolder: RECORDED_FOLDER }

const SAME: Verdict = { accept: [], model: [], services: [], networks: [] }
const stacks = stacksOf(FOLDER, {})

function recorded(name: string): StackRecord {
  const record = readRecord(EXPECTED, name)
  if (!record) throw new Error(`${name} was not recorded: npm run conformance -- ${FOLDER} ${EXPECTED} --record`)
  return record
}

describe('stack files of our own mean what the docker CLI 28.2.2 makes of them', () => {
  it.each(stacks)('$name', (stack) => {
    const { expanded, ...verdict } = judge(stack, recorded(stack.name), options)
    expect(verdict).toEqual(SAME)
    // What Docker deploys goes through a whole repository; what it accepts and then refuses to deploy is an error there.
    if (recorded(stack.name).accepted) expect(expanded).toBe(!stack.name.startsWith('refused-'))
  })

  it('more than forty are accepted, and some are refused', () => {
    const accepted = stacks.filter(({ name }) => recorded(name).accepted).length
    expect(accepted).toBeGreaterThan(70)
    expect(stacks.length - accepted).toBeGreaterThan(20)
  })
})

describe('a difference is found', () => {
  const [stack] = stacks.filter(({ name }) => name === 'deploy-everything.yml')
  const changed = (change: (text: string) => string): Verdict => {
    if (!stack) throw new Error('deploy-everything.yml is gone')
    const record = recorded(stack.name)
    const requests = record.requests.map((request) => JSON.parse(change(JSON.stringify(request))))
    return judge(stack, { ...record, config: change(record.config ?? ''), requests }, options)
  }

  it.each([
    ['a label', /"traefik.enable":"true"/, '"traefik.enable":"false"'],
    ['a number', /"Replicas":6/, '"Replicas":7'],
    ['a duration', /"Monitor":90000000000/, '"Monitor":1'],
    ['a constraint', /node.labels.zone!=eu/, 'node.labels.zone==eu'],
    ['what was not sent by us', /"ForceUpdate":0/, '"ForceUpdate":0,"Other":1'],
  ])('in %s of a service', (_, from, to) => {
    const { services } = changed((text) => text.replace(from, to))
    expect(services).toHaveLength(1)
  })

  it('in the model, in a network, and in what is accepted', () => {
    expect(changed((text) => text.replace('order: start-first', 'order: stop-first')).model).toHaveLength(1)
    expect(changed((text) => text.replace('"Attachable":false', '"Attachable":true')).networks).toHaveLength(1)
    if (!stack) throw new Error('deploy-everything.yml is gone')
    expect(judge(stack, { ...recorded(stack.name), accepted: false }, options).accept).toEqual(['docker refuses it'])
  })
})
