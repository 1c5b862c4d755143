import { describe, expect, it } from 'vitest'
import { runsNow } from '../../src/announce/incidents/runs.ts'
import type { AgentRun } from '../../src/model/agent.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { agentOf, ID } from '../runs/agents.ts'

const run = (hour: number, outcome: AgentRun['outcome'], more: Partial<AgentRun> = {}): AgentRun => ({
  ...{
    agent: 'web/digest',
    id: ID,
    tick: `2026-11-21T0${hour}:00:00.000Z`,
    outcome,
    message: 'exit code 3',
    lines: [],
  },
  ...more,
})

function found(...runs: readonly AgentRun[]) {
  const store = createMemoryStore()
  for (const one of runs) store.shelf<AgentRun>('run').put(`${one.id} ${one.tick}`, one, one.tick)
  return runsNow(store, [agentOf()])
}

describe('what chat is told of runs', () => {
  it('is the newest one that failed, with its last lines, and nothing when the next succeeded', () => {
    const failed = run(7, 'failed', { lines: ['read 3 mails', 'the key expired'] })
    expect(found(run(6, 'succeeded'), failed)).toEqual([
      {
        incident: {
          key: `run:${ID}`,
          type: 'run',
          severity: 'warning',
          app: 'web',
          title: 'web: the run of digest failed',
          lines: ['prod/Service/digest, due 2026-11-21 07:00Z: exit code 3', 'read 3 mails', 'the key expired'],
          command: 'swarmkeeper logs Agent/digest',
        },
        material: failed.tick,
      },
    ])
    expect(found(failed, run(8, 'succeeded'))).toEqual([])
  })

  it('stays while the next one runs, or is refused; one that fails again is news', () => {
    const [first] = found(run(7, 'failed'))
    expect(found(run(7, 'failed'), run(8, 'running'), run(9, 'refused'))).toEqual([first])
    const [again] = found(run(7, 'failed'), run(8, 'failed'))
    expect(again?.material).not.toBe(first?.material)
    expect(again?.incident.key).toBe(first?.incident.key)
  })

  it('is that one was missed, stopped or lost', () => {
    const titles = (['missed', 'stopped', 'unknown'] as const).map(
      (outcome) => found(run(7, outcome))[0]?.incident.title,
    )
    expect(titles).toEqual([
      'web: the run of digest was missed',
      'web: the run of digest was stopped',
      'web: the run of digest is lost: nobody knows how it ended',
    ])
  })

  it('is nothing of an agent that is not declared, or has no schedule any more', () => {
    const store = createMemoryStore()
    store.shelf<AgentRun>('run').put('x', run(7, 'failed'), '')
    const { schedule: _, ...endless } = agentOf()
    expect([...runsNow(store, []), ...runsNow(store, [endless])]).toEqual([])
  })
})
