import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readUnitFile, refusalOfUnit } from '../../../src/kinds/unit/check-unit.ts'

const UNITS = '/lib/systemd/system'
const version = spawnSync('systemd-analyze', ['--version'], { encoding: 'utf8' })
const is252 = version.status === 0 && /^systemd 252\b/.test(version.stdout)
if (!is252) console.warn('SKIPPED, what the real systemd says of mutated units: no systemd-analyze 252')

const TYPES = ['service', 'socket', 'timer', 'path', 'target']

function randomOf(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    return (state >> 8) % below
  }
}

/** What people write, and what they mistype. */
const LINES = [
  'ExecStart=/bin/true',
  'ExecStart=',
  'ExecStop=/bin/true',
  'ExecStrat=/bin/true',
  'Type=oneshot',
  'Type=dbus',
  'Type=nofity',
  'Restart=always',
  'Restart=on-fail',
  'KillMode=all',
  'RemainAfterExit=yes',
  'RemainAfterExit=maybe',
  'MemoryLimit=2G',
  'CPUShares=512',
  'MemoryMax=2G',
  'X-Mine=1',
  'OnCalendar=',
  'ListenStream=',
  'PathExists=',
  'no equals sign',
  '=value',
  '[Service]',
  '[Unit]',
  '[Install]',
  '[Timer]',
  '[Servce]',
  '[X-Mine]',
  '[Broken',
  '# comment',
  '  ; comment',
  'Description=goes on \\',
  'Wants=\\',
  'Foo\\',
  '',
]

function mutated(text: string, random: (below: number) => number): string {
  const lines = text.split('\n')
  for (let count = 1 + random(3); count > 0; count--) {
    const at = random(lines.length + 1)
    if (random(4) > 0) lines.splice(at, 0, LINES[random(LINES.length)] ?? '')
    else lines.splice(at, 1)
  }
  return lines.join('\n')
}

/** The complaints that we know of, by systemd's own words; those of values that we do not read are its own alone. */
const OURS =
  /Unknown (key|section)|Missing (=|'='|key name)|outside of section|Invalid section header|Refusing\.$|(type|specifier|kill mode specification), ignoring|please use (MemoryMax|CPUWeight|IO)/

describe.skipIf(!is252)('the real systemd', () => {
  const folder = is252 ? realpathSync(mkdtempSync(join(tmpdir(), 'units-'))) : ''
  const units = new Map<string, string>()

  beforeAll(() => {
    const random = randomOf(Number(process.env.SEED ?? 1))
    const names = readdirSync(UNITS).filter(
      (name) => TYPES.includes(name.split('.').at(-1) ?? '') && !name.includes('@'),
    )
    mkdirSync(folder, { recursive: true })
    for (let count = 0; count < 150; count++) {
      const name = names[random(names.length)] ?? ''
      const mutation = `mutation-${count}.${name.split('.').at(-1)}`
      // What a unit refers to would be loaded with it, and complained of.
      const text = readFileSync(join(UNITS, name), 'utf8').replace(
        /^(After|Before|Wants|Requires|Alias|Also)=.*\n/gm,
        '',
      )
      const apart = text.replace(/^BusName=.*/gm, `BusName=test.mutation${count}`)
      // An empty file masks its unit.
      units.set(mutation, mutated(apart, random) || 'X=1')
      writeFileSync(join(folder, mutation), units.get(mutation) ?? '')
    }
  })

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('complains of the same lines of mutated units, in the same words, and refuses the same', () => {
    const paths = [...units.keys()].map((name) => join(folder, name))
    const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...paths], { encoding: 'utf8' })
    const theirs = stderr
      .split('\n')
      .map((line) => line.replace(`${folder}/`, ''))
      .filter((line) => line.startsWith('mutation-') && OURS.test(line))
    const ours = [...units].flatMap(([name, text]) => complaintsOf(name, text))
    expect(byText(ours)).toEqual(byText(theirs))
    expect(theirs.length).toBeGreaterThan(50)
  })
})

const byText = (lines: readonly string[]): readonly string[] => [...new Set(lines)].sort()

function complaintsOf(name: string, text: string): readonly string[] {
  const type = name.split('.').at(-1) ?? ''
  const { complaints, assignments } = readUnitFile(text, type)
  const lines = complaints
    .filter(({ message }) => OURS.test(message))
    .map(({ line, message }) => `${name}:${line}: ${message}`)
  const refusal = complaints.some(({ fatal }) => fatal) ? undefined : refusalOfUnit(type, assignments)
  return refusal ? [...lines, `${name}: ${refusal}`] : lines
}
