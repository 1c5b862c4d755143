import { describe, expect, it } from 'vitest'
import type { Annotation, GitHubBody } from '../../src/model/message.ts'
import { githubWorld, SHA } from './github-world.ts'

const many = (count: number): readonly Annotation[] =>
  Array.from({ length: count }, (_, index) => ({
    path: 'apps/web.yaml',
    line: index + 1,
    level: 'failure',
    message: `problem ${index}`,
  }))

const annotations = (count: number, conclusion: 'success' | 'failure' = 'failure'): GitHubBody => ({
  type: 'annotations',
  sha: SHA('a'),
  name: 'swarmkeeper/main/lines',
  conclusion,
  summary: `${count} problems`,
  annotations: many(count),
})

describe('annotations', () => {
  it('are a check run of the commit with its conclusion', async () => {
    const { stub, say } = await githubWorld({ login: 'app' })
    expect(await say(annotations(2))).toMatchObject({ state: 'sent', ref: expect.any(String) })
    expect(stub.world.checkRuns).toEqual([
      expect.objectContaining({
        ...{ sha: SHA('a'), name: 'swarmkeeper/main/lines', status: 'completed', conclusion: 'failure' },
        summary: '2 problems',
        annotations: [
          ...['problem 0', 'problem 1'].map((message, index) => ({
            ...{ path: 'apps/web.yaml', annotation_level: 'failure', message },
            ...{ start_line: index + 1, end_line: index + 1 },
          })),
        ],
      }),
    ])
  })

  it('of which there are none say so, too', async () => {
    const { stub, say } = await githubWorld({ login: 'app' })
    await say(annotations(0, 'success'))
    expect(stub.world.checkRuns).toEqual([expect.objectContaining({ status: 'completed', conclusion: 'success' })])
  })

  it('of more than fifty are one check run, which concludes with the last of them', async () => {
    const { stub, say } = await githubWorld({ login: 'app' })
    await say(annotations(120))
    const [run] = stub.world.checkRuns
    expect(run?.annotations.map((one) => one.message)).toEqual(many(120).map((one) => one.message))
    const asked = stub.requests.filter((request) => request.operation.startsWith('checks/'))
    expect(asked.map((request) => (request.body as { status: string }).status)).toEqual([
      'in_progress',
      'in_progress',
      'completed',
    ])
  })

  it.each([
    ['the first part', 'checks/create', { kind: 'lost-answer' }],
    ['a later part', 'checks/update', { kind: 'lost-answer' }],
    ['a later part, which did not arrive', 'checks/update', { kind: 'reset' }],
    ['a later part, which GitHub put off', 'checks/update', { kind: 'secondary', seconds: 5 }],
  ] as const)('are all there once, though the answer to %s was not heard', async (_, operation, fault) => {
    const { stub, say, restarted, clock } = await githubWorld({ login: 'app' })
    stub.faults.plan({ fault, operation })
    expect(await say(annotations(120))).toMatchObject({ state: 'later' })
    await clock.sleep(5_000)
    expect(await restarted().say(annotations(120), { attempts: 1 })).toMatchObject({ state: 'sent' })
    expect(stub.world.checkRuns).toHaveLength(1)
    expect(stub.world.checkRuns[0]).toMatchObject({ status: 'completed', conclusion: 'failure' })
    expect(stub.world.checkRuns[0]?.annotations.map((one) => one.message)).toEqual(many(120).map((one) => one.message))
  })

  it('with a token are refused, with the reason: only Apps may write check runs', async () => {
    const { stub, say, github } = await githubWorld()
    expect(github.annotates).toBe(false)
    expect(await say(annotations(2))).toEqual({
      state: 'refused',
      message:
        'annotations of aaaaaaaaaaaa cannot be written with a token: only a GitHub App may; the comment names file and line, too',
    })
    expect(stub.requests).toEqual([])
  })
})
