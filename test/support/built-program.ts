import { execFileSync, spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

export interface Ended {
  /** Undefined: it was killed. */
  readonly code: number | undefined
  readonly out: string
  readonly err: string
  readonly ms: number
}

interface Started {
  readonly ended: Promise<Ended>
  /** SIGKILL */
  kill(): void
  /** SIGTERM */
  stop(): void
}

/** The command line as a process of its own. */
export interface BuiltProgram {
  /** Path of its first module. */
  readonly main: string
  start(words: readonly string[]): Started
  remove(): void
}

const ROOT = resolve(import.meta.dirname, '../..')

/** Built like `npm run build`, but into a folder of this test alone: nobody builds it anew in the middle of a run. */
export function buildProgram(): BuiltProgram {
  const cache = join(ROOT, 'node_modules/.cache')
  mkdirSync(cache, { recursive: true })
  const directory = mkdtempSync(join(cache, 'swarmkeeper-program-'))
  const config = {
    extends: join(ROOT, 'tsconfig.build.json'),
    compilerOptions: { outDir: join(directory, 'dist'), rootDir: join(ROOT, 'src'), sourceMap: false, noCheck: true },
    include: [join(ROOT, 'src')],
  }
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(config))
  copyFileSync(join(ROOT, 'package.json'), join(directory, 'package.json'))
  symlinkSync(join(ROOT, 'schemas'), join(directory, 'schemas'))
  execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', directory], { timeout: 60_000 })
  const main = join(directory, 'dist/main.js')
  return {
    main,
    start: (words) => startProcess([main, ...words]),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}

/** The settings of a test are its own: what names the corpus and the lab is for the tests, not for the program. */
const environment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SWARMKEEPER_')))

function startProcess(words: readonly string[]): Started {
  const began = performance.now()
  const child = spawn(process.execPath, words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 150_000,
    env: environment(),
  })
  const texts = { out: '', err: '' }
  child.stdout.on('data', (chunk) => {
    texts.out += chunk
  })
  child.stderr.on('data', (chunk) => {
    texts.err += chunk
  })
  const ended = new Promise<Ended>((done, failed) => {
    child.once('error', failed)
    child.once('close', (code) => done({ ...texts, code: code ?? undefined, ms: performance.now() - began }))
  })
  return { ended, kill: () => void child.kill('SIGKILL'), stop: () => void child.kill('SIGTERM') }
}
