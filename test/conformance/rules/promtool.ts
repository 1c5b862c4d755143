import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Said {
  readonly accepted: boolean
  /** Rules that it found, where it accepted them. */
  readonly rules: number
  /** Its words. */
  readonly complaints: readonly string[]
}

/** Why promtool cannot be asked; undefined: it can. */
export function missingPromtool(): string | undefined {
  const asked = spawnSync('promtool', ['--version'], { encoding: 'utf8', timeout: 20_000 })
  if (asked.status !== 0) return 'promtool is not installed (Debian package prometheus)'
  const version = /version (\d+\.\d+)/.exec(asked.stdout)?.[1]
  if (version !== '2.42') console.warn(`promtool is ${version}; these rules are those of 2.42`)
  return undefined
}

const AT_ONCE = 150
const SIDE_BY_SIDE = 2

/** What `promtool check rules` says of each text. */
export async function askPromtool(texts: readonly string[]): Promise<readonly Said[]> {
  const folder = mkdtempSync(join(tmpdir(), 'swarmkeeper-rules-'))
  try {
    const names = texts.map((text, index) => {
      const name = join(folder, `${index}.yml`)
      writeFileSync(name, text)
      return name
    })
    const batches = Array.from({ length: Math.ceil(names.length / AT_ONCE) }, (_, at) =>
      names.slice(at * AT_ONCE, (at + 1) * AT_ONCE),
    )
    return (await sideBySide(batches)).flat()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function sideBySide(batches: readonly (readonly string[])[]): Promise<readonly (readonly Said[])[]> {
  const said: (readonly Said[])[] = []
  const left = batches.entries()
  const worker = async (): Promise<void> => {
    for (const [index, names] of left) said[index] = await askBatch(names)
  }
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker))
  return said
}

async function askBatch(names: readonly string[]): Promise<readonly Said[]> {
  const { stdout, stderr } = await run(names)
  const said = names.map((name) => read(name, stdout, stderr))
  if (said.every((one) => one !== undefined)) return said
  // It died of one of them: each alone then.
  if (names.length > 1) return (await Promise.all(names.map((name) => askBatch([name])))).flat()
  return [{ accepted: false, rules: 0, complaints: [`it crashed: ${stderr.slice(0, 300)}`] }]
}

const run = (names: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string }> =>
  new Promise((resolve) => {
    const options = { encoding: 'utf8', maxBuffer: 256 * 1024 * 1024, timeout: 300_000 } as const
    execFile('nice', ['promtool', 'check', 'rules', ...names], options, (_, stdout, stderr) =>
      resolve({ stdout, stderr }),
    )
  })

/** The part of the output that is about one file; undefined where there is none. */
function read(name: string, stdout: string, stderr: string): Said | undefined {
  const begin = stdout.indexOf(`Checking ${name}\n`)
  if (begin === -1) return undefined
  const next = stdout.indexOf('\nChecking ', begin + 1)
  const found = /SUCCESS: (\d+) rules found/.exec(stdout.slice(begin, next === -1 ? undefined : next))
  if (found) return { accepted: true, rules: Number(found[1]), complaints: [] }
  const complaints = stderr.split('\n').filter((line) => line.startsWith(`${name}: `))
  // Rules that stand there twice are its lint, which fails nothing unless it is told to.
  if (complaints.length > 0)
    return { accepted: false, rules: 0, complaints: complaints.map((one) => one.slice(name.length + 2)) }
  return stderr.includes('panic:') ? undefined : { accepted: true, rules: -1, complaints: ['lint alone'] }
}
