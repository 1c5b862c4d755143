import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunKey, RunLook } from '../../src/model/agent.ts'
import type { Resource } from '../../src/model/resource.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import type { Runner } from '../../src/model/target.ts'
import { waitUntil } from '../lab/wait.mjs'

export interface RunnerWorld {
  readonly runner: Runner
  /** As another daemon has it: of another database, with nothing remembered. */
  readonly another: Runner
  /** An agent at rest that runs this line of sh; it is on its target. */
  agent(name: string, line: string): Promise<Resource>
  /** Until it has written something. */
  said(name: string): Promise<void>
  /** Does anything of it run, by what its place itself says? */
  runs(name: string): Promise<boolean>
  dispose(): Promise<void>
}

const { signal } = new AbortController()
const call = { signal, guard: async () => {}, reveal: async () => new Sensitive('') }

/** What every place that runs agents must do (src/model/target.ts, `Runner`). */
export function runnerConformance(name: string, make: () => Promise<RunnerWorld>): void {
  describe(`runs of agents: ${name}`, () => {
    let world: RunnerWorld
    beforeAll(async () => {
      world = await make()
    })
    afterAll(() => world?.dispose())

    const of = (agent: Resource, tick = '2026-11-21T07:00:00.000Z'): RunKey => ({ id: agent.id, tick })
    const look = (agent: Resource, run = of(agent)): Promise<RunLook> => world.runner.look(run, agent, call)
    const ended = async (agent: Resource, run = of(agent)) => {
      await waitUntil(`the end of ${run.id}`, async () => (await look(agent, run)).state === 'ended')
      return (await look(agent, run)) as Extract<RunLook, { state: 'ended' }>
    }

    it('is absent before it is started; runs once however often it is asked for, and ends with its last lines', async () => {
      const agent = await world.agent('once', 'echo hello; echo again')
      expect(await look(agent)).toEqual({ state: 'absent' })
      await world.runner.start(of(agent), agent, call)
      await world.another.start(of(agent), agent, call)
      const end = await ended(agent)
      expect(end).toMatchObject({ ok: true })
      await world.another.start(of(agent), agent, call)
      expect((await ended(agent)).startedAt).toBe(end.startedAt)
      expect(end.lines.filter((line) => line === 'hello' || line === 'again')).toEqual(['hello', 'again'])
      expect(Date.parse(end.endedAt)).toBeGreaterThanOrEqual(Date.parse(end.startedAt))
      // A time that went by while somebody else ran a later one is none to make up for.
      await world.another.start(of(agent, '2026-11-21T06:00:00.000Z'), agent, call)
      expect(await look(agent, of(agent, '2026-11-21T06:00:00.000Z'))).toEqual({ state: 'absent' })
    })

    it('runs again at its next time, and tells only of that', async () => {
      const agent = await world.agent('twice', 'read it </proc/sys/kernel/random/uuid; echo run-$it')
      await world.runner.start(of(agent), agent, call)
      const first = await ended(agent)
      const next = of(agent, '2026-11-21T08:00:00.000Z')
      await world.runner.start(next, agent, call)
      const second = await ended(agent, next)
      const said = (end: typeof first) => end.lines.filter((line) => line.startsWith('run-'))
      expect([said(first).length, said(second).length]).toEqual([1, 1])
      expect(said(second)).not.toEqual(said(first))
      await world.runner.clear(of(agent), call)
      expect(await look(agent)).toEqual({ state: 'absent' })
      expect((await look(agent, next)).state).toBe('ended')
    })

    it('tells that one failed, and with what', async () => {
      const agent = await world.agent('fails', 'echo "the key expired" >&2; exit 3')
      await world.runner.start(of(agent), agent, call)
      const end = await ended(agent)
      expect(end.ok).toBe(false)
      expect(end.message).toMatch(/3/)
      expect(end.lines.join('\n')).toContain('the key expired')
    })

    it('goes on until it is stopped, which gives its last lines, and stays known as started', async () => {
      const agent = await world.agent('long', 'trap "exit 0" TERM; echo begun; sleep 300 & wait')
      await world.runner.start(of(agent), agent, call)
      await waitUntil('the run', async () => (await look(agent)).state === 'running')
      expect(await world.another.look(of(agent), agent, call)).toMatchObject({ state: 'running' })
      const [listed] = (await world.runner.list(call)).filter(({ id }) => id === agent.id)
      if (listed) expect(listed).toEqual({ ...of(agent), digest: agent.digest })
      await world.said('long')
      expect(await world.runs('long')).toBe(true)
      expect((await world.runner.stop(of(agent), agent, call)).join('\n')).toContain('begun')
      await waitUntil('the end of all that runs of it', async () => !(await world.runs('long')))
      await waitUntil('its end', async () => (await look(agent)).state === 'ended')
      expect(await look(agent)).toMatchObject({ state: 'ended', ok: false })
      await world.another.start(of(agent), agent, call)
      expect(await look(agent)).toMatchObject({ state: 'ended', ok: false })
    })
  })
}
