import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { changesOf } from '../../src/model/plan.ts'
import { type Lab, labPossible, requireLab } from '../lab/lab.mjs'
import { createDocuments } from '../support/documents.ts'
import { ask, createLiveFleet, type LiveFleet, type WrittenDocument } from '../support/live-fleet.ts'
import { createRecordingEngine, type RecordingEngine } from '../support/recording-engine/recording-engine.ts'

interface Call {
  readonly method: string
  readonly path: string
}

/** What an idle tick asks of a Swarm: one list of each type of object, and nothing else. */
const LISTS = ['/configs', '/networks', '/nodes', '/secrets', '/services', '/tasks'].map((path) => `GET ${path}`)

describe.skipIf(!labPossible())('what an idle tick costs', () => {
  let lab: Lab
  let recording: RecordingEngine
  const fleets: LiveFleet[] = []

  beforeAll(async () => {
    lab = await requireLab()
    recording = await createRecordingEngine()
  })
  afterAll(async () => {
    for (const fleet of fleets) await fleet.dispose()
    await recording?.dispose()
    await lab?.dispose()
  })

  const open = async (name: string, options: Parameters<typeof createLiveFleet>[2] = {}): Promise<LiveFleet> => {
    const fleet = await createLiveFleet(lab, name, options)
    fleets.push(fleet)
    return fleet
  }

  const filesOf = (
    count: number,
    fields: Parameters<ReturnType<typeof createDocuments>['service']>[2],
  ): Record<string, WrittenDocument[]> => {
    const { service } = createDocuments(lab)
    const appOf = (at: number): string => `app-${at % 3}`
    const files: Record<string, WrittenDocument[]> = {
      'apps/shared/shared.yaml': [
        { kind: 'Network', name: 'front', driver: 'overlay' },
        { kind: 'Config', name: 'motd', content: 'hello' },
        { kind: 'Secret', name: 'token', from: 'settings:TOKEN' },
      ],
    }
    for (let at = 0; at < count; at += 1) {
      files[`apps/${appOf(at)}/s${at}.yaml`] = [service(`s${at}`, 'app:1', fields)]
    }
    return files
  }

  const settings = 'secrets: { TOKEN: { value: "hush" } }'

  /** An idle tick of a running daemon: requests at the git server, calls at the engine, and how long it took. */
  const idle = async (fleet: LiveFleet, engine: { calls: readonly Call[]; forget(): void }) => {
    lab.git.forget()
    engine.forget()
    const began = performance.now()
    const outcome = await fleet.apply()
    const ms = performance.now() - began
    expect(new Set(outcome.apps.map((app) => app.outcome))).toEqual(new Set(['unchanged']))
    return {
      ms,
      git: lab.git.requests.map(({ kind }) => kind),
      calls: engine.calls.map(({ method, path }) => `${method} ${path}`).sort(),
    }
  }

  it('10 services on a real Swarm: one ref listing, one list call for each type of object, no write', async () => {
    const fleet = await open('ten', { settings })
    await fleet.commit(filesOf(10, { replicas: 1, networks: ['front'] }))
    const first = await fleet.apply()
    expect(first.apps.map(({ app, outcome }) => `${app} ${outcome}`).sort()).toContain('app-2 proven')
    const tick = await idle(fleet, lab.counter)
    // A listing in git's protocol v2: what the server can do, then the refs.
    expect(tick.git).toEqual(['refs', 'list'])
    expect(tick.calls).toEqual(LISTS)
    console.log(`idle tick, 10 services, real Swarm: ${tick.ms.toFixed(0)} ms`)
  })

  it('300 services: the same', async () => {
    const fleet = await open('three-hundred', { settings, endpoint: recording.url })
    await fleet.commit(filesOf(300, { resolve: 'never', keeper: { stableFor: '0s' } }))
    const began = performance.now()
    const first = await fleet.apply()
    console.log(`first apply, 300 services, recording engine: ${(performance.now() - began).toFixed(0)} ms`)
    expect(new Set(first.apps.map((app) => app.outcome))).toEqual(new Set(['proven']))
    expect(recording.matching('POST', '/services/create')).toHaveLength(300)
    const tick = await idle(fleet, recording)
    expect(tick.git).toEqual(['refs', 'list'])
    expect(tick.calls).toEqual(LISTS)
    expect(tick.ms).toBeLessThan(5_000)
    console.log(`idle tick, 300 services, recording engine: ${tick.ms.toFixed(0)} ms`)
  })

  it('a process that has just started asks two things more: which API, and which Swarm', async () => {
    const [ten] = fleets
    if (!ten) throw new Error('no fleet')
    await ten.restart()
    const tick = await idle(ten, lab.counter)
    expect(tick.git).toEqual(['refs', 'list'])
    expect(tick.calls).toEqual([...LISTS, 'GET /_ping', 'GET /info'].sort())
  })
  it('an offline plan asks no Swarm at all, and finds what changed', async () => {
    const [ten] = fleets
    if (!ten) throw new Error('no fleet')
    const { service } = createDocuments(lab)
    await ten.commit({
      'apps/app-0/s0.yaml': service('s0', 'app:1', { networks: ['front'], labels: { new: 'label' } }),
    })
    lab.counter.forget()
    const { apps } = await ten.engine.plan({ ...ask(), offline: true })
    expect(apps.flatMap(({ plan }) => changesOf(plan)).map(({ id, action }) => `${action} ${id}`)).toEqual([
      'update prod/Service/s0',
    ])
    expect(lab.counter.calls).toEqual([])
  })
})
