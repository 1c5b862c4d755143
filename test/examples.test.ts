import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createRender } from '../src/engine/render.ts'
import { KINDS } from '../src/kinds/registry.ts'
import type { Desired } from '../src/model/desired.ts'
import { Sensitive } from '../src/model/sensitive.ts'
import type { Snapshot } from '../src/model/source.ts'
import type { Collaborators } from '../src/reconcile/engine.ts'
import { lookAtFleet } from '../src/reconcile/look.ts'
import { type PlannedApp, planApps } from '../src/reconcile/plan-apps.ts'
import { loadSettings } from '../src/settings/load-settings.ts'
import { readDirectory } from '../src/source/directory.ts'
import { createMemoryStore } from '../src/store/memory.ts'
import { createMemoryTarget } from '../src/targets/memory/memory-target.ts'
import { createMemoryWorld, type MemoryWorld } from '../src/targets/memory/world.ts'
import { createFakeClock } from './support/fake-clock.ts'

const FOLDER = 'examples'
const examples = readdirSync(FOLDER, { withFileTypes: true }).filter((entry) => entry.isDirectory())

/** What each example is warned of, and why it stays as it is. */
const WARNINGS: Readonly<Record<string, readonly string[]>> = {
  // Its supervisor enforces them.
  'hal-o-swarm': ['/policies'],
  // The definitions are those of another program, unchanged.
  orchestrator: ['/build_context', '/image', '/image'],
}

describe.each(examples.map(({ name }) => name))('the example %s', (name) => {
  const directory = join(FOLDER, name)

  it('is valid, and warned of nothing unexpected', async () => {
    const { problems } = await render(await readDirectory(directory))
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
    expect(problems.map(({ pointer }) => pointer).sort()).toEqual(WARNINGS[name] ?? [])
  })

  it('is planned: everything in it would be created, nothing is held, and nothing is written', async () => {
    const snapshot = await readDirectory(directory)
    const desired = await render(snapshot)
    const world = worldOf(desired)
    const planned = await planOf(snapshot, world)
    const changes = planned.flatMap(({ plan }) => plan.stages.flatMap((stage) => stage.changes))
    const wanted = [...desired.apps.values()].flatMap((app) => app.wanted)
    expect(changes.map(({ action, id }) => `${action} ${id}`).sort()).toEqual(
      wanted.map(({ id }) => `create ${id}`).sort(),
    )
    expect(planned.flatMap(({ plan, guards }) => [...plan.held, ...guards])).toEqual([])
    expect(world.writes).toEqual([])
  })

  it('has settings that can be used', () => {
    const env = { SWARMKEEPER_KEY: KEY.toString('hex'), GIT_TOKEN: 'token', REGISTRY_PASSWORD: 'password' }
    const loaded = loadSettings({ file: join(directory, 'swarmkeeper.config.yaml'), env })
    const problems = 'problems' in loaded ? loaded.problems : loaded.warnings
    // The operator's files are on the operator's machine.
    expect(problems.filter(({ message }) => !message.includes('/etc/swarmkeeper/'))).toEqual([])
  })
})

const KEY = Buffer.from('2f4b1f7e6f0a5f1b9f86d0c4e35bb2a1c4b7d1e0f39a86427d55e0b1a9c8f763', 'hex')

const render = createRender({
  key: new Sensitive(KEY),
  secrets: new Map(
    ['DB_PASSWORD', 'MODEL_KEY', 'ZERG_SECRETS', 'AGENT_TOKEN'].map((name) => [name, new Sensitive('open sesame')]),
  ),
})

/** A world in memory in which nothing is yet, and whose registry knows the images. */
function worldOf({ apps }: Desired): MemoryWorld {
  const world = createMemoryWorld()
  for (const { kind, spec } of [...apps.values()].flatMap(({ wanted }) => wanted)) {
    const written = KINDS.get(kind)?.image?.written(spec)
    if (written !== undefined) world.images.set(written, { digest: `sha256:${'0'.repeat(64)}`, platforms: [] })
  }
  return world
}

async function planOf(snapshot: Snapshot, world: MemoryWorld): Promise<readonly PlannedApp[]> {
  const engine = collaboratorsOf(snapshot, world)
  const ask = { by: 'test', signal: new AbortController().signal, readOnly: true }
  return planApps(engine, await lookAtFleet(engine, ask), ask)
}

function collaboratorsOf(snapshot: Snapshot, world: MemoryWorld): Collaborators {
  return {
    install: 'examples',
    holder: 'the test',
    kinds: KINDS,
    store: createMemoryStore(),
    source: {
      resolve: async () => snapshot.revision,
      read: async () => snapshot,
      descends: async () => true,
      merged: async () => ({ conflicts: [] }),
      between: async () => [],
      dispose: async () => {},
    },
    clock: createFakeClock(),
    emit: () => {},
    random: () => 0.5,
    newId: () => 'attempt-1',
    openTarget: ({ name }) => createMemoryTarget({ name, install: 'examples', world, kinds: KINDS }),
    render,
    reveal: async (secret) => new Sensitive(secret),
    runCheck: async ({ name }) => ({ name, ok: true, message: 'ok' }),
    appsAtOnce: 4,
  }
}
