import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FUNCTIONS } from '../../../src/targets/host/apply-script.ts'

/** Why the real systemd 252 cannot be asked, or undefined. */
export function missingSystemd(): string | undefined {
  const { status, stdout } = spawnSync('systemd-analyze', ['--version'], { encoding: 'utf8' })
  return status === 0 && /^systemd 252\b/.test(stdout) ? undefined : 'no systemd-analyze 252 on this machine'
}

/** A unit file under the name that it is to have. */
export interface Draft {
  readonly name: string
  readonly text: string
}

export interface Said {
  /** All that `systemd-analyze verify` prints of the file, as a person would ask it. */
  readonly byHand: readonly string[]
  /** What the script of the host target refuses it for; empty: it would be installed. */
  readonly byApply: readonly string[]
}

export interface Systemd {
  ask(draft: Draft): Promise<Said>
  close(): void
}

/** Drafts stand in a folder of their own, which is called HERE in what is said; nothing of the machine is written. */
export function startSystemd(): Systemd {
  const top = realpathSync(mkdtempSync(join(tmpdir(), 'units-')))
  let count = 0
  return { ask, close: () => rmSync(top, { recursive: true, force: true }) }

  async function ask({ name, text }: Draft): Promise<Said> {
    const folder = join(top, String(count++))
    mkdirSync(folder)
    writeFileSync(join(folder, name), text)
    const [byHand, byApply] = await Promise.all([
      printed(['systemd-analyze', 'verify', '--man=no', '--', join(folder, name)]),
      printed(['sh', '-c', `${FUNCTIONS}\nall=$1 work=$1.w coming=\nverify "$2"\n`, 'sh', folder, name]),
    ])
    for (const used of [folder, `${folder}.w`]) rmSync(used, { recursive: true, force: true })
    const here = (line: string) =>
      line.replaceAll(`${folder}.w`, 'HERE').replaceAll(folder, 'HERE').replaceAll('/etc/systemd/system/', 'HERE/')
    return { byHand: linesOf(byHand).map(here), byApply: linesOf(byApply).map(here) }
  }
}

const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '')

/** What it says on stderr. */
function printed([program = '', ...words]: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 30_000 })
    const parts: Buffer[] = []
    child.stderr.on('data', (part: Buffer) => void parts.push(part))
    child.on('error', reject)
    child.on('close', () => resolve(Buffer.concat(parts).toString('utf8')))
  })
}
