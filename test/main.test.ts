import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BuiltProgram, buildProgram } from './support/built-program.ts'

let program: BuiltProgram
beforeAll(() => {
  program = buildProgram()
}, 60_000)
afterAll(() => program.remove())

const run = (...words: readonly string[]) => program.start(words).ended

test('the program says its version, and ends well', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  expect(await run('--version')).toMatchObject({ code: 0, out: `${version}\n`, err: '' })
})

test('a command without settings says what is missing and what to do, and no stack', async () => {
  const { code, out, err } = await run('--config', '/nowhere/swarmkeeper.config.yaml', 'plan')
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toContain('error: the settings cannot be used')
  expect(err).toContain('/nowhere/swarmkeeper.config.yaml:1:1 the settings cannot be read: ENOENT')
  expect(err).toContain('=> `swarmkeeper init` writes settings that work; --config names another file')
  expect(err).not.toMatch(/^\s+at /m)
})

test('what is long arrives whole in a pipe', () => {
  const folder = mkdtempSync(join(tmpdir(), 'swarmkeeper-long-'))
  mkdirSync(join(folder, 'apps/web'), { recursive: true })
  writeFileSync(join(folder, 'swarmkeeper.yaml'), 'kind: Fleet\nversion: 1\n')
  const wrong = (index: number) => `kind: Service\nname: a${index}\nimage: a\n${'x'.repeat(500)}: 1\n`
  for (let index = 0; index < 400; index += 1) writeFileSync(join(folder, `apps/web/${index}.yaml`), wrong(index))
  const validate = `'${process.execPath}' '${program.main}' validate --format json '${folder}'`
  const size = (script: string) => Number(execFileSync('sh', ['-c', script], { encoding: 'utf8' }))
  const whole = size(`${validate} >'${folder}/out'; wc -c <'${folder}/out'`)
  expect(whole).toBeGreaterThan(200_000)
  expect(size(`${validate} | wc -c`)).toBe(whole)
  rmSync(folder, { recursive: true })
})

describe('a daemon, and the commands that speak to it over its socket', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'swarmkeeper-daemon-'))
    const fleet = join(folder, 'fleet')
    mkdirSync(fleet)
    writeFileSync(join(fleet, 'swarmkeeper.yaml'), 'kind: Fleet\nversion: 1\n')
    const git = (...words: readonly string[]) =>
      execFileSync('git', ['-C', fleet, '-c', 'user.name=ana', '-c', 'user.email=ana@desk.test', ...words])
    git('init', '--quiet', '--initial-branch', 'main')
    git('add', '.')
    git('commit', '--quiet', '--message', 'nothing yet')
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const readyz = (): Promise<number> =>
    new Promise((resolve) => {
      get({ socketPath: join(folder, 'api.sock'), path: '/readyz' }, (answer) => {
        answer.resume()
        resolve(answer.statusCode ?? 0)
      }).once('error', () => resolve(0))
    })

  test('work without anything but the settings, and end well', async () => {
    const made = await run('token', '--name', 'ana', '--scope', 'admin')
    const lines = made.err.slice(made.err.indexOf('tokens:'))
    const settings = join(folder, 'settings.yaml')
    const written = `install: main
key: { value: '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f' }
repository: { url: file://${folder}/fleet, branch: main }
pollInterval: 1h
lockWait: 0s
database: ${folder}/swarmkeeper.db
listen: { address: 'unix:${folder}/api.sock' }
client: { url: 'unix:${folder}/api.sock', token: { value: ${made.out.trim()} } }
${lines}`
    writeFileSync(settings, written, { mode: 0o600 })
    const typed = (...words: readonly string[]) => run('--config', settings, ...words)

    expect((await typed('status')).err).toContain('does not answer: there is no such socket (ENOENT)')
    const daemon = program.start(['--config', settings, 'run'])
    try {
      while ((await readyz()) !== 200) await new Promise((resolve) => setTimeout(resolve, 50))
      expect(await typed('status')).toMatchObject({ code: 0, out: expect.stringContaining('no apps yet') })
      expect(await typed('reconcile', '--wait')).toMatchObject({ code: 0, out: expect.stringContaining('as desired') })
      expect(await typed('freeze', '--reason', 'tonight')).toMatchObject({ code: 0 })
      expect((await typed('status')).out).toMatch(/the fleet is frozen by \S+ \(token ana\): tonight/)
      expect(await typed('--local', 'apply')).toMatchObject({
        code: 1,
        err: expect.stringMatching(/is held by process \d+ .*a daemon is asked with --remote URL/s),
      })
    } finally {
      daemon.stop()
    }
    const { code, out } = await daemon.ended
    expect(code).toBe(0)
    expect(existsSync(join(folder, 'api.sock'))).toBe(false)
    const logged = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly msg: string })
    expect(logged.map(({ msg }) => msg)).toEqual(expect.arrayContaining(['ana: freeze: done', 'stopped']))
    expect(out).not.toContain(made.out.trim())
  })
})
