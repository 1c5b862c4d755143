import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
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
