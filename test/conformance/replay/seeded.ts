import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { type Draw, drawing } from '../stacks/mutate.ts'
import { type Edited, edit, mistake } from './edits.ts'

export interface SeededInput {
  readonly seed: number
  readonly commits: number
  /** Edits in one commit, each of another stack. */
  readonly each: number
  /** Folder of stack files, with the files that they mention. */
  readonly stacks: string
  /** The bare repository to be made. */
  readonly repository: string
}

/** A stack with its place in the repository. */
interface Placed extends Edited {
  readonly path: string
}

const IS_STACK = /\.ya?ml$/

/** A git repository of stack files with a history of edits; the same seed gives the same one. */
export function makeSeededRepository(input: SeededInput): void {
  const draw = drawing(input.seed)
  const work = mkdtempSync(join(tmpdir(), 'swarmkeeper-seeded-'))
  const git = (...words: readonly string[]): Buffer => execFileSync('git', ['-C', work, ...IDENTITY, ...words])
  try {
    git('init', '-q', '-b', 'main')
    let stacks = placed(input.stacks)
    const commit = (message: string): void => {
      git('add', '-A')
      git('commit', '-q', '--allow-empty', '-m', message)
    }
    for (const stack of stacks) write(stack, work)
    commit('as they are')
    for (let at = 0; at < input.commits; at++) {
      stacks = oneCommit(stacks, { work, draw, each: input.each })
      commit(`edit ${at}`)
    }
    execFileSync('git', ['clone', '-q', '--bare', work, input.repository])
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

const IDENTITY = ['-c', 'user.name=seeded', '-c', 'user.email=seeded@example.test']

/** Each stack gets a folder of its own, so that what it mentions is its own as well. */
function placed(folder: string): readonly Placed[] {
  const all = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.replace(/\/$/, '').length + 1))
  const beside = all.filter((path) => path.includes('/'))
  const stacks = all.filter((path) => !path.includes('/') && IS_STACK.test(path)).sort()
  return stacks.map((name) => {
    const text = readFileSync(join(folder, name), 'utf8')
    const files = beside.filter((path) => text.includes(basename(path)))
    return {
      path: `stacks/${name.replace(IS_STACK, '')}/${name}`,
      text,
      files: new Map(files.map((path) => [path, readFileSync(join(folder, path), 'utf8')])),
    }
  })
}

function write({ path, text, files }: Placed, work: string): void {
  const folder = join(work, dirname(path))
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(work, path), text)
  for (const [file, content] of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), content)
  }
}

function oneCommit(
  stacks: readonly Placed[],
  { work, draw, each }: { readonly work: string; readonly draw: Draw; readonly each: number },
): readonly Placed[] {
  const next = [...stacks]
  for (let turn = 0; turn < each; turn++) {
    const at = draw(next.length)
    const stack = next[at]
    if (!stack) continue
    const die = draw(25)
    const changed = die === 0 ? renamed(stack, work, draw) : { ...stack, ...edit(stack, draw) }
    next[at] = changed
    write(die === 1 ? { ...changed, ...mistake(changed, draw) } : changed, work)
  }
  return next
}

function renamed(stack: Placed, work: string, draw: Draw): Placed {
  rmSync(join(work, stack.path))
  return { ...stack, path: stack.path.replace(/(-\d+)?(\.ya?ml)$/, `-${draw(100)}$2`) }
}
