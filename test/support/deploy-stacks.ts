import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { StackCase } from '../conformance/stacks/folder.ts'
import type { Lab } from '../lab/lab.mjs'
import { docker } from './docker.ts'

export interface DeployedStacks {
  /** Names of the stacks that the docker CLI deployed to its end. */
  readonly deployed: readonly string[]
  /** Why others were not. */
  readonly refused: ReadonlyMap<string, string>
}

/** Stack files as people have them, with an image of the lab in place of every other, deployed by the docker CLI. */
export async function deployStacks(lab: Lab, folder: string, stacks: readonly StackCase[]): Promise<DeployedStacks> {
  const copy = mkdtempSync(join(tmpdir(), 'swarmkeeper-stacks-'))
  cpSync(folder, copy, { recursive: true })
  // It serves, whatever command the stack has for the image that it was written for.
  await lab.registry.push('any:1', { entrypoint: ['/bin/app'] })
  const image = lab.registry.reference('any:1')
  const deployed: string[] = []
  const refused = new Map<string, string>()
  for (const { name, files } of stacks) {
    const paths = files.paths.map((path) => join(copy, basename(path)))
    for (const path of paths) writeFileSync(path, withImage(readFileSync(path, 'utf8'), image))
    const stack = name.replace(/\.ya?ml$/, '').replaceAll('.', '-')
    const why = await deploy(lab.dockerHost, stack, { paths, variables: files.variables })
    if (why === undefined) deployed.push(stack)
    else refused.set(stack, why)
  }
  rmSync(copy, { recursive: true, force: true })
  return { deployed, refused }
}

/** To the end of a line, or to the end of an item between braces. */
const IMAGE = /^(\s*image:\s*(?:[&!][\w-]+\s+)*)\S.*$|(\bimage:\s*)(?:"[^"]*"|'[^']*'|[^\s,}&]+)/gm

const withImage = (text: string, image: string): string =>
  text.replaceAll(IMAGE, (_, line: string | undefined, item: string | undefined) => `${line ?? item}${image}`)

const MISSING = /(network|secret|config)(?: "| not found: )([\w.-]+)/
const MOST_MISSING = 12

/** What is external is made when the CLI misses it; undefined: done. */
async function deploy(
  host: string,
  stack: string,
  { paths, variables }: StackCase['files'],
): Promise<string | undefined> {
  const words = ['stack', 'deploy', '--detach', ...paths.flatMap((path) => ['-c', path]), stack]
  let said = ''
  for (let attempt = 0; attempt < MOST_MISSING; attempt++) {
    said = await docker(host, words, { variables }).then(
      () => '',
      (error: unknown) => String(error instanceof Error && 'stderr' in error ? error.stderr : error),
    )
    if (said === '') return undefined
    const [, kind, name = ''] = /could not be found|not found: /.test(said) ? (MISSING.exec(said) ?? []) : []
    if (kind === undefined) break
    if (kind === 'network') await docker(host, ['network', 'create', '-d', 'overlay', name])
    else await docker(host, [kind, 'create', name, '-'], { input: `content of ${name}` })
  }
  return said.trim()
}
