import { type ChildProcess, spawn } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { contentsOf } from '../conformance/source.ts'
import { type BuiltModules, buildModules } from '../support/built-modules.ts'
import { createGitBench, ENGINES, type GitBench } from './support/sources.ts'

let built: BuiltModules
beforeAll(() => {
  built = buildModules(['source/git-source.ts'])
}, 60_000)
afterAll(() => built.remove())

/** Another process that resolves, and so fetches. */
function startProcess(bench: GitBench, engine: string): ChildProcess {
  const url = JSON.stringify(bench.server.url(bench.world.name))
  const script = `
    const { createGitSource } = await import(${JSON.stringify(pathToFileURL(built.path('source/git-source.ts')).href)})
    const options = { url: ${url}, branch: 'main', directory: ${JSON.stringify(bench.directory)}, gitBinary: '${engine}' }
    await createGitSource(options).resolve({ signal: new AbortController().signal })
  `
  return spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' })
}

/** Until the other process is at a point; the runner's time limit ends it otherwise. */
async function until(reached: () => boolean): Promise<void> {
  while (!reached()) await new Promise((resolve) => setImmediate(resolve))
}

it.each(ENGINES.flatMap((engine) => ['first', 'later'].map((fetch) => ({ engine, fetch }))))(
  'a process killed in the middle of its $fetch fetch does no harm to the next (git program: $engine)',
  async ({ engine, fetch }) => {
    const bench = await createGitBench(engine)
    const files = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`apps/a${n % 30}/f${n}.yaml`, `n: ${n}`]))
    if (fetch === 'later') {
      bench.world.commit({ 'a.yaml': 'a: 1' })
      await contentsOf(bench.source())
    }
    bench.world.commit(files)
    bench.server.fault = { on: 'POST', does: { stallAfter: 5_000 } }
    const other = startProcess(bench, engine)
    const ended = new Promise((resolve) => other.on('close', (_code, killedBy) => resolve(killedBy)))
    await until(() => bench.server.stalled > 0)
    other.kill('SIGKILL')
    expect(await ended).toBe('SIGKILL')
    bench.server.fault = undefined
    expect(await contentsOf(bench.source())).toEqual(files)
    await bench.close()
  },
)
