import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { COMMANDS } from '../../src/cli/program.ts'
import { ReconcileError } from '../../src/model/error.ts'
import { TODO_OF } from '../../src/model/todo.ts'
import { type } from './cli-world.ts'

const SRC = resolve(import.meta.dirname, '../../src')
const names = new Set(COMMANDS.map((spec) => spec.usage.split(' ')[0]))

/** In literals, not in comments, which may speak of what is yet to come: as code, after a colon, or alone. */
const NAMED = /(?:\\?`|: |')swarmkeeper ([a-z]+(?:-[a-z]+)*)(?=\\?`|'| \$\{| --| [A-Z]|$)/g

function said(): readonly (readonly [string, string])[] {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  return files.flatMap((file) =>
    readFileSync(join(SRC, file), 'utf8')
      .split('\n')
      .filter((line) => !/^\s*(\*|\/\*|\/\/)/.test(line))
      .flatMap((line) => [...line.matchAll(NAMED)])
      .map((match) => [file, match[1] ?? ''] as const),
  )
}

test('every command that a message names exists', () => {
  const unknown = said().filter(([, word]) => !names.has(word) && word !== 'on') // 'swarmkeeper on HOST': who holds a lease
  expect(unknown).toEqual([])
  expect(said().length).toBeGreaterThan(20)
})

test('every option that a message gives to a command is one that it has', () => {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  const wrong = files.flatMap((file) =>
    [
      ...readFileSync(join(SRC, file), 'utf8').matchAll(
        /swarmkeeper (apply|rebuild|rollback|plan|suspend)((?: [^\n]*)?)/g,
      ),
    ].flatMap(([line, name, rest = '']) => {
      const options = COMMANDS.find((spec) => spec.usage.split(' ')[0] === name)?.options ?? []
      const known = new Set([...options.map((option) => option.long), '--help', '--config'])
      return [...rest.matchAll(/--[a-z]+/g)]
        .filter(([flag]) => !known.has(flag))
        .map(([flag]) => `${file}: ${flag} in ${line}`)
    }),
  )
  expect(wrong).toEqual([])
})

test.each(Object.keys(TODO_OF) as (keyof typeof TODO_OF)[])(
  'an error of the reason %s says once what to do',
  async (reason) => {
    const refuse = async (): Promise<never> => {
      throw new ReconcileError(reason, { message: 'it was refused' })
    }
    const { err } = await type(['plan'], { engine: { plan: refuse } })
    expect(err).toBe(`error: it was refused\n  => ${TODO_OF[reason]}\n`)
  },
)
