import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadCompose } from '../../../src/compose/load/load-compose.ts'
import type { ComposeSchemas } from '../../../src/compose/load/schema.ts'
import { formatProblem } from '../../../src/model/problem.ts'
import { stackConfig } from './docker-cli.ts'
import { stacksOf } from './folder.ts'
import { compareModel } from './judge.ts'
import { drawing, mutate } from './mutate.ts'

export interface MutationsInput {
  readonly seed: number
  /** Of each stack. */
  readonly each: number
  readonly folder: string
  readonly variables: Readonly<Record<string, string>>
  readonly schemas: ComposeSchemas
}

/** Mistakes in stack files: do we take and refuse the same ones as the docker CLI? Prints where not; 0 at 99 %. */
export async function runMutations(input: MutationsInput): Promise<number> {
  const draw = drawing(input.seed)
  const scratch = mkdtempSync(join(tmpdir(), 'swarmkeeper-mutations-'))
  const counts = { mutations: 0, rejected: 0, agree: 0, accepted: 0, model: 0 }
  for (const { name, files } of stacksOf(input.folder, input.variables)) {
    const original = readFileSync(files.paths[0] ?? '', 'utf8')
    for (let turn = 0; turn < input.each; turn++) {
      const mutation = mutate(original, draw)
      const path = join(scratch, name)
      writeFileSync(path, mutation.text)
      const docker = await stackConfig({ ...files, paths: [path] })
      const { model, problems } = loadMutation(path, mutation.text, {
        ...input,
        folder: scratch,
        variables: files.variables,
      })
      counts.mutations++
      if (docker.code !== 0) counts.rejected++
      const agree = (docker.code === 0) === (model !== undefined)
      const wrong = agree && model ? compareModel(model, docker.out) : []
      if (agree) counts.agree++
      if (agree && model) counts.accepted++
      if (agree && model && wrong.length === 0) counts.model++
      if (agree && wrong.length === 0) continue
      console.log(`${name}:${mutation.line} ${mutation.kind}: docker ${docker.code === 0 ? 'accepts' : 'refuses'} it`)
      const said = [...wrong, ...problems.map(formatProblem)].slice(0, 3).map((line) => `ours: ${line}`)
      const lines = mutation.text.split('\n').slice(Math.max(0, mutation.line - 3), mutation.line + 2)
      for (const line of [`docker: ${lastLine(docker.err)}`, ...said, ...lines.map((text) => `| ${text}`)]) {
        console.log(`  ${line}`)
      }
    }
  }
  rmSync(scratch, { recursive: true, force: true })
  const { mutations, rejected, agree, accepted, model } = counts
  console.log(`mutations=${mutations} rejected=${rejected} agree=${agree}/${mutations} model=${model}/${accepted}`)
  return agree >= mutations * 0.99 ? 0 : 1
}

const lastLine = (text: string): string => (text.trim().split('\n').at(-1) ?? '').slice(0, 300)

function loadMutation(path: string, text: string, { folder, schemas, variables }: MutationsInput) {
  const values = new Map(Object.entries({ HOME: '/root', ...variables }))
  return loadCompose({
    files: [{ path, content: Buffer.from(text) }],
    variables: { values, unset: 'blank' },
    readFile: () => undefined,
    folder,
    schemas,
  })
}
